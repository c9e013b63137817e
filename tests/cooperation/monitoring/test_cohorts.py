"""The curve by month of recommendation, against a naive second count of single cases."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.clocks.working_days import weekdays
from cooperation.monitoring.figures.cohorts import ALL, Cohort, Point, cohorts

TODAY = date(2021, 12, 31)
CASES = st.lists(
    st.tuples(
        st.dates(date(2019, 11, 1), TODAY),
        st.one_of(st.none(), st.integers(0, 800)),
        st.integers(1, 3),
    ),
    max_size=30,
)


def _months_on(start: date, months: int) -> date:
    year, month = start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1
    for day in range(start.day, 0, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise AssertionError


def _limit(start: date, within: str) -> date:
    """The last day that lies within a time, walking day by day."""
    number, unit = int(within.rstrip("wdm")), within.lstrip("0123456789")
    if unit == "m":
        return _months_on(start, number)
    day, left = start, number
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


@given(CASES)
def test_the_curve_is_what_counting_case_by_case_gives(cases: list[tuple[date, int | None, int]]):
    dated = [(r, r + timedelta(days=d) if d is not None else None, c) for r, d, c in cases]

    found = {cohort.month: cohort for cohort in cohorts(dated, TODAY, weekdays)}

    single = [(r, f) for r, f, count in dated for _ in range(count)]
    assert set(found) == {f"{r:%Y-%m}" for r, _ in single} | ({ALL} if single else set())
    for month, cohort in found.items():
        mine = [(r, f) for r, f in single if month in (ALL, f"{r:%Y-%m}")]
        assert cohort.recommended == len(mine)
        for point in cohort.points:
            old = [(r, f) for r, f in mine if _limit(r, point.within) <= TODAY]
            # A follow-up on the weekend after the last working day is within it too: no working day has passed.
            done = [
                (r, f)
                for r, f in old
                if f is not None
                and (
                    f <= _limit(r, point.within)
                    or (point.within.endswith("wd") and weekdays(_limit(r, point.within), f) == 0)
                )
            ]
            assert (point.n, point.of) == (len(done), len(old)), (month, point.within)


def test_a_young_recommendation_does_not_count_for_a_time_that_has_not_passed():
    (whole, month) = cohorts([(date(2021, 12, 1), None, 1)], TODAY, weekdays)

    assert month == Cohort("2021-12", 1, whole.points)
    assert [point for point in whole.points if point.of] == [
        Point("5wd", 0, 1),
        Point("10wd", 0, 1),
        Point("20wd", 0, 1),
    ]


@pytest.mark.parametrize(("followed_up", "n"), [(date(2021, 3, 1), 1), (date(2021, 3, 2), 0)])
def test_two_months_end_on_the_same_day_two_months_later(followed_up: date, n: int):
    whole, _ = cohorts([(date(2021, 1, 1), followed_up, 1)], TODAY, weekdays)

    assert whole.points[4] == Point("2m", n, 1)
