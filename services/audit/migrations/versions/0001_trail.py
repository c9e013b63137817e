"""The trail's first tables. They have a `party` column each: a host keeps the logs of many parties."""

import sqlalchemy as sa
from alembic import op

from storage.types import ROW_ID, Instant

revision = "audit_0001"
down_revision = None
branch_labels = ("audit",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leaf",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("party", sa.String(40), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(36), nullable=False),
        sa.Column("matter", sa.String(36), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("author", sa.String(40), nullable=False),
        sa.Column("time", Instant(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("leaf_ref", "leaf", ["party", "ref"])
    op.create_index("leaf_matter", "leaf", ["party", "matter"])
    op.create_index("leaf_time", "leaf", ["party", "time"])
    op.create_table(
        "pending_leaf",
        sa.Column("leaf_id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("party", sa.String(40), nullable=False),
    )
    op.create_table(
        "leaf_index",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("index", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False, unique=True),
    )
    op.create_table(
        "hash_tile",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "checkpoint",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("size", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("time", Instant(), nullable=False),
    )
    op.create_table(
        "sequencer_lease",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("holder", sa.String(36), nullable=False),
        sa.Column("until", Instant(), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("A trail is not taken down.")
