"""The category of a person's post, for figures; rows are made again by the rules of the projection."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_post"
down_revision = "monitoring_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("monitor_case", sa.Column("post", sa.String(length=20), nullable=False, server_default=""))
