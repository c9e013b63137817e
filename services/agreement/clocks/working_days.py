"""Working days and months between legal dates. No I/O.

Who counts many takes the counting as an argument (`WorkingDays`): `weekdays` counts Monday to Friday, `on` leaves out the days
off of a calendar too.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from agreement.clocks.calendar import Calendar, Leave

WorkingDays = Callable[[date, date], int]
"""Working days after the first date, up to and with the second; 0 if the second is not later."""


def weekdays(start: date, end: date) -> int:
    """Days from Monday to Friday after `start`, up to and with `end`; 0 if `end` is not later."""
    return max(0, _until(end) - _until(start))


def on(calendar: Calendar) -> WorkingDays:
    """Working days of a calendar: no weekends, no public holidays, no collective leave (cuti bersama)."""

    def working(start: date, end: date) -> int:
        years = range(start.year, end.year + 1)
        off = (day for year in years for day in calendar.days_off(year) if start < day <= end)
        return weekdays(start, end) - sum(day.weekday() < 5 for day in off)

    return working


def working_days_from(day: date, count: int, calendar: Calendar, leave: Leave = "off") -> date:
    """The working day that is `count` working days after `day`, or before it if `count` is below zero."""
    one = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += one
        left -= calendar.not_working(day, leave) is None
    return day


def _until(day: date) -> int:
    """Weekdays from 1 January of the year 1, a Monday, up to and with `day`."""
    weeks, rest = divmod(day.toordinal(), 7)
    return weeks * 5 + min(rest, 5)


def months_later(day: date, months: int) -> date:
    """The same day some months later; the last of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
