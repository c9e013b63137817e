"""The decree that was verified, and the last act that annulled one."""

import sqlalchemy as sa
from alembic import op

revision = "oversight_0002"
down_revision = "oversight_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("decree_number", "annulment_number"):
        op.add_column("watched", sa.Column(name, sa.String(length=60), server_default="", nullable=False))
    op.add_column("watched", sa.Column("annulment_date", sa.Date(), nullable=True))
