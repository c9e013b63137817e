"""Indexes of matter and intake: what changed since."""

from alembic import op

revision = "bawaslu_updated"
down_revision = "bawaslu_supervision"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("matter_updated", "matter", ["party", "updated", "id"])
    op.create_index("intake_updated", "intake", ["party", "updated", "id"])
