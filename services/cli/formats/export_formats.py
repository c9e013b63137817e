"""Rows as a file that other programs open: CSV, JSON, XLSX. What is text there stays text.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula and runs it (CWE-1236), a code such as 62.10 for
the number 62.1, and 1/3 for a day in March. XLSX can say that a cell is text; CSV cannot, so there such a text gets an
apostrophe in front, as OWASP advises. A CSV begins with a byte order mark, without which Excel takes it for another encoding.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from storage.files import whole_file


class Share(float):
    """A share from 0 to 1, which is shown in percent where a file can: CSV has the number of percent."""


class Ordinal(int):
    """A number that says which and not how many: a file shows it without separators."""


@dataclass(frozen=True, slots=True)
class Counted:
    """n of N; a file has its share too."""

    n: int
    of: int

    def __str__(self) -> str:
        return f"{self.n}/{self.of}"

    @property
    def share(self) -> Share | None:
        """The share; none of nothing."""
        return Share(self.n / self.of) if self.of else None


@dataclass(frozen=True, slots=True)
class Named:
    """An id with its name; a file has a column for each."""

    id: str
    name: str

    def __str__(self) -> str:
        return f"{self.id} {self.name}"


Cell = str | int | float | date | Share | None
Row = Mapping[str, Any]
"""Column → text, number, date, share, or None for an empty cell."""
Notes = Sequence[tuple[str, str]]
"""What a reader needs to know, line by line: a subject, and what is said of it."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[0-9]+([.,/][0-9]+)*")
_RATIO = re.compile(r"[0-9]+/[0-9]+")
_WIDEST, _NARROWEST = 60, 8
_LINE_HEIGHT, _A4 = 15, 9
_BOLD = 1.12
"""Bold letters are wider by this than those in which a width is given."""
_HEAD_COLOUR = "DDE6F0"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows with all the same columns, `heads`; those at the places `sums` sum up others.

    A filter leaves out the sums at the end. The first `keys` columns say what a row is, and stay in sight. The notes stand on a sheet of
    their own, `notes_title`; so does each of `more`, in a format that has sheets.
    """

    title: str
    notes_title: str
    heads: Sequence[str]
    rows: Sequence[Row]
    sums: Sequence[int] = ()
    notes: Notes = ()
    keys: int = 0
    more: Sequence["Sheet"] = ()


def write(file: Path, rows: Sequence[Row], title: str) -> None:
    """Write at least one row, all with the same columns; the file's suffix is one of `WRITERS`."""
    write_sheet(file, Sheet(title, "", list(rows[0]), rows))


def write_sheet(file: Path, sheet: Sheet) -> None:
    """Write a sheet; its notes stand on one of their own, in a format that has sheets."""
    with whole_file(file) as target:
        WRITERS[file.suffix](target, sheet)


def _csv(file: IO[bytes], sheet: Sheet) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.DictWriter(text, sheet.heads)
    writer.writeheader()
    writer.writerows({column: _harmless(value) for column, value in row.items()} for row in sheet.rows)
    text.detach()


def _harmless(value: Any) -> Any:
    if isinstance(value, Share):
        return round(100 * value, 2)
    unsafe = isinstance(value, str) and (value.startswith(_FORMULA) or _NUMBER.fullmatch(value))
    return f"'{value}" if unsafe else value


def _json(file: IO[bytes], sheet: Sheet) -> None:
    text = json.dumps([dict(row) for row in sheet.rows], indent=2, ensure_ascii=False, default=date.isoformat)
    file.write(f"{text}\n".encode())


def _xlsx(file: IO[bytes], sheet: Sheet) -> None:
    # Only who writes such a file waits for its library; every command imports this module.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for each in (sheet, *sheet.more):
        _write_rows(book.create_sheet(_sheet_name(each.title, book.sheetnames)), each)
    if sheet.notes:
        _write_notes(book.create_sheet(_sheet_name(sheet.notes_title, book.sheetnames)), sheet)
    book.save(file)


