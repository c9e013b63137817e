"""Plain queries of the projection. Never the log, never the desk's own tables.

What is alike is counted by the database and given as cells; the arithmetic is that of `figures`, `cohorts` and `ladder`.
The whole comes from the tally, what is filtered or told apart from the cases themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    and_,
    case,
    desc,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from agreement.elections import rules as elections
from agreement.parties import institutions, offices
from cooperation.monitoring.figures import case_status, counters, definitions
from cooperation.monitoring.figures.agreed_figures import Period, StatedFigure
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.definitions import Measured
from cooperation.monitoring.projection import store
from cooperation.monitoring.projection.tables import CaseRow, Position, StatedFigureRow, TallyRow
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import FoundRow, table

_CASES, _TALLY = table(CaseRow), table(TallyRow)
_ON_TIME = {"": None, "YES": True, "NO": False}
ELECTION = "ELECTION"
OFFICE = "OFFICE"
DERIVED: Mapping[str, Callable[..., str]] = {
    ELECTION: case_status.election_of,
    "QUARTER": case_status.quarter_of,
    OFFICE: case_status.office_of,
}


def derived_from(rows: FromClause, dimension: str) -> tuple[ColumnElement[Any], ...]:
    """The columns of cases or reports from which a key of `DERIVED` is derived."""
    if dimension == ELECTION:
        return rows.c.region, func.coalesce(rows.c.event_date, rows.c.known_date), rows.c.election_kind
    if dimension == OFFICE:
        found = rows.c
        return (
            found.party,
            found.supervisor,
            found.supervisor_office,
            found.examiner,
            found.examiner_office,
            found.agency,
        )
    return (rows.c.period_date,)


# What cases are told apart by: the key, and for an agency its tier; or what the key is derived from when it is asked.
DIMENSIONS = {
    "PROVINCE": (_CASES.c.province,),
    "REGION": (_CASES.c.region,),
    "TIER": (_CASES.c.tier,),
    "ACT": (_CASES.c.act,),
    "AGENCY": (_CASES.c.agency, _CASES.c.tier),
    "EMPLOYMENT": (_CASES.c.employment,),
    "POST": (_CASES.c.post,),
    ELECTION: derived_from(_CASES, ELECTION),
    "QUARTER": derived_from(_CASES, "QUARTER"),
    "ORIGIN": (_CASES.c.origin,),
    "RECOMMENDED_CLASS": (_CASES.c.recommended_class,),
    "IMPOSED_CLASS": (_CASES.c.imposed_class,),
    OFFICE: derived_from(_CASES, OFFICE),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filter of a party's cases; empty and None: all. `start` is inclusive, `end` exclusive. A province has its regions.

    `of_election` are the matters that are derived to belong to `election`. `office` is one of the supervisor's, or one of an
    examiner's: of that the cases that were assigned to it, or fall to it.
    """

    party: str
    start: date | None = None
    end: date | None = None
    region: str = ""
    tier: str = ""
    act: str = ""
    agency: str = ""
    employment: str = ""
    election: str = ""
    of_election: tuple[str, ...] = ()
    office: str = ""

    @property
    def everything(self) -> bool:
        """True if nothing is left out: the counters can answer."""
        return self == Wanted(self.party)

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
        if self.election:
            pairs = [(self.party, matter) for matter in self.of_election]
            found.append(key_in((_CASES.c.party, _CASES.c.matter), pairs))
        if self.office:
            found.append(_of_office(self.office))
        return found


def _of_office(code: str) -> ColumnElement[bool]:
    if offices.is_code(offices.BAWASLU, code):
        return _CASES.c.supervisor_office == code
    falls_to_it = [
        and_(
            _CASES.c.examiner_office == "",
            _CASES.c.examiner == institution,
            _CASES.c.agency.in_(sorted(offices.authorities_of(institution, code))),
        )
        for institution in offices.institutions_with(code)
    ]
    return or_(_CASES.c.examiner_office == code, *falls_to_it)


async def of_election(connection: Connection, wanted: Wanted, election: str) -> Wanted:
    """The same filter, and only the cases that are derived to belong to an election: kept nowhere, derived at each asking."""
    query = select(_CASES.c.matter, *DIMENSIONS[ELECTION]).where(*wanted.conditions())
    rows = await _rows(connection, query)
    found = (row[0] for row in rows if case_status.election_of(*row[1:]) == election)
    return replace(wanted, election=election, of_election=tuple(found))


async def position(connection: Connection, party: str) -> tuple[int, datetime | None]:
    """The last entry of the log that the projection has, -1 for none, and its time (UTC)."""
    positions = table(Position)
    query = select(positions.c.log_index, positions.c.time).where(positions.c.party == party)
    row = (await connection.execute(query)).one_or_none()
    return (row.log_index, row.time) if row else (-1, None)


