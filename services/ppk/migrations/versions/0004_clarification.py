"""Questions of the examiner to clarify, and corrections."""

import sqlalchemy as sa
from alembic import op

revision = "ppk_0002_clarification"
down_revision = "ppk_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("clarification_number", "clarification_answer", "correction_number"):
        op.add_column("matter", sa.Column(name, sa.String(length=60), nullable=False, server_default=""))
    op.add_column("matter", sa.Column("clarification_date", sa.Date(), nullable=True))
