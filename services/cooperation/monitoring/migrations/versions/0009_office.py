"""The offices of supervisor and examiner that have a case; rows are made again by the rules of the projection."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_office"
down_revision = "monitoring_offences"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("supervisor_office", "examiner_office"):
        op.add_column(
            "monitor_case", sa.Column(name, sa.String(length=20), nullable=False, server_default="")
        )