async def cells(connection: Connection, wanted: Wanted, today: date, dimension: str = "") -> list[Measured]:
    """The cases as cells, told apart by a dimension if one is named.

    Of a due date it matters only whether it has passed, and whether it did yesterday: it stands for others of its kind.
    """
    if not wanted.everything or dimension:
        return await _look(connection, wanted, today, dimension)
    cut = sorted(counters.months_split_by_due_date(today))
    days = _CASES.c.due_date.between(cut[0], counters.month_after(cut[-1]) - timedelta(days=1))
    return await _summed(connection, wanted, today, cut) + await _look(connection, wanted, today, "", days)


async def _look(
    connection: Connection, wanted: Wanted, today: date, dimension: str, *more: ColumnElement[bool]
) -> list[Measured]:
    """Cells of single cases."""
    due = _kind(_CASES.c.due_date, _CASES.c.due_date.is_(None), today)
    query = _cells(wanted, dimension, due).where(*more)
    return [_measured(row, dimension) for row in await _rows(connection, query)]


def _measured(row: FoundRow, dimension: str) -> Measured:
    """A row of `_cells` as a cell: what is measured, what it is told apart by, and the count."""
    derive = DERIVED.get(dimension)
    apart = row[8 : 8 + len(DIMENSIONS[dimension])] if dimension else ()
    key, tier = (derive(*apart), "") if derive else row[8:10]
    values = (*row[:8], key, tier, row[-1])
    return Measured(*values)


async def _summed(connection: Connection, wanted: Wanted, today: date, cut: Sequence[date]) -> list[Measured]:
    """Cells of the tally, without the months of due dates that `cut` names."""
    rows, due = _TALLY.c, _kind(_TALLY.c.due_month, _TALLY.c.due_month == counters.NONE, today)
    measured = [rows.stage, rows.status, rows.recommended, due, rows.followed_up]
    measured += [rows.on_time, rows.answered, rows.blocked]
    query = (
        select(*measured, func.sum(rows.count))
        .where(rows.party == wanted.party, rows.due_month.not_in(cut))
        .group_by(*measured)
    )
    return [
        Measured(row[0], row[1], row[2], row[3], row[4], _ON_TIME[row[5]], row[6], row[7], count=int(row[8]))
        for row in await _rows(connection, query)
    ]


def _kind(due: ColumnElement[Any], none: ColumnElement[bool], today: date) -> ColumnElement[Any]:
    """A due date by what matters of it."""
    yesterday, before = today - timedelta(days=1), today - timedelta(days=2)
    kind = case((none, None), (due < yesterday, before), (due == yesterday, yesterday), else_=today)
    return type_coerce(kind, Date).label("due")


def _cells(wanted: Wanted, dimension: str, due: ColumnElement[Any], *more: ColumnElement[Any]) -> Select[Any]:
    """The columns are the fields of `Measured`, in order; `more` stand before the count."""
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
    apart = DIMENSIONS[dimension] if dimension else ()
    blank = [literal("")] * (2 - len(apart))
    return (
        select(*measured, *apart, *blank, *more, func.count())
        .where(*wanted.conditions())
        .group_by(*measured, *apart, *more)
    )


async def steps(connection: Connection, wanted: Wanted) -> list[tuple[Measured, str, str]]:
    """Cells with the last step of the ladder, and with the agency where its region has days off of its own."""
    named = [institutions.ppk_of(region) for region in elections.regions_with_own_voting_days()]
    agency = case((_CASES.c.agency.in_(sorted(named)), _CASES.c.agency), else_="").label("of_region")
    rows = await _rows(connection, _cells(wanted, "", _CASES.c.due_date, _CASES.c.step, agency))
    return [(Measured(*(*row[:10], row[12])), row[10], row[11]) for row in rows]


async def open_since(connection: Connection, wanted: Wanted, old_before: date) -> list[tuple[str, date, int]]:
    """Open cases by stage and the legal date since which their holder has them.

    Of what is longer ago than `old_before` (the first day of a month, see `tally.old_before`) any such day stands for all.
    """
    long_ago = _CASES.c.since_date < old_before
    if not wanted.everything:
        since = case((long_ago, old_before - timedelta(days=1)), else_=_CASES.c.since_date)
        return await _since(connection, wanted, type_coerce(since, Date).label("held"))
    lately = await _since(connection, wanted, _CASES.c.since_date.label("held"), ~long_ago)
    rows = _TALLY.c
    query = (
        select(rows.stage, rows.since_month, func.sum(rows.count))
        .where(rows.party == wanted.party, rows.since_month < old_before, rows.since_month > counters.NONE)
        .group_by(rows.stage, rows.since_month)
    )
    return lately + [(row[0], row[1], int(row[2])) for row in await _rows(connection, query)]


