"""Campaigns, reported acts, and lists of pledges."""

import sqlalchemy as sa
from alembic import op

from storage.types import Instant

revision = "prevention_0001"
down_revision = None
branch_labels = ("prevention",)
depends_on = None


def _texts(**lengths: int) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _lists(*names: str) -> list[sa.Column[list[str]]]:
    return [sa.Column(name, sa.JSON(), nullable=False) for name in names]


def _times() -> list[sa.Column[sa.DateTime]]:
    return [sa.Column(name, Instant(), nullable=False) for name in ("created", "updated")]


def upgrade() -> None:
    op.create_table(
        "prevention_campaign",
        *_texts(party=40, id=36, kind=20, number=60),
        sa.Column("letter_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        *_lists("asks"),
        *_texts(pledge=40, document_digest=64),
        *_lists("addressees"),
        *_times(),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_table(
        "prevention_received",
        *_texts(party=40, id=36, sender=40, state=20, kind=20, number=60),
        sa.Column("letter_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        *_lists("asks"),
        *_texts(pledge=40, document_digest=64),
        *_lists("done"),
        *_texts(heard=36),
        *_times(),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_table(
        "prevention_report",
        *_texts(party=40, id=36, authority=40, campaign=36, act=30, number=60),
        sa.Column("act_date", sa.Date(), nullable=True),
        *_texts(document_digest=64),
        *_whole("people"),
        *_lists("units"),
        *_texts(pledge_list=36, root=64),
        sa.Column("created", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("prevention_report_act", "prevention_report", ["party", "act"])
    op.create_table(
        "pledge_list",
        *_texts(party=40, id=36, request_id=36, campaign=36, pledge=40, state=20),
        *_times(),
        *_whole("units_in_total"),
        sa.Column("read", sa.BigInteger(), nullable=False),
        *_whole("lines"),
        *_texts(prefix=64),
        *_whole("size", "broken"),
        *_texts(root=64),
        *_lists("units", "unit_counts"),
        *_texts(statement=36),
        sa.PrimaryKeyConstraint("party", "id"),
    )
    op.create_index("pledge_list_request", "pledge_list", ["party", "request_id"], unique=True)
    op.create_table(
        "pledge_piece",
        *_texts(party=40, pledge_list=36),
        *_whole("number", "start", "count"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("broken", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("party", "pledge_list", "number"),
    )
    op.create_table(
        "pledge_tile",
        *_texts(party=40, pledge_list=36),
        *_whole("level"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("party", "pledge_list", "level", "number"),
    )
    op.create_table(
        "prevention_number",
        *_texts(party=40, kind=20, number=60, matter=36),
        sa.PrimaryKeyConstraint("party", "kind", "number"),
    )
