"""The office of Bawaslu that has a report; rows are made again by the rules of the projection."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_report_office"
down_revision = "monitoring_office"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "monitor_report", sa.Column("office", sa.String(length=20), nullable=False, server_default="")
    )
