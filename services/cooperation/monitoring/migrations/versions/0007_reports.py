"""Reports, findings and first information from when they came in; rows are made by the rules of the projection."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_reports"
down_revision = "monitoring_sanctions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "monitor_report",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("period_date", sa.Date(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.String(length=5), nullable=False),
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=True),
        sa.Column("known_date", sa.Date(), nullable=True),
        sa.Column("election_kind", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("party", "case_id"),
    )
    op.create_index("monitor_report_period", "monitor_report", ["party", "period_date"])
