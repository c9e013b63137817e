"""Orders to erase, and legal holds."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "erasure_0001"
down_revision = None
branch_labels = ("erasure",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order", sa.String(length=36), nullable=False),
        sa.Column("ordered_by", sa.String(length=40), nullable=False),
        sa.Column("heard_from", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.String(length=60), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("updated", Instant(), nullable=False),
        sa.Column("warrant", sa.Text(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("answer_times", sa.JSON(), nullable=False),
        sa.Column("emptied", sa.Integer(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("erasure_state", "erasure", ["state"], unique=False)
    op.create_table(
        "legal_hold",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=False),
        sa.Column("placed_by", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("place_date", sa.Date(), nullable=False),
        sa.Column("lift_date", sa.Date(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("legal_hold_target", "legal_hold", ["party", "target"], unique=False)
