"""Cells of published tables out of the projection: cases and reports that are alike are counted by the database."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, case, func, select, type_coerce

from agreement.enforcement import audit_statuses
from cooperation.monitoring.figures.definitions import Measured
from cooperation.monitoring.figures.published_tables import Table
from cooperation.monitoring.projection.reads import DERIVED, DIMENSIONS, Wanted, derived_from
from cooperation.monitoring.projection.tables import CaseRow, ReportRow
from storage.protocols import Connection
from storage.types import FoundRow, table

_CASES, _REPORTS = table(CaseRow), table(ReportRow)
# In the order of the fields that `_case` reads.
_MEASURED = (
    _CASES.c.stage,
    _CASES.c.status,
    _CASES.c.recommended_date.is_not(None),
    _CASES.c.followed_up_date.is_not(None),
    _CASES.c.on_time,
    _CASES.c.answered,
    _CASES.c.blocked,
    _CASES.c.origin,
    _CASES.c.recommended_class,
    _CASES.c.imposed_class,
    _CASES.c.offence_step != "",
)
Columns = Sequence[ColumnElement[Any]]
Apart = tuple[Columns, Callable[..., str] | None]
"""By what rows are told apart: its columns, and what derives the key from them; None: the first of them is it."""


async def read(
    connection: Connection, wanted: Wanted, asked: Table, dimensions: Sequence[str], today: date
) -> list[Measured]:
    """The cells of a table, told apart by dimensions in their order."""
    if not asked.of_reports:
        apart: list[Apart] = [(DIMENSIONS[each], DERIVED.get(each)) for each in dimensions]
        query = _counted(apart, _of_case(today)).where(*wanted.conditions())
        return [_case(row, apart) for row in await connection.execute(query)]
    apart = [_of_report(dimension) for dimension in dimensions]
    found = [_REPORTS.c.party == wanted.party, *_conditions(wanted)]
    query = _counted(apart, (_REPORTS.c.state, _REPORTS.c.reason, _REPORTS.c.origin)).where(*found)
    reports = [_report(row, apart) for row in await connection.execute(query)]
    of_them = and_(_REPORTS.c.party == _CASES.c.party, _REPORTS.c.case_id == _CASES.c.case_id)
    joined = _counted(apart, _of_case(today)).select_from(_CASES.join(_REPORTS, of_them)).where(*found)
    return reports + [_case(row, apart) for row in await connection.execute(joined)]


def _counted(apart: Sequence[Apart], measured: Columns) -> Select[Any]:
    """By what they are told apart, what is measured of them, and how many are alike."""
    columns = [*(column for columns, _ in apart for column in columns), *measured]
    return select(*columns, func.count()).group_by(*columns)


def _of_case(today: date) -> Columns:
    """Values that columns look at. Of a date it matters only whether it has passed, and how old it is: one stands for all alike."""
    due = _standing_for(_CASES.c.due_date, [today], today)
    ages = [date.fromordinal(today.toordinal() - age.days) for age in audit_statuses.ages() if age.days]
    return [*_MEASURED, due, _standing_for(_CASES.c.recommended_date, ages, today)]


def _standing_for(day: ColumnElement[Any], edges: Sequence[date], latest: date) -> ColumnElement[Any]:
    """The edge from which on a day lies, the day before the first if it is earlier; `latest` stands for all from the last edge on."""
    ordered = sorted(edges)
    before = [(day < edge, date.fromordinal(edge.toordinal() - 1)) for edge in ordered]
    return type_coerce(case((day.is_(None), None), *before, else_=latest), Date)


def _of_report(dimension: str) -> Apart:
    if dimension in ("ELECTION", "QUARTER"):
        return derived_from(_REPORTS, dimension), DERIVED[dimension]
    return (_REPORTS.c[dimension.lower()],), None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The period and place of reports; they know of no authority and no person yet."""
    found: list[ColumnElement[bool]] = []
    if wanted.start is not None:
        found.append(_REPORTS.c.period_date >= wanted.start)
    if wanted.end is not None:
        found.append(_REPORTS.c.period_date < wanted.end)
    if wanted.region:
        column = _REPORTS.c.province if len(wanted.region) == 2 else _REPORTS.c.region
        found.append(column == wanted.region)
    if wanted.office:
        found.append(_REPORTS.c.office == wanted.office)
    return found


def _keys(row: FoundRow, apart: Sequence[Apart]) -> tuple[tuple[str, ...], int]:
    """By what a row is told apart, and the place after it."""
    keys, place = [], 0
    for columns, derive in apart:
        values = row[place : place + len(columns)]
        keys.append(derive(*values) if derive else values[0])
        place += len(columns)
    return tuple(keys), place


def _case(row: FoundRow, apart: Sequence[Apart]) -> Measured:
    keys, place = _keys(row, apart)
    stage, status, recommended, followed_up, on_time, answered, blocked, *more, count = row[place:]
    origin, recommended_class, imposed_class, offence, due, recommended_date = more
    return Measured(
        stage,
        status,
        recommended,
        due,
        followed_up,
        on_time,
        answered,
        blocked,
        count=count,
        origin=origin,
        recommended_class=recommended_class,
        imposed_class=imposed_class,
        recommended_date=recommended_date,
        offence=offence,
        keys=keys,
    )


def _report(row: FoundRow, apart: Sequence[Apart]) -> Measured:
    keys, place = _keys(row, apart)
    state, reason, origin, count = row[place:]
    return Measured("", origin=origin, keys=keys, report=state, reason=reason, count=count)
