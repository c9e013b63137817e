"""The tally: sums of what is alike give what a look at every case gives, for any day, whatever came and went."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.clocks import calendar, working_days
from agreement.clocks.working_days import weekdays
from cooperation import monitoring
from cooperation.monitoring.figures import case_status, counters, definitions
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.projection import reads
from cooperation.monitoring.projection.reads import Wanted
from cooperation.monitoring.projection.tables import CaseRow, TallyRow
from storage.engines import Database
from storage.types import table
from storage.upserts import increment, upsert

FIRST = datetime(2023, 11, 20, 2, tzinfo=UTC)
WORKING = working_days.on(calendar.latest())
MIGRATIONS = Path(next(iter(monitoring.__path__))) / "migrations"
DAYS = st.integers(0, 150)


@st.composite
def a_case(draw: st.DrawFn, number: int = 0) -> CaseStatus:
    """A case at any stage, recommended and due on any day around the turn of the year."""
    since = FIRST + timedelta(days=draw(DAYS))
    recommended = draw(st.booleans())
    due = (since + timedelta(days=draw(st.integers(-40, 40)))).date() if recommended else None
    done = due + timedelta(days=draw(st.integers(-5, 5))) if due and draw(st.booleans()) else None
    return CaseStatus(
        "kasn",
        f"00000000-0000-7000-8000-{number:012d}",
        "c",
        draw(st.sampled_from(case_status.FLOW)),
        "kasn",
        since,
        since.date(),
        number,
        recommended_date=since.date() if recommended else None,
        due_date=due,
        followed_up_date=done,
        on_time=done <= due if done and due else None,
        status=draw(st.sampled_from(["", case_status.CONFORMS])),
        answered=draw(st.booleans()),
        blocked=draw(st.booleans()),
        tier=draw(st.sampled_from(["CITY", "REGENCY"])),
    )


@given(st.lists(a_case(), max_size=12), st.lists(a_case(), max_size=12))
def test_what_moved_is_what_is_counted_after_less_what_was_counted_before(
    first: list[CaseStatus], second: list[CaseStatus]
):
    before = {str(number): one for number, one in enumerate(first)}
    after = {str(number): one for number, one in enumerate(second)}

    counted = Counter(map(counters.bucket_of_case, before.values()))
    counted.update(counters.changes(before, after))

    whole = Counter(map(counters.bucket_of_case, (before | after).values()))
    assert {which: count for which, count in counted.items() if count} == whole


@given(DAYS)
def test_whatever_is_held_since_before_the_month_is_in_the_last_bucket_and_not_all_later_is(days: int):
    today = FIRST.date() + timedelta(days=days)
    first = counters.aged_before(today, weekdays)

    before = [first - timedelta(days=ago) for ago in range(1, 60)]
    assert first.day == 1
    assert {definitions.bucket_of(weekdays(day, today)) for day in before} == {">40"}
    assert definitions.bucket_of(weekdays(counters.month_after(first), today)) != ">40"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/desk.sqlite")
    await database.migrate(MIGRATIONS)
    yield database
    await database.close()


def answers(cells: list[definitions.Measured], held: list[tuple[str, date, int]], today: date) -> Any:
    return (
        definitions.figures(cells, today),
        definitions.flow(cells),
        definitions.ageing(held, today, WORKING),
        sum(cell.count for cell in cells if cell.due_date == today - timedelta(days=1)),
    )


@pytest.mark.parametrize("seed", range(3))
async def test_the_sums_of_the_database_are_those_of_a_look_at_every_case(database: Database, seed: int):
    cases = [_drawn(number, seed) for number in range(400)]
    again = [replace(_drawn(number, seed + 10), matter=cases[number].matter) for number in range(0, 400, 3)]
    known: dict[str, CaseStatus] = {}
    async with database.write() as connection:
        for batch in (cases, again):
            after = {one.matter: one for one in batch}
            rows = [
                {"party": "kasn", "count": n} | asdict(which)
                for which, n in counters.changes(known, after).items()
            ]
            await increment(connection, TallyRow, "count", rows)
            await upsert(
                connection,
                CaseRow,
                [asdict(one) | {"since_date": definitions.since_date(one)} for one in batch],
            )
            known |= after

    for days in (*range(0, 190, 9), 11, 12, 42, 43, 72, 73):  # the first and last days of months, too
        today = FIRST.date() + timedelta(days=days)
        first = counters.aged_before(today, WORKING)
        async with database.read() as connection:
            whole = Wanted("kasn")
            looked = Wanted("kasn", start=date(2000, 1, 1))
            summed, seen = [
                answers(
                    await reads.cells(connection, wanted, today),
                    await reads.open_since(connection, wanted, first),
                    today,
                )
                for wanted in (whole, looked)
            ]
        cells = [definitions.measure(one) for one in known.values()]
        held = [
            (one.stage, definitions.since_date(one), 1)
            for one in known.values()
            if one.stage not in case_status.CLOSED
        ]
        assert summed == seen == answers(cells, held, today), today
    async with database.read() as connection:
        counts = [row.count for row in await connection.execute(table(TallyRow).select())]
    assert sum(counts) == len(known) and len(counts) < len(known)


def _drawn(number: int, seed: int) -> CaseStatus:
    """A case out of a thousand, by arithmetic: what hypothesis draws it does not draw within a coroutine."""
    n = number * 7919 + seed * 104_729
    since = FIRST + timedelta(days=n % 150)
    recommended = n % 4 > 0
    due = (since + timedelta(days=n % 81 - 40)).date() if recommended else None
    done = due + timedelta(days=n % 11 - 5) if due and n % 5 < 2 else None
    return CaseStatus(
        "kasn",
        f"00000000-0000-7000-8000-{number:012d}",
        "c",
        case_status.FLOW[n % len(case_status.FLOW)],
        "kasn",
        since,
        since.date(),
        number,
        recommended_date=since.date() if recommended else None,
        due_date=due,
        followed_up_date=done,
        on_time=done <= due if done and due else None,
        status=case_status.CONFORMS if n % 7 == 0 else "",
        answered=n % 3 == 0,
        blocked=n % 13 == 0,
        tier="CITY" if n % 2 else "REGENCY",
    )
