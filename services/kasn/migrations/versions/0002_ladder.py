"""Rule of a due date, and the steps of a late recommendation."""

import sqlalchemy as sa
from alembic import op

revision = "kasn_ladder"
down_revision = "kasn_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matter", sa.Column("due_rule", sa.String(length=40), nullable=False, server_default=""))
    op.create_table(
        "ladder",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("letter_number", sa.String(length=60), nullable=False),
        sa.Column("reached", sa.JSON(), nullable=False),
        sa.Column("escalation_number", sa.String(length=60), nullable=False),
        sa.Column("silence", sa.String(length=40), nullable=False),
        sa.Column("silence_day", sa.Date(), nullable=True),
        sa.Column("claim", sa.String(length=36), nullable=False),
        sa.Column("refuted_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
