"""Claims of supervisors on this examiner's silence."""

import sqlalchemy as sa
from alembic import op

revision = "kasn_0007_claims"
down_revision = "kasn_0006_due_dates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "silence_claim",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("supervisor", sa.String(length=40), nullable=False),
        sa.Column("silence", sa.String(length=40), nullable=False),
        sa.Column("silence_date", sa.Date(), nullable=True),
        sa.Column("claim", sa.String(length=36), nullable=False),
        sa.Column("refuted_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
