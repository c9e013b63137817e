"""Second recipient of an authority's reports, after the examiner's role passed on."""

import sqlalchemy as sa
from alembic import op

revision = "ppk_succession"
down_revision = "ppk_0003_overseen"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matter", sa.Column("reports_to", sa.String(length=40), nullable=False, server_default=""))
