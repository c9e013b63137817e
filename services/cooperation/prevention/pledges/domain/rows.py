"""A row of a list of pledges (daftar ikrar): read strictly, or named broken with a reason that repeats no value.

A row is one line of a CSV file. What is kept of it is an *entry*: `number;status;unit;date`, the one spelling of what a person
pledged where and when. Trees, salts and storage are left to others.

Names are neither needed nor kept. A unit is the authority's own code, so that no prose and no number of a person gets
into a statement.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from agreement.parties import identifiers
from agreement.prevention import campaigns
from cooperation.prevention.campaigns.units import NOT_A_UNIT, is_unit
from refusals import Malformed

MAX_LINES = 2_000_000
MAX_LINE = 1_000  # characters
MAX_UNBROKEN = 1024 * 1024  # bytes without a line break
MAX_UNITS = 1_000  # their codes and counts have to fit into one statement of 60 KiB

NUMBER, STATUS, UNIT, DAY = COLUMNS = ("nip", "status", "unit", "tanggal")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NUMBER = re.compile(r"[0-9]{16}|[0-9]{18}")
_EMPLOYMENTS = ("PNS", "PPPK", "PPNPN")


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


# The column at fault, and a sentence.
SAID: Mapping[Reason, tuple[str, str]] = {
    Reason.NOT_UTF8: ("", "the line is not UTF-8"),
    Reason.UNREADABLE: ("", "a quotation mark does not end in its line, or a control character stands in it"),
    Reason.CELLS: ("", "another number of cells than the first line"),
    Reason.FORMULA: ("", "a cell begins like a formula (= + - @)"),
    Reason.STATUS: (STATUS, "neither PNS, PPPK nor PPNPN"),
    Reason.NUMBER: (NUMBER, "not a NIP (PNS, PPPK) or NIK (PPNPN) as its rules have it"),
    Reason.UNIT: (UNIT, NOT_A_UNIT),
    Reason.DATE: (DAY, "not a day YYYY-MM-DD on which there was a pledge and that is not in the future"),
    Reason.DUPLICATE: (NUMBER, "the person stands in the list already, by an earlier line"),
    Reason.TOO_MANY_UNITS: (UNIT, f"more than {MAX_UNITS} units"),
    Reason.TOO_LONG: ("", f"over {MAX_LINE} characters"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of the cells of a row, by the first line of a file."""

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
    _days: dict[str, bool] = field(default_factory=dict)
    _units: dict[str, bool] = field(default_factory=dict)

    def read(self, line: str) -> Entry | Reason:
        """One line, without its line break."""
        if len(line) > MAX_LINE:
            return Reason.TOO_LONG
        cells = _cells(line, self.columns.delimiter)
        if cells is None:
            return Reason.UNREADABLE
        if len(cells) != self.columns.count:
            return Reason.CELLS
        for cell in cells:
            # A spreadsheet trims what stands before a formula.
            if cell.lstrip()[:1] in _FORMULA:
                return Reason.FORMULA
        number, status, unit, day = [cells[place] for place in self.columns.places]
        if status not in _EMPLOYMENTS:
            return Reason.STATUS
        try:
            identifiers.nik(number) if status == "PPNPN" else identifiers.nip(number, status)
        except Malformed:
            return Reason.NUMBER
        if not self._is_unit(unit):
            return Reason.UNIT
        if not self._is_day(day):
            return Reason.DATE
        return Entry(f"{number};{status};{unit};{day}", int(number), unit)

    def _is_unit(self, unit: str) -> bool:
        known = self._units.get(unit)
        if known is None:
            known = is_unit(unit)
            if len(self._units) < 10 * MAX_UNITS:
                self._units[unit] = known
        return known

    def _is_day(self, day: str) -> bool:
        known = self._days.get(day)
        if known is None:
            known = _is_day_of_a_pledge(day, self.today)
            if len(self._days) < 100_000:
                self._days[day] = known
        return known


_FORMULA = frozenset("=+-@")


def columns(header: str) -> Columns:
    """Read the first line of a file: the four columns in any order, others beside them.

    Raises:
        Malformed: a column is missing or stands twice.
    """
    delimiter = ";" if header.count(";") > header.count(",") else ","
    names = [name.strip().lower() for name in _cells(header, delimiter) or ()]
    if any(names.count(column) != 1 for column in COLUMNS):
        raise Malformed(
            "the first line does not name the columns {columns}, each once",
            columns=", ".join(COLUMNS),
            field="data",
            reason="NO_HEADER",
        )
    number, status, unit, day = (names.index(column) for column in COLUMNS)
    return Columns(delimiter, len(names), (number, status, unit, day))


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


def _cells(line: str, delimiter: str) -> Sequence[str] | None:
    """The cells of a line; None if a quotation mark does not end in it, or a control character stands in it."""
    if _CONTROL.search(line):
        return None
    if '"' not in line:
        return line.split(delimiter)
    try:
        (cells,) = csv.reader([line], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return None
    return cells


def _is_day_of_a_pledge(day: str, today: date) -> bool:
    if not _DATE.fullmatch(day):
        return False
    try:
        found = date.fromisoformat(day)
        campaigns.pledge_on(found)
    except (ValueError, Malformed):
        return False
    return found <= today
