"""Indexes of matter: what changed since."""

from alembic import op

revision = "kasn_updated"
down_revision = "kasn_offices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("matter_updated", "matter", ["party", "updated", "id"])
