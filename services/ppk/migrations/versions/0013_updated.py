"""Indexes of matter: what changed since."""

from alembic import op

revision = "ppk_updated"
down_revision = "ppk_inaction"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("matter_updated", "matter", ["party", "updated", "id"])
