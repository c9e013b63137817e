"""Days as lists have them: what `written_dates` reads, also with a weekday or a time, or as the number that a spreadsheet has for a day.

A day is read where only one reading is possible. A year of two digits has two, so it is refused; of numbers the day stands
before the month, as Indonesia writes them, unless the caller says otherwise.
"""

import re
from datetime import date, timedelta

from agreement.clocks import written_dates
from refusals import Malformed

_WEEKDAYS = {
    name: weekday
    for weekday, names in enumerate(
        ("senin", "selasa", "rabu", "kamis", "jumat jum'at jumaat", "sabtu", "minggu ahad")
    )
    for name in names.split()
}
_WEEKDAY = re.compile(r"([a-z']+)[,/ ]+(?:tanggal |tgl )?(?=[0-9])")
_TIMED = re.compile(
    r"(.+?)[ t,]+(?:pukul |jam )?[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:\.[0-9]+)?)?(?: ?wi(?:b|ta|t))?"
)
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.])([0-9]{2})\2([0-9]{2})")
_NUMBERS = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})\2([0-9]{4})")
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
# The numbers that a spreadsheet has for the days of 2000 to 2099; a workbook of another count is read by its own days.
_FIRST_SERIAL, _LAST_SERIAL, _DAY_ZERO = 36_526, 73_050, date(1899, 12, 30)

FORMS = "2023-11-13, 13-11-2023 or 13 November 2023"


def day_of(text: str, *, month_first: bool = False) -> date | None:
    """The day that a text means, whatever time stands behind it; None if it means none, or could mean two."""
    text = " ".join(text.split()).casefold()
    if serial := _SERIAL.fullmatch(text):
        return _of_serial(int(serial[1]))
    if timed := _TIMED.fullmatch(text):
        text = timed[1]
    weekday = _WEEKDAY.match(text)
    try:
        day = written_dates.read_date(_usual(text[weekday.end() :] if weekday else text, month_first))
    except Malformed:
        return None
    # A weekday that is another one than that of the date: one of the two is wrong.
    return day if weekday is None or _WEEKDAYS.get(weekday[1]) == day.weekday() else None


def _usual(text: str, month_first: bool) -> str:
    """The form that letters have of a day that is written in numbers."""
    if found := _YEAR_FIRST.fullmatch(text):
        return f"{found[1]}-{found[3]}-{found[4]}"
    if found := _NUMBERS.fullmatch(text):
        first, second = (found[3], found[1]) if month_first else (found[1], found[3])
        return f"{first}-{second}-{found[4]}"
    return text


def _of_serial(number: int) -> date | None:
    return _DAY_ZERO + timedelta(days=number) if _FIRST_SERIAL <= number <= _LAST_SERIAL else None
