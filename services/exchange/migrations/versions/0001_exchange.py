"""The exchange's tables: outbox, delivery, inbox, pairs, personal parts, requests."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "exchange_0001"
down_revision = None
branch_labels = ("exchange",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conflict",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("first_digest", sa.LargeBinary(), nullable=False),
        sa.Column("received", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("party", "digest"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("awaits", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("relayed", Instant(), nullable=True),
        sa.Column("due", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("delivery_due", "delivery", ["due"], unique=False)
    op.create_table(
        "dropped_bytes",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("party"),
    )
    op.create_table(
        "inbox",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.Column("after", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("received", Instant(), nullable=False),
        sa.Column("decided", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("party", "id"),
        sa.UniqueConstraint("party", "sender", "sequence"),
    )
    op.create_index("inbox_after", "inbox", ["party", "after"], unique=False)
    op.create_index("inbox_state", "inbox", ["party", "state"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("custody", Instant(), nullable=True),
        sa.Column("decided", Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("party", "recipient", "sequence"),
    )
    op.create_index("outbox_matter", "outbox", ["party", "matter"], unique=False)
    op.create_index("outbox_party", "outbox", ["party", "id"], unique=False)
    op.create_table(
        "pair_in",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("peer", sa.String(length=40), nullable=False),
        sa.Column("complete", sa.BigInteger(), nullable=False),
        sa.Column("highest", sa.BigInteger(), nullable=False),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("ask_due", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("party", "peer"),
    )
    op.create_table(
        "pair_out",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("peer", sa.String(length=40), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("party", "peer"),
    )
    op.create_table(
        "parked_bytes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("parked_digest", "parked_bytes", ["party", "digest"], unique=False)
    op.create_table(
        "personal_part",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=36), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("party", "source"),
    )
    op.create_index("personal_part_matter", "personal_part", ["party", "matter", "source"], unique=False)
    op.create_table(
        "request",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("party", "request_id"),
    )
