"""On which calendar a due date was counted, and the days for which an objection stopped its clock."""

import sqlalchemy as sa
from alembic import op

revision = "kasn_0006_due_dates"
down_revision = "kasn_0003_overseen"
branch_labels = None
depends_on = None


def upgrade() -> None:
    version = sa.Column("due_calendar", sa.String(length=60), nullable=False, server_default="")
    op.add_column("matter", version)
    op.add_column("matter", sa.Column("pauses", sa.JSON(), nullable=False, server_default="[]"))
