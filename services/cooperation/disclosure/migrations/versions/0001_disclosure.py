"""Disclosures and documents."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "disclosure_0001"
down_revision = None
branch_labels = ("disclosure",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosure",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("updated", Instant(), nullable=False),
        sa.Column("asker", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("of", sa.String(length=40), nullable=False),
        sa.Column("data", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("legal_basis", sa.String(length=60), nullable=False),
        sa.Column("authority", sa.String(length=60), nullable=False),
        sa.Column("request_date", sa.Date(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("granted_fields", sa.JSON(), nullable=False),
        sa.Column("granted", sa.JSON(), nullable=False),
        sa.Column("expires", Instant(), nullable=True),
        sa.Column("decided_by", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("heard", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("disclosure_matter", "disclosure", ["party", "matter"], unique=False)
    op.create_index("disclosure_state", "disclosure", ["party", "state"], unique=False)
    op.create_table(
        "document",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("matter", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("disclosure", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("party", "matter", "digest"),
    )
    op.create_table(
        "disclosure_transfer",
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("disclosure", sa.String(length=36), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("trouble", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("party", "disclosure"),
    )
