"""Periods as people write them: a year, a half-year (semester, S), a quarter (triwulan, Q). Pure."""

import re
from datetime import date

from cooperation.monitoring.figures.agreed_figures import Period as Period
from refusals import Malformed

_WRITTEN = re.compile(r"(?P<year>20[0-9]{2})(-(?P<kind>[QS])(?P<number>[1-4]))?", re.IGNORECASE)
_MONTHS = {"Q": 3, "S": 6}


def period_of(text: str) -> Period:
    """The days of `2024`, `2024-S2` or `2024-Q4`.

    Raises:
        Malformed: it is written in another way, or there is no such part of a year.
    """
    found = _WRITTEN.fullmatch(text)
    months = _MONTHS[found["kind"].upper()] if found and found["kind"] else 12
    number = int(found["number"]) if found and found["number"] else 1
    if found is None or months * number > 12:
        raise Malformed(
            "not a period: write a year, a half-year or a quarter, such as 2024, 2024-S2, 2024-Q4"
        )
    first = date(int(found["year"]), months * (number - 1) + 1, 1)
    after = first.month + months
    return Period(first, date(first.year + after // 13, (after - 1) % 12 + 1, 1))
