"""Working days and months, against counting day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.clocks import calendar
from agreement.clocks.working_days import months_later, on, weekdays

DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@given(DAYS, st.integers(-10, 900))
def test_weekdays_are_those_that_one_counts_day_by_day(start: date, distance: int):
    end = start + timedelta(days=distance)

    counted = sum((start + timedelta(days=day)).weekday() < 5 for day in range(1, distance + 1))
    assert weekdays(start, end) == counted


def test_from_friday_to_monday_is_one_working_day():
    assert weekdays(date(2020, 6, 26), date(2020, 6, 29)) == 1


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2020, 6, 26), 4, date(2020, 10, 26)),
        (date(2020, 12, 31), 2, date(2021, 2, 28)),
        (date(2019, 12, 31), 2, date(2020, 2, 29)),
        (date(2020, 11, 30), 24, date(2022, 11, 30)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, later: date):
    assert months_later(day, months) == later


@given(st.dates(date(2019, 1, 1), date(2027, 6, 30)), st.integers(-10, 400))
def test_working_days_of_a_calendar_are_those_that_one_counts_day_by_day(start: date, distance: int):
    days = calendar.latest()
    end = start + timedelta(distance)
    counted = sum(days.off(start + timedelta(n)) is None for n in range(1, distance + 1))

    assert on(days)(start, end) == counted
