"""Rows as a file that other programs open: CSV, JSON, XLSX. What is text there stays text.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula and runs it (CWE-1236). XLSX can say that a cell is
text; CSV cannot, so there such a text gets an apostrophe in front, as OWASP advises.
"""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
"""Column → text, number, or None for an empty cell."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(file: Path, rows: Sequence[Row], title: str) -> None:
    """Write at least one row, all with the same columns; the file's suffix is one of `WRITERS`."""
    WRITERS[file.suffix](file, rows, title)


def _csv(file: Path, rows: Sequence[Row], _title: str) -> None:
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows({column: _harmless(value) for column, value in row.items()} for row in rows)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(file: Path, rows: Sequence[Row], _title: str) -> None:
    file.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _xlsx(file: Path, rows: Sequence[Row], title: str) -> None:
    # Only who writes such a file waits for its library; every command imports this module.
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    head = [_cell(sheet, column) for column in rows[0]]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row.values()])
    book.save(file)


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes a leading = for a formula
        cell.quotePrefix = value.startswith(_FORMULA)  # and it stays text when somebody edits the cell
    return cell


WRITERS: Mapping[str, Callable[[Path, Sequence[Row], str], None]] = {
    ".csv": _csv,
    ".json": _json,
    ".xlsx": _xlsx,
}
