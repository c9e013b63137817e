"""Progress of the addressee's discipline procedure on a matter."""

import sqlalchemy as sa
from alembic import op

revision = "kasn_0004_discipline"
down_revision = "kasn_0002_examination"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("moved_to", 40), ("last_step", 20), ("appeal", 20), ("follow_up_kind", 40)):
        op.add_column("matter", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    for name in ("last_step_date", "appeal_date"):
        op.add_column("matter", sa.Column(name, sa.Date(), nullable=True))
    op.add_column("matter", sa.Column("open_measures", sa.JSON(), nullable=False, server_default="[]"))
