"""The day of the act and the kind of election, to derive a case's election; rows are made again by the rules of the projection."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_election"
down_revision = "monitoring_known"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("monitor_case", sa.Column("event_date", sa.Date(), nullable=True))
    op.add_column(
        "monitor_case", sa.Column("election_kind", sa.String(length=10), nullable=False, server_default="")
    )
