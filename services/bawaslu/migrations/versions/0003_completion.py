"""Request of the examiner to complete a referral."""

import sqlalchemy as sa
from alembic import op

revision = "bawaslu_0002_completion"
down_revision = "bawaslu_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matter", sa.Column("missing", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "matter", sa.Column("completion_number", sa.String(length=60), nullable=False, server_default="")
    )
