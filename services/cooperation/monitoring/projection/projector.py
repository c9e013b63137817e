"""Follows the log of each party and keeps the projection: a batch of leaves, one commit with the position.

Doing a batch twice does no harm: the position moves in the same commit as the rows, from where it was read. Reading and
folding happen outside of the writing transaction, so that nobody who writes waits for them. Rows that were made by other
rules than today's (`RULES`) are dropped and made again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, select, update

from audit.formats.leaf import Kind
from audit.tables import Leaf, LeafIndex
from cooperation.monitoring import wire
from cooperation.monitoring.figures import counters, definitions, fold_facts, peer_activity, report_status
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.peer_activity import PeerActivity
from cooperation.monitoring.figures.report_status import ReportStatus
from cooperation.monitoring.projection import store
from cooperation.monitoring.projection.tables import CaseRow, FeedRow, Position, ReportRow, TallyRow
from exchange.context import HostContext
from host.lifecycle.loops import Loop, on_new_heads
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import FoundRow, table
from storage.upserts import increment, insert_new, upsert

RULES = 12
"""Raised whenever the same log gives other rows."""

BATCH = 200
_PROJECTION = (CaseRow, ReportRow, TallyRow, FeedRow, Position)


@dataclass(frozen=True, slots=True)
class Folded:
    """Result of folding the next leaves of a party's log into its projection, from the entry `position` on."""

    party: str
    position: int
    leaves: Sequence[store.Placed]
    before: Mapping[str, CaseStatus]
    cases: Mapping[str, CaseStatus]
    reports: Mapping[str, ReportStatus]
    peers: Mapping[str, PeerActivity]


async def follow(desk: HostContext) -> int:
    """Fold one batch of the log of each party that has moved on, in one commit; gives how many leaves that were."""
    async with desk.database.read() as connection:
        known = await _positions(connection)
        moved = await _behind(connection)
    parties = sorted(desk.parties)
    stale = [party for party in parties if party not in known or known[party].rules != RULES]
    if stale:
        await _begin_anew(desk, stale)
        return len(stale)
    folded, count = [], 0
    for party in parties:
        if party in moved and count < BATCH * 2:
            async with desk.database.read() as connection:
                folded.append(await _fold(connection, party, known[party].log_index))
            count += len(folded[-1].leaves)
    if folded:
        await _keep(desk, folded)
    return count


LOOP = Loop("monitoring", follow, pace=0.5, on=on_new_heads, full=BATCH, ease=2.0)


async def rebuild(desk: HostContext, party: str) -> None:
    """Drop a party's projection; the loop makes it again from the first leaf."""
    async with desk.database.write() as connection:
        await _drop(connection, [party])
    desk.new_heads.set()


async def _drop(connection: Connection, parties: Sequence[str]) -> None:
    for model in _PROJECTION:
        await connection.execute(delete(table(model)).where(table(model).c.party.in_(parties)))


async def _begin_anew(desk: HostContext, parties: Sequence[str]) -> None:
    """Begin the rows of these parties anew: there are none yet, or other rules made them."""
    async with desk.database.write() as connection:
        await _drop(connection, parties)
        rows = [{"party": party, "log_index": -1, "time": None, "rules": RULES} for party in parties]
        await insert_new(connection, Position, rows)


async def _positions(connection: Connection) -> dict[str, FoundRow]:
    return {row.party: row for row in await connection.execute(select(table(Position)))}


async def _behind(connection: Connection) -> set[str]:
    """The parties whose log has more than the projection: one look at an index each, however many a host serves."""
    positions, index = table(Position), table(LeafIndex)
    more = exists().where(index.c.party == positions.c.party, index.c.index > positions.c.log_index)
    return {row.party for row in await connection.execute(select(positions.c.party).where(more))}


async def _fold(connection: Connection, party: str, position: int) -> Folded:
    leaves = await _leaves(connection, party, position)
    arrived = await _arrived(connection, party, leaves)
    said, heard = wire.read(party, leaves, arrived)
    before = await store.cases(connection, party, {happening.matter for happening in said})
    peers = await store.feeds(connection, party)
    cases = fold_facts.fold(party, said, before)
    known = await store.reports(connection, party, report_status.touched(said))
    reports = report_status.fold(party, said, known)
    return Folded(party, position, leaves, before, cases, reports, peer_activity.hear(peers, heard))


async def _leaves(connection: Connection, party: str, after: int) -> Sequence[store.Placed]:
    """The next leaves that have an index."""
    leaf, index = table(Leaf), table(LeafIndex)
    query = (
        select(index.c.index.label("place"), leaf.c.body, leaf.c.time)
        .join(leaf, leaf.c.id == index.c.leaf_id)
        .where(index.c.party == party, index.c.index > after)
        .order_by(index.c.index)
        .limit(BATCH)
    )
    return [store.Placed(row.place, row.body, row.time) for row in await connection.execute(query)]


async def _arrived(
    connection: Connection, party: str, leaves: Sequence[store.Placed]
) -> dict[bytes, wire.Statement]:
    """The statements of earlier leaves that these leaves decide.

    Not what the party sent to itself, in another of its roles: that was counted where it was sent.
    """
    names = {(party, id) for id in wire.taken_up(party, leaves)}
    if not names:
        return {}
    leaf = table(Leaf)
    query = select(leaf.c.body).where(
        key_in((leaf.c.party, leaf.c.ref), names),
        leaf.c.kind == int(Kind.STATEMENT),
        leaf.c.author != leaf.c.party,
    )
    return dict([wire.statement_of(row.body) for row in await connection.execute(query)])


async def _keep(desk: HostContext, folded: Sequence[Folded]) -> None:
    async with desk.database.write() as connection:
        # Whoever was first, or dropped the rows meanwhile, has moved the position.
        kept = [one for one in folded if await _move(connection, one)]
        await upsert(connection, CaseRow, [case_row(case) for one in kept for case in one.cases.values()])
        await upsert(
            connection, ReportRow, [asdict(report) for one in kept for report in one.reports.values()]
        )
        await upsert(
            connection, FeedRow, [feed_row(one.party, feed) for one in kept for feed in one.peers.values()]
        )
        await _count(connection, kept)


async def _move(connection: Connection, one: Folded) -> bool:
    positions, last = table(Position), one.leaves[-1]
    moved = await connection.execute(
        update(positions)
        .where(
            positions.c.party == one.party,
            positions.c.log_index == one.position,
            positions.c.rules == RULES,
        )
        .values(log_index=last.index, time=last.time)
    )
    return moved.rowcount == 1


async def _count(connection: Connection, kept: Sequence[Folded]) -> None:
    """Add to the tally what changed, and drop what nothing is counted under any more."""
    rows = [
        {"party": one.party, "count": change} | asdict(which)
        for one in kept
        for which, change in counters.changes(one.before, one.cases).items()
    ]
    if not rows:
        return
    await increment(connection, TallyRow, "count", rows)
    tallied = table(TallyRow)
    parties = [one.party for one in kept]
    await connection.execute(delete(tallied).where(tallied.c.party.in_(parties), tallied.c.count == 0))


def case_row(case: CaseStatus) -> dict[str, Any]:
    """A case as its row."""
    return asdict(case) | {"since_date": definitions.since_date(case)}


def feed_row(party: str, feed: PeerActivity) -> dict[str, Any]:
    """Write the activity of a peer as its row."""
    return {
        "party": party,
        "peer": feed.peer,
        "last": feed.last,
        "statements": feed.statements,
        "days": [date.isoformat(day) for day in feed.days],
    }
