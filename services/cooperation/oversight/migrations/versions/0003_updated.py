"""Indexes of watched: what changed since."""

from alembic import op

revision = "oversight_0003"
down_revision = "oversight_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("watched_updated", "watched", ["party", "updated", "id"])
