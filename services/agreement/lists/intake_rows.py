"""A row of a list of reports and findings: read by a mapping, or named broken with line, column and what to do. No value is repeated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from agreement.lists import days
from agreement.lists.columns import Header, clean
from agreement.lists.intake_mapping import DAYS, NEEDED, SEALED, IntakeMapping, Name
from agreement.parties import bawaslu_offices
from refusals import Malformed

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
    """Reads the rows of one list. `heads` are the cells of the line that names its columns."""

    mapping: IntakeMapping
    header: Header
    heads: Sequence[str]
    _lines: dict[str, int] = field(default_factory=dict)

    def read(self, line: int, cells: Sequence[str]) -> IntakeRow | BrokenRow:
        """One row that is not blank."""
        if len(cells) > self.header.count and any(map(clean, cells[self.header.count :])):
            return BrokenRow(
                line,
                "",
                Reason.CELLS,
                "more cells than columns: a sign that parts cells stands in a text without quotation marks",
            )
        columns = list(self._columns(cells))
        for _, head, text in columns:
            if _NOT_UTF8 in text:
                return BrokenRow(
                    line,
                    head,
                    Reason.NOT_UTF8,
                    "a letter could not be read: save the file as CSV UTF-8 or .xlsx",
                )
            if text.startswith("="):
                return BrokenRow(line, head, Reason.FORMULA, "a formula: put its value there")
        return self._judge(line, columns)

    def _columns(self, cells: Sequence[str]) -> Iterator[tuple[int, str, str]]:
        """The columns that are read, in the order of the mapping: place there, name in the list, and text."""
        for at in range(len(self.mapping.column)):
            place = self.header.places.get(str(at))
            if place is not None:
                text = clean(cells[place]) if place < len(cells) else ""
                yield at, clean(self.heads[place]), "" if text in _NOTHING else text

    def _judge(self, line: int, columns: Sequence[tuple[int, str, str]]) -> IntakeRow | BrokenRow:
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
                return BrokenRow(line, named.get(name, name), Reason.MISSING, "empty: fill it in")
        return self._taken(line, given, named)

    def _taken(
        self, line: int, given: Mapping[Name, str], named: Mapping[Name, str]
    ) -> IntakeRow | BrokenRow:
        try:
            number = bawaslu_offices.number(given["number"])
        except Malformed as refusal:
            return BrokenRow(line, named["number"], Reason.NUMBER, str(refusal))
        if (before := self._lines.setdefault(number.text, line)) != line:
            return BrokenRow(
                line, named["number"], Reason.DUPLICATE, f"the number stands in line {before} already"
            )
        region = (
            self.mapping.region_of(given["region"])
            if "region" in given
            else bawaslu_offices.region_of(number.office)
        )
        if not region:
            return BrokenRow(
                line,
                named.get("region", "region"),
                Reason.REGION,
                "not a code or whole name of one region (62.02, Kabupaten Kotawaringin Timur): mend it, or name its word in the mapping",
            )
        read: dict[str, date] = {}
        for name in DAYS:
            day = days.day_of(given[name], month_first=self.mapping.month_first)
            if day is None:
                return BrokenRow(line, named[name], Reason.DATE, f"not a day such as {days.FORMS}")
            read[name] = day
        return IntakeRow(
            line,
            "FINDING" if number.origin == "FINDING" else "REPORT",
            number.text,
            region,
            **read,
            reporter=given.get("reporter", ""),
            description=given["description"],
        )
