"""Counters of cases that are alike, by month; and indexes for what cases are often asked by."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_tally"
down_revision = "monitoring_post"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "monitor_tally",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("recommended", sa.Boolean(), nullable=False),
        sa.Column("followed_up", sa.Boolean(), nullable=False),
        sa.Column("on_time", sa.String(length=3), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("due_month", sa.Date(), nullable=False),
        sa.Column("since_month", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "party",
            "stage",
            "status",
            "recommended",
            "followed_up",
            "on_time",
            "answered",
            "blocked",
            "due_month",
            "since_month",
        ),
    )
    op.create_index("monitor_case_province", "monitor_case", ["party", "province"])
    op.create_index("monitor_case_agency", "monitor_case", ["party", "agency"])
    op.create_index("monitor_case_since", "monitor_case", ["party", "since_date"])
    open_ones = sa.text("followed_up_date IS NULL")
    op.create_index(
        "monitor_case_open",
        "monitor_case",
        ["party", "due_date", "matter"],
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
