"""Plain queries of the projection. Never the log, never the desk's own tables.

What is alike is counted by the database and given as cells; the arithmetic is that of `figures`, `cohorts` and `ladder`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, case, desc, func, literal, select, type_coerce

from audit.database import Connection
from audit.tables import table
from monitoring import figures, progress, store
from monitoring.figures import Cell
from monitoring.progress import Progress
from monitoring.reconcile import Period
from monitoring.store import Said
from monitoring.tables import CaseRow, Position, SaidFigures

_CASES = table(CaseRow)
DIMENSIONS = {
    "PROVINCE": _CASES.c.province,
    "REGION": _CASES.c.region,
    "TIER": _CASES.c.tier,
    "ACT": _CASES.c.act,
    "AGENCY": _CASES.c.agency,
    "EMPLOYMENT": _CASES.c.employment,
    "POST": _CASES.c.post,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases of a party; empty and None: all. `start` is inclusive, `end` exclusive. A province has its regions."""

    party: str
    start: date | None = None
    end: date | None = None
    region: str = ""
    tier: str = ""
    act: str = ""
    agency: str = ""
    employment: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [_CASES.c.party == self.party]
        if self.start is not None:
            found.append(_CASES.c.period_date >= self.start)
        if self.end is not None:
            found.append(_CASES.c.period_date < self.end)
        for name in ("tier", "act", "agency", "employment"):
            if getattr(self, name):
                found.append(_CASES.c[name] == getattr(self, name))
        if self.region:
            column = _CASES.c.province if len(self.region) == 2 else _CASES.c.region
            found.append(column == self.region)
        return found


async def position(connection: Connection, party: str) -> tuple[int, datetime | None]:
    """The last entry of the log that the projection has, -1 for none, and its time (UTC)."""
    positions = table(Position)
    query = select(positions.c.log_index, positions.c.time).where(positions.c.party == party)
    row = (await connection.execute(query)).one_or_none()
    return (row.log_index, row.time) if row else (-1, None)


async def cells(connection: Connection, wanted: Wanted, today: date, dimension: str = "") -> list[Cell]:
    """The cases as cells, told apart by a dimension if one is named.

    Of a due date it matters only whether it has passed, and whether it did yesterday: it stands for others of its kind.
    """
    due = _CASES.c.due_date
    yesterday, before = today - timedelta(days=1), today - timedelta(days=2)
    kind = case((due.is_(None), None), (due < yesterday, before), (due == yesterday, yesterday), else_=today)
    query = _cells(wanted, dimension, type_coerce(kind, Date).label("due"))
    return [Cell(*row) for row in await _rows(connection, query)]


def _cells(wanted: Wanted, dimension: str, due: ColumnElement[Any], *more: ColumnElement[Any]) -> Select[Any]:
    """The columns are the fields of `Cell`, in order; `more` stand before the count."""
    measured = [
        _CASES.c.stage,
        _CASES.c.status,
        _CASES.c.recommended_date.is_not(None).label("recommended"),
        due,
        _CASES.c.followed_up_date.is_not(None).label("followed_up"),
        _CASES.c.on_time,
        _CASES.c.answered,
        _CASES.c.blocked,
    ]
    apart = [DIMENSIONS[dimension], _CASES.c.tier] if dimension == "AGENCY" else []
    if dimension and not apart:
        apart = [DIMENSIONS[dimension]]
    blank = [literal("")] * (2 - len(apart))
    return (
        select(*measured, *apart, *blank, *more, func.count())
        .where(*wanted.conditions())
        .group_by(*measured, *apart, *more)
    )


async def steps(connection: Connection, wanted: Wanted) -> list[tuple[Cell, str]]:
    """Cells with the last step of the ladder."""
    rows = await _rows(connection, _cells(wanted, "", _CASES.c.due_date, _CASES.c.step))
    return [(Cell(*(*row[:10], row[11])), row[10]) for row in rows]


