"""The criminal track beside a case, for lists of cases; rows are made again by the rules of the projection."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_offences"
down_revision = "monitoring_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "monitor_case", sa.Column("offence_step", sa.String(length=20), nullable=False, server_default="")
    )
    op.add_column("monitor_case", sa.Column("offence_due_date", sa.Date(), nullable=True))
