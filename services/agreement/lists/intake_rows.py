"""A row of a list of reports and findings: read by a mapping, or named broken with line, column and what to do. No value is repeated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from agreement.lists import days
from agreement.lists.columns import Header, clean
from agreement.lists.intake_mapping import DAYS, NEEDED, SEALED, IntakeMapping, Name
from agreement.parties import bawaslu_numbers, bawaslu_offices
from refusals import Malformed, catalogue

_NOT_UTF8 = "\ufffd"
_NOTHING = ("", "-", "–", "—")


class Reason(StrEnum):
    """Reason for which a row was not taken before any desk was asked."""

    NOT_UTF8 = "NOT_UTF8"
    FORMULA = "FORMULA"
    CELLS = "CELLS"
    MISSING = "MISSING"
    NUMBER = "NUMBER"
    REGION = "REGION"
    DATE = "DATE"
    DUPLICATE = "DUPLICATE"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that was not taken: its line, the column at fault as the list names it, a stable reason, and what to do."""

    line: int
    column: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """A report or finding of a list. `reporter` and `description` are prose: they go into sealed parts only."""

    line: int
    origin: Literal["REPORT", "FINDING"]
    number: str
    region: str
    event_date: date
    known_date: date
    received_date: date
    reporter: str = field(repr=False)
    description: str = field(repr=False)


@dataclass(slots=True)
class IntakeRows:
    """Reads the rows of one list, and says in a language what is broken. `heads` are the cells of the line that names its columns."""

    mapping: IntakeMapping
    header: Header
    heads: Sequence[str]
    language: str = catalogue.ENGLISH
    _lines: dict[str, int] = field(default_factory=dict)

    def read(self, line: int, cells: Sequence[str]) -> IntakeRow | BrokenRow:
        """One row that is not blank."""
        try:
            return self._row(line, cells)
        except _Broken as broken:
            message = catalogue.render(broken.refusal, self.language)
            return BrokenRow(line, broken.refusal.field or "", broken.reason, message)

    def _row(self, line: int, cells: Sequence[str]) -> IntakeRow:
        if len(cells) > self.header.count and any(map(clean, cells[self.header.count :])):
            raise _Broken(
                Reason.CELLS,
                Malformed(
                    "more cells than columns: a sign that parts cells stands in a text without quotation marks"
                ),
            )
        columns = list(self._columns(cells))
        for _, head, text in columns:
            if _NOT_UTF8 in text:
                raise _Broken(
                    Reason.NOT_UTF8,
                    Malformed("a letter could not be read: save the file as CSV UTF-8 or .xlsx", field=head),
                )
            if text.startswith("="):
                raise _Broken(Reason.FORMULA, Malformed("a formula: put its value there", field=head))
        return self._judge(line, columns)

    def _columns(self, cells: Sequence[str]) -> Iterator[tuple[int, str, str]]:
        """The columns that are read, in the order of the mapping: place there, name in the list, and text."""
        for at in range(len(self.mapping.column)):
            place = self.header.places.get(str(at))
            if place is not None:
                text = clean(cells[place]) if place < len(cells) else ""
                yield at, clean(self.heads[place]), "" if text in _NOTHING else text

    def _judge(self, line: int, columns: Sequence[tuple[int, str, str]]) -> IntakeRow:
        given: dict[Name, str] = {}
        named: dict[Name, str] = {}
        for at, head, text in columns:
            column = self.mapping.column[at]
            named.setdefault(column.field, head)
            if text and column.field in SEALED:
                said = f"{column.heading}: {text}" if column.heading else text
                given[column.field] = f"{given[column.field]}\n{said}" if column.field in given else said
            elif text:
                given[column.field] = text
        for name in NEEDED:
            if name not in given:
                raise _Broken(Reason.MISSING, Malformed("empty: fill it in", field=named.get(name, name)))
        number = self._number(line, given["number"], named["number"])
        event, known, received = (self._day(given[name], named[name]) for name in DAYS)
        return IntakeRow(
            line,
            "FINDING" if number.origin == "FINDING" else "REPORT",
            number.text,
            self._region(given.get("region", ""), number.office, named.get("region", "region")),
            event,
            known,
            received,
            given.get("reporter", ""),
            given["description"],
        )

    def _number(self, line: int, text: str, head: str) -> bawaslu_numbers.Number:
        try:
            number = bawaslu_numbers.number(text, field=head)
        except Malformed as refusal:
            raise _Broken(Reason.NUMBER, refusal) from None
        before = self._lines.setdefault(number.canonical, line)
        if before != line:
            raise _Broken(
                Reason.DUPLICATE,
                Malformed("the number stands in line {line} already", line=before, field=head),
            )
        return number

    def _region(self, words: str, office: str, head: str) -> str:
        region = self.mapping.region_of(words) if words else bawaslu_offices.region_of(office)
        if not region:
            raise _Broken(
                Reason.REGION,
                Malformed(
                    "not a code or whole name of one region (62.02, Kabupaten Kotawaringin Timur): mend it, or name its word in "
                    "the mapping",
                    field=head,
                ),
            )
        return region

    def _day(self, text: str, head: str) -> date:
        day = days.day_of(text, month_first=self.mapping.month_first)
        if day is None:
            raise _Broken(Reason.DATE, Malformed("not a day such as {forms}", forms=days.FORMS, field=head))
        return day


class _Broken(Exception):
    """A row is broken: the stable reason, and the refusal that says it, whose field is the list's name of the column."""

    def __init__(self, reason: Reason, refusal: Malformed) -> None:
        super().__init__()
        self.reason, self.refusal = reason, refusal
