"""Text of the pledge that was read at an act, and post of who read it; of acts of before neither is kept."""

import sqlalchemy as sa
from alembic import op

revision = "prevention_reading"
down_revision = "prevention_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("pledge", "read_by"):
        op.add_column(
            "prevention_report", sa.Column(name, sa.String(length=40), server_default="", nullable=False)
        )
