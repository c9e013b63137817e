"""The personnel authority's tables."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "ppk_0001"
down_revision = None
branch_labels = ("ppk",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "matter",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("updated", Instant(), nullable=False),
        sa.Column("heard", sa.String(length=36), nullable=False),
        sa.Column("examiner", sa.String(length=40), nullable=False),
        sa.Column("letter_number", sa.String(length=60), nullable=False),
        sa.Column("letter_date", sa.Date(), nullable=True),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("family", sa.String(length=20), nullable=False),
        sa.Column("sanction_class", sa.String(length=40), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("report_number", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=5), nullable=False),
        sa.Column("register_number", sa.String(length=60), nullable=False),
        sa.Column("rejection_reason", sa.String(length=40), nullable=False),
        sa.Column("objection_number", sa.String(length=60), nullable=False),
        sa.Column("objection_date", sa.Date(), nullable=True),
        sa.Column("decree_number", sa.String(length=60), nullable=False),
        sa.Column("decree_date", sa.Date(), nullable=True),
        sa.Column("sanction", sa.String(length=40), nullable=False),
        sa.Column("follow_up_kind", sa.String(length=40), nullable=False),
        sa.Column("follow_up_number", sa.String(length=60), nullable=False),
        sa.Column("follow_up_date", sa.Date(), nullable=True),
        sa.Column("decree_digest", sa.String(length=64), nullable=False),
        sa.Column("verification", sa.String(length=40), nullable=False),
        sa.Column("impossibility", sa.String(length=40), nullable=False),
        sa.Column("withdrawal_reason", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("matter_case", "matter", ["party", "case_id"], unique=False)
    op.create_index("matter_state", "matter", ["party", "state"], unique=False)
    op.create_table(
        "used_number",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("party", "kind", "number"),
    )
