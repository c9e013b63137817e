"""The vault: generations of the wrapping key, and what stays of a key that was destroyed."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "vault_0002"
down_revision = "vault_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_key", sa.Column("generation", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("data_key", sa.Column("destroyed", Instant(), nullable=True))
    op.create_index("data_key_destroyed", "data_key", ["destroyed"], unique=False)
    op.create_index("data_key_generation", "data_key", ["generation"], unique=False)
