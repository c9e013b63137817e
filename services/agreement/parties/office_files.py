"""Reads an operator's table of offices: a CSV of the same columns as ours, as a spreadsheet writes it.

Bawaslu alone has some 550 offices: whoever knows their codes adds them by this file, without a release.
"""

import csv
import io
from pathlib import Path

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.parties import offices
from agreement.parties.offices import Line


def read_file(path: Path) -> tuple[Line, ...]:
    """The lines of a file: UTF-8, comma or semicolon. Raises `BrokenData`, naming file, line and field, for what is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenData(path.name, "file", f"cannot be read: {type(error).__name__}") from error
    lines = data_files.rows(Line, path.name, _plain(text))
    if not lines:
        raise BrokenData(path.name, "file", "no office")
    return lines


def add_file(path: Path) -> None:
    """Take up the offices of a file, once, when a process starts. Raises `BrokenData` as `read_file` does."""
    offices.add(read_file(path), path.name)


def _plain(text: str) -> str:
    """The table with commas and without the empty rows at its end, which spreadsheets leave."""
    head = text.partition("\n")[0]
    delimiter = ";" if ";" in head and "," not in head else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()
