"""Follows the log of each party and keeps the projection: a batch of leaves, one commit with the position.

Doing a batch twice does no harm: the position moves in the same commit as the rows, from where it was read. Reading and
folding happen outside of the writing transaction, so that nobody who writes waits for them. Rows that were made by other
rules than today's (`RULES`) are dropped and made again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, select, update

from audit.database import Connection
from audit.leaf import Kind
from audit.tables import Leaf, LeafIndex, table
from exchange.among import among
from exchange.database import insert_new, upsert
from exchange.host import Loop
from exchange.transaction import Desk
from monitoring import feeds, figures, progress, store, wire
from monitoring.feeds import Feed
from monitoring.progress import Progress
from monitoring.tables import CaseRow, FeedRow, Position

RULES = 2
"""Raised whenever the same log gives other rows."""

BATCH = 200
_PROJECTION = (CaseRow, FeedRow, Position)


async def follow(desk: Desk) -> int:
    """Fold one batch of each party's log; gives how many leaves that were."""
    return sum([await _follow(desk, party) for party in sorted(desk.parties)])


LOOP = Loop("monitoring", follow, idle=0.5)


async def rebuild(desk: Desk, party: str) -> None:
    """Drop a party's projection; the loop makes it again from the first leaf."""
    async with desk.database.write() as connection:
        for model in _PROJECTION:
            await connection.execute(delete(table(model)).where(table(model).c.party == party))


async def _follow(desk: Desk, party: str) -> int:
    async with desk.database.read() as connection:
        position = await _position(connection, party)
        if position is not None and position.rules == RULES:
            leaves = await _leaves(connection, party, position.log_index)
            if not leaves:
                return 0
            arrived = await _arrived(connection, party, leaves)
            said, heard = wire.read(party, leaves, arrived)
            known = await store.cases(connection, party, {happening.matter for happening in said})
            peers = await store.feeds(connection, party)
    if position is None or position.rules != RULES:
        await rebuild(desk, party)
        async with desk.database.write() as connection:
            await insert_new(
                connection, Position, [{"party": party, "log_index": -1, "time": None, "rules": RULES}]
            )
        return 1
    cases = progress.fold(party, said, known)
    await _keep(desk, party, position.log_index, leaves[-1], cases, feeds.hear(peers, heard))
    return len(leaves)


async def _position(connection: Connection, party: str) -> Any | None:
    positions = table(Position)
    return (await connection.execute(select(positions).where(positions.c.party == party))).one_or_none()


async def _leaves(connection: Connection, party: str, after: int) -> Sequence[Any]:
    """The next leaves that have an index."""
    leaf, index = table(Leaf), table(LeafIndex)
    query: Select[Any] = (
        select(index.c.index, leaf.c.body, leaf.c.time)
        .join(leaf, leaf.c.id == index.c.leaf_id)
        .where(index.c.party == party, index.c.index > after)
        .order_by(index.c.index)
        .limit(BATCH)
    )
    # By attribute: a row's own `index` is a method of tuples.
    rows: list[Any] = list(await connection.execute(query))
    return [store.Placed(*row) for row in rows]


async def _arrived(connection: Connection, party: str, leaves: Sequence[Any]) -> dict[bytes, wire.Statement]:
    """The statements of earlier leaves that these leaves decide."""
    names = {(party, id) for id in wire.taken_up(party, leaves)}
    if not names:
        return {}
    leaf = table(Leaf)
    query = select(leaf.c.body).where(
        among((leaf.c.party, leaf.c.ref), names), leaf.c.kind == int(Kind.STATEMENT)
    )
    return dict([wire.statement_of(row.body) for row in await connection.execute(query)])


async def _keep(
    desk: Desk,
    party: str,
    before: int,
    last: Any,
    cases: Mapping[str, Progress],
    peers: Mapping[str, Feed],
) -> None:
    async with desk.database.write() as connection:
        positions = table(Position)
        moved = await connection.execute(
            update(positions)
            .where(positions.c.party == party, positions.c.log_index == before, positions.c.rules == RULES)
            .values(log_index=last.index, time=last.time)
        )
        if moved.rowcount != 1:
            return  # somebody else was first, or dropped the rows meanwhile
        await upsert(connection, CaseRow, [_case_row(case) for case in cases.values()])
        await upsert(connection, FeedRow, [_feed_row(party, feed) for feed in peers.values()])


def _case_row(case: Progress) -> dict[str, Any]:
    return asdict(case) | {"since_date": figures.since_date(case)}


def _feed_row(party: str, feed: Feed) -> dict[str, Any]:
    return {
        "party": party,
        "peer": feed.peer,
        "last": feed.last,
        "statements": feed.statements,
        "days": [date.isoformat(day) for day in feed.days],
    }
