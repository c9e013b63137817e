"""Counters of cases that are alike, so that totals sum few rows and need not look at every case. Pure.

Of a due date, and of the date since when somebody holds a case, figures ask on which side of a day it lies. So a tally counts
by month, and whoever sums it looks at single cases only for the months that such a day cuts in two.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from agreement.clocks.working_days import WorkingDays
from cooperation.monitoring.figures import case_status, definitions
from cooperation.monitoring.figures.case_status import CaseStatus

NONE = date.min
"""The month of no date."""

_ON_TIME = {None: "", True: "YES", False: "NO"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Common values of cases that are counted together; the fields are those of a `Measured`.

    Months are their first days. `since_month` is that of the date since when an open case is held: `NONE` for a closed one.
    `on_time` is YES, NO, or empty while there is no follow-up.
    """

    stage: str
    status: str
    recommended: bool
    followed_up: bool
    on_time: str
    answered: bool
    blocked: bool
    due_month: date
    since_month: date


def bucket_of_case(case: CaseStatus) -> Bucket:
    """Return the bucket in which a case is counted."""
    cell = definitions.measure(case)
    held = case.stage not in case_status.CLOSED
    return Bucket(
        cell.stage,
        cell.status,
        cell.recommended,
        cell.followed_up,
        _ON_TIME[cell.on_time],
        cell.answered,
        cell.blocked,
        month(cell.due_date) if cell.due_date else NONE,
        month(definitions.since_date(case)) if held else NONE,
    )


def changes(before: Mapping[str, CaseStatus], after: Mapping[str, CaseStatus]) -> dict[Bucket, int]:
    """By how much each count changes when cases, by matter, become what they are after."""
    found = Counter(map(bucket_of_case, after.values()))
    found.subtract(bucket_of_case(before[matter]) for matter in after.keys() & before.keys())
    return {which: change for which, change in found.items() if change}


def month(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_after(first: date) -> date:
    """The first day of the next month."""
    return month(first + timedelta(days=31))


def months_split_by_due_date(today: date) -> Collection[date]:
    """The months in which a due date may have passed or not, or have passed yesterday or before."""
    return {month(today), month(today - timedelta(days=1))}


def aged_before(today: date, working_days: WorkingDays) -> date:
    """The first day of a month before which whatever is held has been so for as long as the last ageing bucket says."""
    first = month(today)
    while definitions.bucket_of(working_days(first - timedelta(days=1), today)) != definitions.BUCKETS[-1][0]:
        first = month(first - timedelta(days=1))
    return first
