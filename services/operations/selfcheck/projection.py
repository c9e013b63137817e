"""Compares monitoring's projection with the log that it was folded from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select

from audit.tables import Leaf, LeafIndex
from audit.verification.logs import Finding
from cooperation.monitoring import recompute
from cooperation.monitoring.figures import counters
from cooperation.monitoring.projection import projector
from cooperation.monitoring.projection.store import Placed
from cooperation.monitoring.projection.tables import CaseRow, FeedRow, Position, TallyRow
from storage.protocols import Connection
from storage.types import table

Rows = dict[tuple[Any, ...], Mapping[str, Any]]


async def check_projection(connection: Connection, party: str) -> list[Finding]:
    """The rows of monitoring that folding a party's log up to the projection's position does not give."""
    positions = table(Position)
    at = (await connection.execute(select(positions).where(positions.c.party == party))).one_or_none()
    if at is None or at.rules != projector.RULES:
        return []  # it is made anew at the next start
    folded = recompute.from_log(party, await _leaves(connection, party, at.log_index))
    cases = [projector.case_row(case) for case in folded.cases.values()]
    feeds = [projector.feed_row(party, feed) for feed in folded.peers.values()]
    counts = [
        {"party": party, "count": count} | vars_of(which)
        for which, count in counters.changes({}, folded.cases).items()
    ]
    found: list[Finding] = []
    for model, rows in ((CaseRow, cases), (FeedRow, feeds), (TallyRow, counts)):
        found += _compare(model, party, await _kept(connection, model, party), _by_key(model, rows))
    return found


def vars_of(which: counters.Bucket) -> dict[str, Any]:
    """A tally's group as columns."""
    return {name: getattr(which, name) for name in which.__slots__}


async def _leaves(connection: Connection, party: str, last: int) -> list[Placed]:
    leaf, index = table(Leaf), table(LeafIndex)
    rows = await connection.execute(
        select(index.c.index, leaf.c.body, leaf.c.time)
        .join(leaf, leaf.c.id == index.c.leaf_id)
        .where(index.c.party == party, index.c.index <= last)
        .order_by(index.c.index)
    )
    found: list[Any] = list(rows)
    return [Placed(*row) for row in found]


async def _kept(connection: Connection, model: Any, party: str) -> Rows:
    rows = table(model)
    found = await connection.execute(select(rows).where(rows.c.party == party))
    kept: list[Any] = [row._mapping for row in found]
    return _by_key(model, kept)


def _by_key(model: Any, rows: Iterable[Mapping[str, Any]]) -> Rows:
    keys = [column.name for column in table(model).primary_key]
    return {tuple(row[name] for name in keys): row for row in rows}


def _compare(model: Any, party: str, kept: Rows, folded: Rows) -> Iterator[Finding]:
    for key in sorted(kept.keys() | folded.keys(), key=str):
        one, other = kept.get(key), folded.get(key)
        if one is not None and other is not None:
            names = [name for name in other if _plain(one[name]) != _plain(other[name])]
            if not names:
                continue
            said = f"{', '.join(names)} of a row is not what the log gives"
        else:
            said = "a row is missing" if one is None else "a row is there that the log does not give"
        matter = (one or other or {}).get("matter", "")
        yield Finding(party, -1, matter, "state", f"{table(model).name}: {said}")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
