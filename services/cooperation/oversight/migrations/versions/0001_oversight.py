"""The overseers' tables."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "oversight_0001"
down_revision = None
branch_labels = ("oversight",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watched",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("updated", Instant(), nullable=False),
        sa.Column("heard", sa.String(length=36), nullable=False),
        sa.Column("original", sa.String(length=36), nullable=False),
        sa.Column("examiner", sa.String(length=40), nullable=False),
        sa.Column("letter_number", sa.String(length=60), nullable=False),
        sa.Column("letter_date", sa.Date(), nullable=True),
        sa.Column("addressee", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("family", sa.String(length=20), nullable=False),
        sa.Column("sanction_class", sa.String(length=40), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("report_number", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=5), nullable=False),
        sa.Column("verification", sa.String(length=40), nullable=False),
        sa.Column("verified_date", sa.Date(), nullable=True),
        sa.Column("impossibility", sa.String(length=40), nullable=False),
        sa.Column("withdrawal_reason", sa.String(length=40), nullable=False),
        sa.Column("data_blocked", sa.Boolean(), nullable=False),
        sa.Column("block_number", sa.String(length=60), nullable=False),
        sa.Column("block_date", sa.Date(), nullable=True),
        sa.Column("block_office", sa.String(length=40), nullable=False),
        sa.Column("block_reason", sa.String(length=40), nullable=False),
        sa.Column("unblock_number", sa.String(length=60), nullable=False),
        sa.Column("unblock_date", sa.Date(), nullable=True),
        sa.Column("unblock_reason", sa.String(length=40), nullable=False),
        sa.Column("warning_number", sa.String(length=60), nullable=False),
        sa.Column("warning_date", sa.Date(), nullable=True),
        sa.Column("warning_due_date", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("watched_case", "watched", ["party", "case_id"], unique=False)
    op.create_index("watched_due", "watched", ["party", "due_date"], unique=False)
    op.create_table(
        "watched_number",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("party", "kind", "number"),
    )
