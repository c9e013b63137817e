"""Leaves are found by their heading, by actor and time, and by case; those that are here get theirs."""

import sqlalchemy as sa
from alembic import op

revision = "audit_0005"
down_revision = "audit_0004"
branch_labels = None
depends_on = None

_WORDS = {
    "party": 40,
    "kind": 20,
    "type": 100,
    "author": 100,
    "counterpart": 100,
    "actor_kind": 20,
    "role": 100,
    "outcome": 100,
    "reason": 100,
    "basis": 100,
    "region": 20,
    "source": 100,
}
_CHUNK = 1000


def upgrade() -> None:
    op.add_column("leaf", sa.Column("heading", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "heading",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in _WORDS.items()),
    )
    op.create_index("heading_party", "heading", ["party", "type"])
    op.create_table(
        "case_entry",
        sa.Column("party", sa.String(40), primary_key=True),
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("matter", sa.String(36), primary_key=True),
        sa.Column("ref", sa.String(36), primary_key=True),
    )
    _fill(op.get_bind())
    op.create_index("leaf_actor", "leaf", ["party", "actor", "time"])
    op.create_index("leaf_heading", "leaf", ["heading"])


def _fill(connection: sa.Connection) -> None:
    """Give the leaves that are here their headings, and cases their entries."""
    from audit.log import events
    from audit.log.search_index import PendingIndexRows

    leaf = sa.table("leaf", *(sa.column(name) for name in ("id", "party", "body", "heading")))
    give = leaf.update().where(leaf.c.id == sa.bindparam("leaf_id")).values(heading=sa.bindparam("number"))
    beside, last = PendingIndexRows(), -1
    while True:
        chunk = sa.select(leaf.c.id, leaf.c.party, leaf.c.body).where(leaf.c.id > last)
        rows = list(connection.execute(chunk.order_by(leaf.c.id).limit(_CHUNK)))
        if not rows:
            break
        given = [
            {"leaf_id": row.id, "number": beside.add(row.party, events.audit_event(row.body))} for row in rows
        ]
        connection.execute(give, given)
        last = rows[-1].id
    headings, entries = list(beside.headings.values()), sorted(beside.entries)
    if headings:
        target = sa.table("heading", *(sa.column(name) for name in ("id", *_WORDS)))
        connection.execute(target.insert(), headings)
    if entries:
        names = ("party", "case_id", "matter", "ref")
        target = sa.table("case_entry", *(sa.column(name) for name in names))
        connection.execute(target.insert(), [dict(zip(names, entry, strict=True)) for entry in entries])


def downgrade() -> None:
    raise NotImplementedError("A trail is not taken down.")
