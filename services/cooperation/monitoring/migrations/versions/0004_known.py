"""The day on which a case first became known, for what rises; rows are made again by the rules of the projection."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_known"
down_revision = "monitoring_tally"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("monitor_case", sa.Column("known_date", sa.Date(), nullable=True))
    op.create_index("monitor_case_known", "monitor_case", ["party", "known_date"])