def _write_rows(page: Any, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    page.freeze_panes = f"{get_column_letter(sheet.keys + 1)}2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.heads))}{_last_filtered(sheet)}"
    widths = [_width(head, [row[head] for row in sheet.rows]) for head in sheet.heads]
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(place)].width = width
    _set_up_print(page, sheet.title)
    page.print_title_rows = "1:1"
    _append(page, 1, [_head(page, head) for head in sheet.heads], widths)
    for number, row in enumerate(sheet.rows):
        cells = [_cell(page, row[head], bold=number in sheet.sums) for head in sheet.heads]
        _append(page, number + 2, cells, widths)


def _sheet_name(title: str, taken: Sequence[str] = ()) -> str:
    """A title as a spreadsheet takes it for a sheet: 31 characters, whole words, each once."""
    name = title[:32].rpartition(" ")[0] if len(title) > 31 else title
    name = name or title[:31]
    return name if name not in taken else f"{name[:28]} {len(taken) + 1}"


def _last_filtered(sheet: Sheet) -> int:
    """The last line that is filtered and sorted: sums at the end stay where they are."""
    last = len(sheet.rows)
    while last - 1 in sheet.sums:
        last -= 1
    return last + 1 if last else 1


def _set_up_print(page: Any, title: str) -> None:
    """Landscape, as wide as a page, the heads again on each, title and page number. Before the first row is written."""
    from openpyxl.worksheet.properties import PageSetupProperties

    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = _A4
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToHeight = 0
    page.oddHeader.left.text = title.replace("&", "&&")
    page.oddFooter.right.text = "&P / &N"


def _write_notes(page: Any, sheet: Sheet) -> None:
    widths = (32, 110)
    for letter, width in zip("AB", widths, strict=True):
        page.column_dimensions[letter].width = width
    _set_up_print(page, sheet.title)
    for number, (subject, text) in enumerate(sheet.notes):
        _append(page, number + 1, [_head(page, subject), _cell(page, text)], widths)


def _append(page: Any, line: int, cells: Sequence[Any], widths: Sequence[int]) -> None:
    """Append a line as high as its longest text, which is broken between words where it is wider than its column."""
    from openpyxl.styles import Alignment

    lines = [
        _lines(cell.value, round(width / _BOLD) if cell.font.bold else width)
        if isinstance(cell.value, str)
        else 1
        for cell, width in zip(cells, widths, strict=True)
    ]
    for cell, count in zip(cells, lines, strict=True):
        ratio = isinstance(cell.value, str) and _RATIO.fullmatch(cell.value)
        cell.alignment = Alignment("right" if ratio else None, "top", wrap_text=count > 1)
    if max(lines, default=1) > 1:
        page.row_dimensions[line].height = max(lines) * _LINE_HEIGHT
    page.append(cells)


def _width(head: str, values: Sequence[Any]) -> int:
    """Wide enough for the longest word of the head and for most of what stands below it."""
    words = max((len(word) for word in head.split()), default=0)
    longest = max((10 if isinstance(value, Share) else len(str(value)) for value in values), default=0)
    return max(_NARROWEST, min(_WIDEST, round(max(words * _BOLD + 3, longest * _BOLD + 2))))


def _lines(text: str, room: int) -> int:
    """Count the lines that a text takes where a line has room for so many letters, broken between words."""
    lines, left = 1, room
    for word in text.split():
        if len(word) > left and left < room:
            lines, left = lines + 1, room
        left -= len(word) + 1
    return lines


def _head(page: Any, text: str) -> Any:
    from openpyxl.styles import PatternFill

    cell = _cell(page, text, bold=True)
    cell.fill = PatternFill("solid", fgColor=_HEAD_COLOUR)
    return cell


def _cell(page: Any, value: Any, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(page, float(value) if isinstance(value, Share) else value)
    if isinstance(value, Share):
        cell.number_format = "0.0%"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"
    elif isinstance(value, int):
        cell.number_format = "0" if isinstance(value, Ordinal) else "#,##0"
    elif isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes a leading = for a formula
        cell.number_format = "@"
        cell.quotePrefix = value.startswith(_FORMULA)  # and it stays text when somebody edits the cell
    if bold:
        cell.font = Font(bold=True)
    return cell


WRITERS: Mapping[str, Callable[[IO[bytes], Sheet], None]] = {
    ".csv": _csv,
    ".json": _json,
    ".xlsx": _xlsx,
}
