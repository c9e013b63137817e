"""Compares monitoring's projection with the log that it was folded from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import select

from audit.tables import Leaf, LeafIndex
from audit.verification.findings import Finding
from cooperation.monitoring import recompute
from cooperation.monitoring.figures import counters
from cooperation.monitoring.projection import projector
from cooperation.monitoring.projection.store import Placed
from cooperation.monitoring.projection.tables import CaseRow, FeedRow, Position, ReportRow, TallyRow
from host.replay import Inside, Replay, Value
from storage.protocols import Connection
from storage.types import table

Row = Mapping[str, Value]
Rows = dict[tuple[Value, ...], Row]
Model = type[CaseRow | FeedRow | ReportRow | TallyRow]


async def check_projection(connection: Connection, party: str) -> list[Finding]:
    """Find the rows of monitoring that folding a party's log up to the projection's position does not give."""
    positions = table(Position)
    at = (await connection.execute(select(positions).where(positions.c.party == party))).one_or_none()
    if at is None or at.rules != projector.RULES:
        return []  # it is made anew at the next start
    folded = recompute.from_log(party, await _leaves(connection, party, at.log_index))
    cases: list[Row] = [projector.case_row(case) for case in folded.cases.values()]
    reports: list[Row] = [asdict(report) for report in folded.reports.values()]
    feeds: list[Row] = [projector.feed_row(party, feed) for feed in folded.peers.values()]
    counts: list[Row] = [
        {"party": party, "count": count, **_columns_of(which)}
        for which, count in counters.changes({}, folded.cases).items()
    ]
    found: list[Finding] = []
    given: Sequence[tuple[Model, Sequence[Row]]] = (
        (CaseRow, cases),
        (ReportRow, reports),
        (FeedRow, feeds),
        (TallyRow, counts),
    )
    for model, rows in given:
        found += _compare(model, party, await _kept(connection, model, party), _by_key(model, rows))
    return found


def _columns_of(which: counters.Bucket) -> dict[str, Value]:
    """Give a counter's group as columns."""
    return {name: getattr(which, name) for name in which.__slots__}


async def _leaves(connection: Connection, party: str, last: int) -> list[Placed]:
    leaf, index = table(Leaf), table(LeafIndex)
    rows = await connection.execute(
        select(index.c.index, leaf.c.body, leaf.c.time)
        .join(leaf, leaf.c.id == index.c.leaf_id)
        .where(index.c.party == party, index.c.index <= last)
        .order_by(index.c.index)
    )
    return [Placed(row["index"], row["body"], row["time"]) for row in rows.mappings()]


async def _kept(connection: Connection, model: Model, party: str) -> Rows:
    rows = table(model)
    found = await connection.execute(select(rows).where(rows.c.party == party))
    kept: list[Row] = [{str(name): value for name, value in row.items()} for row in found.mappings()]
    return _by_key(model, kept)


def _by_key(model: Model, rows: Iterable[Row]) -> Rows:
    keys = [column.name for column in table(model).primary_key]
    return {tuple(row[name] for name in keys): row for row in rows}


def _compare(model: Model, party: str, kept: Rows, folded: Rows) -> Iterator[Finding]:
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
        yield Finding(party, -1, str(matter), "state", f"{table(model).name}: {said}")


def _plain(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value


async def _check(inside: Inside) -> list[Finding]:
    return [found for party in inside.parties for found in await check_projection(inside.connection, party)]


REPLAY = Replay(check=_check)
