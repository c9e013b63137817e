"""A row of a list of pledges (daftar ikrar): read strictly, or named broken with a reason that repeats no value.

A row is one line of a CSV file. What is kept of it is an *entry*: `number;employment;unit;date`, the one spelling of what a person
pledged where and when. Trees, salts and storage are left to others.

Files are taken as people make them where only one reading is possible: titles above the names of the columns, other names of the
same columns, blanks around a cell, an apostrophe before a number, days as Indonesia writes them. Only the four columns are judged;
what stands beside them refuses nobody.

Names are neither needed nor kept. A unit is the authority's own code, so that no prose and no number of a person gets
into a statement.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from agreement.lists import columns as list_columns
from agreement.lists import days
from agreement.lists.columns import MAX_TITLES, cells_of, clean
from agreement.parties import employments, identifiers
from agreement.prevention import campaigns
from cooperation.prevention.campaigns.units import is_unit
from refusals import Malformed

MAX_LINES = 2_000_000
MAX_LINE = 1_000  # characters
MAX_UNBROKEN = 1024 * 1024  # bytes without a line break
MAX_UNITS = 1_000  # their codes and counts have to fit into one statement of 60 KiB

NUMBER, STATUS, UNIT, DAY = COLUMNS = ("nip", "status", "unit", "tanggal")
_NUMBER = re.compile(r"[0-9]{16}|[0-9]{18}")
_PARTED = re.compile(r"[0-9][0-9 .-]{14,30}[0-9]")
_NOT_UTF8 = "\ufffd"


class Reason(StrEnum):
    """Reason for which a row was not taken."""

    NOT_UTF8 = "NOT_UTF8"
    UNREADABLE = "UNREADABLE"
    CELLS = "CELLS"
    FORMULA = "FORMULA"
    STATUS = "STATUS"
    NUMBER = "NUMBER"
    UNIT = "UNIT"
    DATE = "DATE"
    DUPLICATE = "DUPLICATE"
    TOO_MANY_UNITS = "TOO_MANY_UNITS"
    TOO_LONG = "TOO_LONG"


# What is said of each, in the language of who asks; the field is the column at fault.
SAID: Mapping[Reason, Malformed] = {
    Reason.NOT_UTF8: Malformed("the line is not UTF-8: save the file as CSV UTF-8"),
    Reason.UNREADABLE: Malformed(
        "a quotation mark does not end in its line, or a control character stands in it"
    ),
    Reason.CELLS: Malformed("another number of cells than the line that names the columns"),
    Reason.FORMULA: Malformed("a cell that is read begins like a formula (= + - @): put its value there"),
    Reason.STATUS: Malformed(
        "not a status that is known; known are {words}", words=", ".join(employments.words()), field=STATUS
    ),
    Reason.NUMBER: Malformed(
        "not a NIP (PNS, CPNS, PPPK) or NIK (PPNPN) as its rules have it; in a spreadsheet the column has to be text",
        field=NUMBER,
    ),
    Reason.UNIT: Malformed(
        "not a unit code: up to 20 capitals, digits, dots and hyphens, not a personal number", field=UNIT
    ),
    Reason.DATE: Malformed(
        "not a day such as {forms} on which there was a pledge and that is not in the future",
        forms=days.FORMS,
        field=DAY,
    ),
    Reason.DUPLICATE: Malformed("the person stands in the list already, by an earlier line", field=NUMBER),
    Reason.TOO_MANY_UNITS: Malformed("more than {limit} units", limit=MAX_UNITS, field=UNIT),
    Reason.TOO_LONG: Malformed("over {limit} characters", limit=MAX_LINE),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of the cells of a row, by the line of a file that names its columns."""

    delimiter: str
    count: int
    places: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A good row: its text, and what is counted. `number` is the NIP or NIK; the two never have the same value."""

    text: str
    number: int
    unit: str


@dataclass(slots=True)
class Rows:
    """Reads the rows of one file. `today` is the legal date at the authority; what was found valid is remembered."""

    columns: Columns
    today: date
    _statuses: dict[str, employments.Code | None] = field(default_factory=dict)
    _days: dict[str, str] = field(default_factory=dict)
    _units: dict[str, bool] = field(default_factory=dict)

    def read(self, line: str) -> Entry | Reason:
        """One line, without its line break."""
        if len(line) > MAX_LINE:
            return Reason.TOO_LONG
        cells = cells_of(line, self.columns.delimiter)
        if cells is None or not self._are_all_there(cells):
            if _NOT_UTF8 in line:
                return Reason.NOT_UTF8
            return Reason.UNREADABLE if cells is None else Reason.CELLS
        wanted = [clean(cells[place]) for place in self.columns.places]
        for cell in wanted:
            if _NOT_UTF8 in cell:
                return Reason.NOT_UTF8
            if cell[:1] in _FORMULA:
                return Reason.FORMULA
        return self._judge(*wanted)

    def _are_all_there(self, cells: Sequence[str]) -> bool:
        """True if no cell that is read is missing, and nothing stands behind the last column."""
        behind = cells[self.columns.count :]
        return len(cells) > max(self.columns.places) and not any(map(clean, behind))

    def _judge(self, number: str, status: str, unit: str, day: str) -> Entry | Reason:
        employment = self._employment(status)
        if employment is None:
            return Reason.STATUS
        if _PARTED.fullmatch(number):
            number = number.replace(" ", "").replace(".", "").replace("-", "")
        try:
            identifiers.nik(number) if employment == "PPNPN" else identifiers.nip(number, employment)
        except Malformed:
            return Reason.NUMBER
        if not self._is_unit(unit):
            return Reason.UNIT
        pledged = self._day(day)
        if not pledged:
            return Reason.DATE
        return Entry(f"{number};{employment};{unit};{pledged}", int(number), unit)

    def _employment(self, status: str) -> employments.Code | None:
        if status not in self._statuses and len(self._statuses) < MAX_UNITS:
            self._statuses[status] = employments.employment_of(status)
        return self._statuses[status] if status in self._statuses else employments.employment_of(status)

    def _is_unit(self, unit: str) -> bool:
        known = self._units.get(unit)
        if known is None:
            known = is_unit(unit)
            if len(self._units) < 10 * MAX_UNITS:
                self._units[unit] = known
        return known

    def _day(self, text: str) -> str:
        """The day of a pledge in its one spelling; empty if it is none."""
        known = self._days.get(text)
        if known is None:
            day = days.day_of(text)
            known = day.isoformat() if day is not None and _is_day_of_a_pledge(day, self.today) else ""
            if len(self._days) < 100_000:
                self._days[text] = known
        return known


_FORMULA = frozenset("=+-@")


def find_columns(lines: Sequence[str], *, whole: bool) -> tuple[Columns, int] | None:
    """Find the line that names the columns, below titles and a `sep=;` if there are any; gives its number too.

    `lines` are the first ones of a file, or all (`whole`). None: it may be a line that is not there yet.

    Raises:
        Malformed: none of the lines among which it has to stand names all columns, each once.
    """
    try:
        found = list_columns.find_header(list_columns.rows_of(lines), list_columns.fields_of("PLEDGES"))
    except list_columns.NoHeader:
        if whole or len(lines) >= MAX_TITLES:
            raise _no_header() from None
        return None
    number, status, unit, day = (found.places[column] for column in COLUMNS)
    return Columns(found.delimiter, found.count, (number, status, unit, day)), found.line


def columns(header: str) -> Columns:
    """Read the line of a file that names its columns: the four in any order, others beside them.

    Raises:
        Malformed: a column is missing or stands twice.
    """
    found = find_columns([header], whole=True)
    assert found is not None
    return found[0]


def _no_header() -> Malformed:
    return Malformed(
        "none of the first lines names the columns {columns}, each once",
        columns=", ".join(COLUMNS),
        field="data",
        reason="NO_HEADER",
    )


def person(number: str) -> str:
    """The number of a person who is looked for: 18 digits (NIP) or 16 (NIK).

    Raises:
        Malformed: it is neither.
    """
    if not _NUMBER.fullmatch(number):
        raise Malformed("neither a NIP (18 digits) nor a NIK (16)", field="number")
    return number


def unbroken() -> Malformed:
    """The refusal of a file without line breaks."""
    return Malformed("over 1 MiB without a line break", field="data", reason="NOT_LINES")


def person_of(entry: str) -> int:
    """The number in an entry."""
    return int(entry.partition(";")[0])


def unit_of(entry: str) -> str:
    """The unit in an entry."""
    return entry.split(";")[2]


def day_of(entry: str) -> str:
    """The day in an entry."""
    return entry.rpartition(";")[2]


def _is_day_of_a_pledge(day: date, today: date) -> bool:
    try:
        campaigns.pledge_on(day)
    except Malformed:
        return False
    return day <= today
