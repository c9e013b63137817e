"""Witnesses: what this host's parties cosigned of others' logs, what others cosigned of theirs, and accusations."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "audit_0004"
down_revision = "audit_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "witnessed_head",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("origin", sa.String(255), primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("cosignatures", sa.String(), nullable=False),
        sa.Column("time", Instant(), nullable=False),
        sa.Column("grown", Instant(), nullable=False),
    )
    op.create_table(
        "witnessed_before",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("origin", sa.String(255), primary_key=True),
        sa.Column("size", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("note", sa.String(), nullable=False),
    )
    op.create_table(
        "accusation",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("held", sa.String(), nullable=False),
        sa.Column("offered", sa.String(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("first", Instant(), nullable=False),
        sa.Column("last", Instant(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
    )
    op.create_table(
        "cosigned",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("size", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("cosigner", sa.String(255), primary_key=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("lines", sa.String(), nullable=False),
        sa.Column("time", Instant(), nullable=False),
    )
    op.create_table(
        "cosigner_state",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("cosigner", sa.String(255), primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("time", Instant(), nullable=True),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
    )
    op.create_table(
        "standing",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("final", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("A trail is not taken down.")
