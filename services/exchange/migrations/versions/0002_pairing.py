"""State of pairing: how far pairs have told one another what their logs hold, and what does not fit."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "exchange_0002"
down_revision = "exchange_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counted = [
        column
        for name in ("reported_sent", "reported_received", "heard_sent", "heard_received")
        for column in (
            sa.Column(name, sa.BigInteger(), nullable=False),
            sa.Column(f"{name}_digest", sa.LargeBinary(), nullable=False),
        )
    ]
    op.create_table(
        "pairing",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("peer", sa.String(40), primary_key=True),
        *counted,
        sa.Column("reported", Instant(), nullable=True),
        sa.Column("heard", Instant(), nullable=True),
    )
    op.create_table(
        "pairing_alarm",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("peer", sa.String(40), primary_key=True),
        sa.Column("ours", sa.Boolean(), primary_key=True),
        sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(36), nullable=False),
        sa.Column("matter", sa.String(36), nullable=False),
        sa.Column("since", Instant(), nullable=False),
    )
