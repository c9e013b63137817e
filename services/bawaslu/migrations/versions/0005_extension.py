"""The letter by which a study took its longer limit."""

import sqlalchemy as sa
from alembic import op

revision = "bawaslu_0005_extension"
down_revision = "bawaslu_0004_silence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.Column("extension_number", sa.String(length=60), nullable=False, server_default="")
    op.add_column("intake", number)
    op.add_column("intake", sa.Column("extension_date", sa.Date(), nullable=True))
