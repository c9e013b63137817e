"""Dates as people write them, and the years in which one can lie. Pure.

A date before 1900 or after 2199 is a typing error, and every count of days from one stays inside the calendar.
"""

import re
from collections.abc import Mapping
from datetime import date

from refusals import Malformed

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)

_MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february feb pebruari",
            "maret march mar",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "agustus august agu ags agt aug",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        1,
    )
    for name in names.split()
}
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4})")
_NAMED = re.compile(r"(?P<day>[0-9]{1,2})[ -](?P<month>[A-Za-z]{3,9})\.?[ -](?P<year>[0-9]{4})")


def read_date(text: str, *, field: str | None = None) -> date:
    """Read a date: `2023-11-15`, `15-11-2023` (also with / or .) or `15 November 2023`; the day stands before the month.

    Raises:
        Malformed: it is written in another way, or there is no such day.
    """
    written = " ".join(text.split())
    for form in (_YEAR_FIRST, _DAY_FIRST, _NAMED):
        found = form.fullmatch(written)
        if found is not None:
            return _day_of(found, field)
    raise Malformed("not a date: write 2023-11-15, 15-11-2023 or 15 November 2023", field=field)


def check_date(day: date, *, field: str | None = None) -> date:
    """A date that can be right, as it is.

    Raises:
        Malformed: it lies before 1900 or after 2199.
    """
    if not FIRST <= day <= LAST:
        raise Malformed("not a date of the years 1900 to 2199", field=field)
    return day


def _day_of(found: re.Match[str], field: str | None) -> date:
    month = found["month"]
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    try:
        return check_date(date(int(found["year"]), number, int(found["day"])), field=field)
    except ValueError:
        raise Malformed("there is no such day in the calendar", field=field) from None
