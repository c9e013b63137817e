"""Day of the event and employment, which decide the sanctions that there are."""

import sqlalchemy as sa
from alembic import op

revision = "ppk_0002_regime"
down_revision = "ppk_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matter", sa.Column("event_date", sa.Date(), nullable=True))
    op.add_column("matter", sa.Column("employment", sa.String(length=20), nullable=False, server_default=""))
