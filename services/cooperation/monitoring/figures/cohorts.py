"""Follow-up as a curve: of what was recommended in a month, which share was followed up within which time. Pure.

A case counts for a time only once that much time has passed since its recommendation, else young cohorts would look bad;
so every point has an N of its own. A withdrawn recommendation does not count.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from agreement.clocks.working_days import WorkingDays, months_later

WORKING_DAYS: Sequence[int] = (5, 10, 20, 40)
MONTHS: Sequence[int] = (2, 4, 6, 12, 24)
WITHIN: Sequence[str] = (*(f"{days}wd" for days in WORKING_DAYS), *(f"{months}m" for months in MONTHS))
INDONESIAN = (
    "Rekomendasi menurut bulan suratnya: bagian yang ditindaklanjuti dalam 5, 10, 20, 40 hari kerja dan 2, 4, 6, 12, 24"
    " bulan, dari rekomendasi yang sudah selama itu berjalan."
)
ENGLISH = (
    "Recommendations by the month of their letter: the share followed up within 5, 10, 20, 40 working days and 2, 4, 6, 12,"
    " 24 months, of those made at least as long ago."
)
ALL = "all"


@dataclass(frozen=True, slots=True)
class Point:
    """n of N within a time, such as `10wd` or `4m`."""

    within: str
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """A month (`2020-06`), or all: how many were recommended, and the curve."""

    month: str
    recommended: int
    points: Sequence[Point]


def within(start: date, working_days: WorkingDays, day: date) -> Sequence[bool]:
    """For each of `WITHIN`: whether a day lies within that time of the start."""
    days = working_days(start, day)
    return [
        *(days <= limit for limit in WORKING_DAYS),
        *(day <= months_later(start, months) for months in MONTHS),
    ]


def passed(start: date, working_days: WorkingDays, today: date) -> Sequence[bool]:
    """For each of `WITHIN`: whether that much time has passed since the start."""
    days = working_days(start, today)
    return [
        *(days >= limit for limit in WORKING_DAYS),
        *(today >= months_later(start, months) for months in MONTHS),
    ]


def cohorts(
    followed: Iterable[tuple[date, date | None, int]], today: date, working_days: WorkingDays
) -> list[Cohort]:
    """The curve of all, and of each month with recommendations, oldest first.

    Takes (recommended, followed up or None, count) of recommendations that stand.
    """
    totals = Counter[str]()
    n, of = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for recommended, followed_up, count in followed:
        old_enough = passed(recommended, working_days, today)
        done = within(recommended, working_days, followed_up) if followed_up else [False] * len(WITHIN)
        for month in (ALL, f"{recommended:%Y-%m}"):
            totals[month] += count
            for word, enough, in_time in zip(WITHIN, old_enough, done, strict=True):
                of[month, word] += count * enough
                n[month, word] += count * (enough and in_time)
    return [
        Cohort(month, totals[month], tuple(Point(word, n[month, word], of[month, word]) for word in WITHIN))
        for month in sorted(totals, key=lambda month: (month != ALL, month))
    ]
