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
from datetime import date
from pathlib import Path
from typing import IO, Any

from storage.files import whole_file


class Share(float):
    """A share from 0 to 1, which is shown in percent where a file can: CSV has the number of percent."""


Cell = str | int | float | date | Share | None
Row = Mapping[str, Any]
"""Column → text, number, date, share, or None for an empty cell."""
Notes = Sequence[tuple[str, str]]
"""What a reader needs to know, line by line: a subject, and what is said of it."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[0-9]+([.,/][0-9]+)*")
_WIDEST, _NARROWEST = 60, 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows with all the same columns, `heads`; the last `totals` of them are not filtered or sorted with the others."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Row]
    totals: int = 0
    notes: Notes = ()


def write(file: Path, rows: Sequence[Row], title: str) -> None:
    """Write at least one row, all with the same columns; the file's suffix is one of `WRITERS`."""
    write_sheet(file, Sheet(title, list(rows[0]), rows))


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
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title)
    page.freeze_panes = "A2"
    last = max(1, len(sheet.rows) + 1 - sheet.totals)
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.heads))}{last}"
    for place, head in enumerate(sheet.heads, start=1):
        width = _width(head, [row[head] for row in sheet.rows])
        page.column_dimensions[get_column_letter(place)].width = width
    page.append([_bold(page, head) for head in sheet.heads])
    for row in sheet.rows:
        page.append([_cell(page, row[head]) for head in sheet.heads])
    if sheet.notes:
        _write_notes(book.create_sheet("Keterangan"), sheet.notes)
    book.save(file)


def _write_notes(page: Any, notes: Notes) -> None:
    for letter, width in (("A", 32), ("B", 110)):
        page.column_dimensions[letter].width = width
    for subject, said in notes:
        page.append([_bold(page, subject), _cell(page, said)])


def _width(head: str, values: Sequence[Any]) -> int:
    """Wide enough for the longest word of the head and for most of what stands below it."""
    words = max((len(word) for word in head.split()), default=0)
    longest = max((10 if isinstance(value, date | Share) else len(str(value)) for value in values), default=0)
    return max(_NARROWEST, min(_WIDEST, max(words + 4, longest + 2)))


def _bold(sheet: Any, text: str) -> Any:
    from openpyxl.styles import Alignment, Font

    cell = _cell(sheet, text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, float(value) if isinstance(value, Share) else value)
    if isinstance(value, Share):
        cell.number_format = "0.0%"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes a leading = for a formula
        cell.number_format = "@"
        cell.quotePrefix = value.startswith(_FORMULA)  # and it stays text when somebody edits the cell
    return cell


WRITERS: Mapping[str, Callable[[IO[bytes], Sheet], None]] = {
    ".csv": _csv,
    ".json": _json,
    ".xlsx": _xlsx,
}
