"""The origin of a case and the classes of its sanctions, for the published tables; rows are made again by the rules of the projection."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring_sanctions"
down_revision = "monitoring_election"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("origin", 10), ("recommended_class", 40), ("imposed_class", 40)):
        op.add_column(
            "monitor_case", sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        )