async def open_since(connection: Connection, wanted: Wanted) -> list[tuple[str, date, int]]:
    """Open cases by stage and the legal date since which their holder has them."""
    columns = (_CASES.c.stage, _CASES.c.since_date)
    query = (
        select(*columns, func.count())
        .where(*wanted.conditions(), _CASES.c.stage.not_in(sorted(progress.CLOSED)))
        .group_by(*columns)
    )
    return [(row[0], row[1], row[2]) for row in await _rows(connection, query)]


async def followed(connection: Connection, wanted: Wanted) -> list[tuple[date, date | None, int]]:
    """Recommendations that stand, by the dates of recommendation and follow-up."""
    columns = (_CASES.c.recommended_date, _CASES.c.followed_up_date)
    query = (
        select(*columns, func.count())
        .where(
            *wanted.conditions(), _CASES.c.recommended_date.is_not(None), _CASES.c.stage != progress.WITHDRAWN
        )
        .group_by(*columns)
    )
    return [(row[0], row[1], row[2]) for row in await _rows(connection, query)]


async def overdue(
    connection: Connection, wanted: Wanted, today: date, limit: int | None = None
) -> list[Progress]:
    """Recommendations past their due date, latest first; at most `limit`."""
    not_late = sorted(progress.CLOSED | {progress.REPORTED_IMPOSSIBLE})
    query = (
        select(_CASES)
        .where(
            *wanted.conditions(),
            _CASES.c.due_date < today,
            _CASES.c.followed_up_date.is_(None),
            _CASES.c.stage.not_in(not_late),
        )
        .order_by(_CASES.c.due_date, _CASES.c.matter)
        .limit(limit)
    )
    found = [store.progress_of(row) for row in await connection.execute(query)]
    return [one for one in found if figures.is_overdue(figures.cell_of(one), today)]


async def page(
    connection: Connection, wanted: Wanted, *, after: str, size: int, stage: str, holder: str
) -> list[Progress]:
    """Up to `size` cases after a matter, oldest first (ids grow with time)."""
    query = select(_CASES).where(*wanted.conditions(), _CASES.c.matter > after)
    if stage:
        query = query.where(_CASES.c.stage == stage)
    if holder:
        query = query.where(_CASES.c.holder == holder)
    rows = await connection.execute(query.order_by(_CASES.c.matter).limit(size))
    return [store.progress_of(row) for row in rows]


async def everything(connection: Connection, party: str, period: Period | None = None) -> dict[str, Progress]:
    """A party's cases by matter; those of a period only, if one is given."""
    wanted = Wanted(party, period.start, period.end) if period else Wanted(party)
    rows = await connection.execute(select(_CASES).where(*wanted.conditions()))
    return {row.matter: store.progress_of(row) for row in rows}


async def holders(connection: Connection, party: str) -> dict[str, int]:
    """How many cases each institution holds."""
    query = (
        select(_CASES.c.holder, func.count())
        .where(_CASES.c.party == party, _CASES.c.holder != "")
        .group_by(_CASES.c.holder)
    )
    return {row[0]: row[1] for row in await _rows(connection, query)}


async def said(connection: Connection, party: str, id: str) -> Said | None:
    """A figure that was stated, or an answer to one."""
    rows = table(SaidFigures)
    found = await connection.execute(select(rows).where(rows.c.party == party, rows.c.id == id))
    row = found.one_or_none()
    return Said(**row._mapping) if row else None


async def answer_to(connection: Connection, party: str, id: str) -> str:
    """The last answer to a stated figure; empty if there is none."""
    rows = table(SaidFigures)
    query = select(rows.c.id).where(rows.c.party == party, rows.c.answers == id).order_by(desc(rows.c.id))
    return await connection.scalar(query.limit(1)) or ""


async def all_said(connection: Connection, party: str, *, before: str, size: int) -> Sequence[Said]:
    """What was stated and answered, newest first, from before an id."""
    rows = table(SaidFigures)
    query = select(rows).where(rows.c.party == party).order_by(desc(rows.c.id)).limit(size)
    if before:
        query = query.where(rows.c.id < before)
    return [Said(**row._mapping) for row in await connection.execute(query)]


async def _rows(connection: Connection, query: Select[Any]) -> list[Any]:
    """Rows by place."""
    return list(await connection.execute(query))