async def _since(
    connection: Connection, wanted: Wanted, since: ColumnElement[Any], *more: ColumnElement[bool]
) -> list[tuple[str, date, int]]:
    query = (
        select(_CASES.c.stage, since, func.count())
        .where(*wanted.conditions(), *more, _CASES.c.stage.not_in(sorted(case_status.CLOSED)))
        .group_by(_CASES.c.stage, since)
    )
    return [(row[0], row[1], row[2]) for row in await _rows(connection, query)]


async def followed(connection: Connection, wanted: Wanted) -> list[tuple[date, date | None, int]]:
    """Recommendations that stand, by the dates of recommendation and follow-up."""
    columns = (_CASES.c.recommended_date, _CASES.c.followed_up_date)
    query = (
        select(*columns, func.count())
        .where(
            *wanted.conditions(),
            _CASES.c.recommended_date.is_not(None),
            _CASES.c.stage != case_status.WITHDRAWN,
        )
        .group_by(*columns)
    )
    return [(row[0], row[1], row[2]) for row in await _rows(connection, query)]


async def known(
    connection: Connection, wanted: Wanted, dimension: str, since: date, until: date
) -> list[tuple[str, date, int]]:
    """Cases by a dimension and the day on which they first became known, both days inclusive."""
    columns = (DIMENSIONS[dimension][0], _CASES.c.known_date)
    query = (
        select(*columns, func.count())
        .where(*wanted.conditions(), _CASES.c.known_date.between(since, until))
        .group_by(*columns)
    )
    return [(row[0], row[1], row[2]) for row in await _rows(connection, query)]


async def first_known(connection: Connection, party: str) -> date | None:
    """The first day on which any case of a party became known."""
    query = select(func.min(_CASES.c.known_date)).where(_CASES.c.party == party)
    found: date | None = await connection.scalar(query)
    return found


async def overdue(
    connection: Connection, wanted: Wanted, today: date, limit: int | None = None
) -> list[CaseStatus]:
    """Recommendations past their due date, latest first; at most `limit`."""
    not_late = sorted(case_status.CLOSED | {case_status.REPORTED_IMPOSSIBLE})
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
    return [one for one in found if definitions.is_overdue(definitions.measure(one), today)]


async def page(
    connection: Connection, wanted: Wanted, *, after: str, size: int, stage: str, holder: str
) -> list[CaseStatus]:
    """Up to `size` cases after a matter, oldest first (ids grow with time)."""
    query = select(_CASES).where(*wanted.conditions(), _CASES.c.matter > after)
    if stage:
        query = query.where(_CASES.c.stage == stage)
    if holder:
        query = query.where(_CASES.c.holder == holder)
    rows = await connection.execute(query.order_by(_CASES.c.matter).limit(size))
    return [store.progress_of(row) for row in rows]


async def everything(
    connection: Connection, party: str, period: Period | None = None
) -> dict[str, CaseStatus]:
    """A party's cases by matter; those of a period only, if one is given."""
    wanted = Wanted(party, period.start, period.end) if period else Wanted(party)
    rows = await connection.execute(select(_CASES).where(*wanted.conditions()))
    return {row.matter: store.progress_of(row) for row in rows}


async def holders(connection: Connection, party: str) -> dict[str, int]:
    """Count the cases that each institution holds."""
    query = (
        select(_CASES.c.holder, func.count())
        .where(_CASES.c.party == party, _CASES.c.holder != "")
        .group_by(_CASES.c.holder)
    )
    return {row[0]: row[1] for row in await _rows(connection, query)}


async def stated_figure(connection: Connection, party: str, id: str) -> StatedFigure | None:
    """A figure that was stated, or an answer to one."""
    rows = table(StatedFigureRow)
    found = await connection.execute(select(rows).where(rows.c.party == party, rows.c.id == id))
    row = found.one_or_none()
    return StatedFigure(**row._mapping) if row else None


async def answer_to(connection: Connection, party: str, id: str) -> str:
    """The last answer to a stated figure; empty if there is none."""
    rows = table(StatedFigureRow)
    query = select(rows.c.id).where(rows.c.party == party, rows.c.answers == id).order_by(desc(rows.c.id))
    return await connection.scalar(query.limit(1)) or ""


async def stated_figures(
    connection: Connection, party: str, *, before: str, size: int
) -> Sequence[StatedFigure]:
    """List what was stated and answered, newest first, from before an id."""
    rows = table(StatedFigureRow)
    query = select(rows).where(rows.c.party == party).order_by(desc(rows.c.id)).limit(size)
    if before:
        query = query.where(rows.c.id < before)
    return [StatedFigure(**row._mapping) for row in await connection.execute(query)]


async def _rows(connection: Connection, query: Select[Any]) -> list[FoundRow]:
    """Rows by place."""
    return list(await connection.execute(query))
