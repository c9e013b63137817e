"""A spreadsheet (XLSX) as the lines of a CSV file: on the officer's machine, so that no desk ever opens one.

Row n of the first sheet that is not hidden is line n. What a sheet cannot be trusted with is left for the desk to refuse by line: formulas are
written as such, and numbers of 16 and more digits, of which a spreadsheet keeps 15, as what they are.
"""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cli.language import said

MAX_FILE = 64 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_PARTS = 1_000
MAX_ROWS = 2_000_000
MAX_COLUMNS = 100


class BadSpreadsheet(Exception):
    """The file is no spreadsheet, or one that is too large to be opened; the message says which."""


def is_spreadsheet(path: Path) -> bool:
    """True if a file is a spreadsheet, by its first bytes.

    Raises:
        BadSpreadsheet: it is one that cannot be opened here: of before 2007, with a password, or a web page under its name.
    """
    with path.open("rb") as file:
        first = file.read(64)
    if first.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        raise BadSpreadsheet(
            said(
                "a web page (HTML) or XML, as many systems export it under .xls: open it in a spreadsheet and save it as Excel Workbook (.xlsx)"
            )
        )
    if first.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadSpreadsheet(
            said("an .xls file, or one with a password: save it as Excel Workbook (.xlsx) without one")
        )
    return first.startswith(b"PK\x03\x04")


def lines(path: Path) -> Iterator[bytes]:
    """The rows of the first sheet that is not hidden, each as a line with its line break.

    Raises:
        BadSpreadsheet: it is none, or it is larger, unpacked, than any list.
    """
    return map(_line, rows(path))


def rows(path: Path) -> Iterator[list[str]]:
    """The same rows as cells, which may have several lines; a blank row has none.

    Raises:
        BadSpreadsheet: it is none, or it is larger, unpacked, than any list.
    """
    # Its library takes long to import, and few commands open a spreadsheet.
    from openpyxl import load_workbook

    _refuse_bombs(path)
    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        shown = [each for each in book.worksheets if each.sheet_state == "visible"]
        sheet = (shown or book.worksheets)[0]
        sheet.reset_dimensions()  # what a sheet says of its own size is not trusted
        width = at = 0
        for at, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if at > MAX_ROWS:
                raise BadSpreadsheet(said("over {most} rows", most=MAX_ROWS))
            if len(row) > MAX_COLUMNS:
                raise BadSpreadsheet(said("over {most} columns", most=MAX_COLUMNS))
            cells = _cells(row, width)
            width = max(width, len(cells))  # titles above are narrower
            yield cells
        if not at:
            raise BadSpreadsheet(
                said("its first sheet has no rows, or is damaged: open it in a spreadsheet, and save it anew")
            )
    except BadSpreadsheet:
        raise
    except Exception as error:  # whatever a broken file makes the library raise
        raise BadSpreadsheet(
            said(
                "it is damaged, or no spreadsheet ({name}): open it in a spreadsheet, and save it anew",
                name=type(error).__name__,
            )
        ) from error


def _refuse_bombs(path: Path) -> None:
    if path.stat().st_size > MAX_FILE:
        raise BadSpreadsheet(said("over {most} MiB", most=MAX_FILE // 2**20))
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            if other := _other_kind(packed):
                raise BadSpreadsheet(said("{other}: save it as Excel Workbook (.xlsx)", other=other))
    except zipfile.BadZipFile as error:
        raise BadSpreadsheet(
            said(
                "it is damaged, or no spreadsheet ({name}): open it in a spreadsheet, and save it anew",
                name="BadZipFile",
            )
        ) from error
    # Python's zipfile stops where a part's declared size ends, so the declared sizes can be relied on.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadSpreadsheet(
            said(
                "unpacks to over {most} MiB or {parts} parts",
                most=MAX_UNPACKED // 2**20,
                parts=MAX_PARTS,
            )
        )


def _other_kind(packed: zipfile.ZipFile) -> str:
    """The kind of a workbook that the library does not know; empty if it may know it."""
    names = set(packed.namelist())
    if "content.xml" in names:
        return said("a spreadsheet of OpenDocument (.ods)")
    if "xl/workbook.bin" in names:
        return said("a binary workbook (.xlsb)")
    return said("a Strict Open XML workbook") if _is_strict(packed) else ""


def _is_strict(packed: zipfile.ZipFile) -> bool:
    """True if a workbook is of the strict kind, whose names the library does not know."""
    try:
        with packed.open("xl/workbook.xml") as part:
            return b"http://purl.oclc.org/ooxml/" in part.read(4_096)
    except (KeyError, OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        return False  # whatever else it is, the library says


def _cells(row: tuple[Any, ...], width: int) -> list[str]:
    """The cells of a row, as many as the widest row so far has (`width`) unless more are filled; none if it is empty."""
    cells = [_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells + [""] * (width - len(cells)) if cells else []


def _line(cells: list[str]) -> bytes:
    if not cells:
        return b"\n"
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(" ".join(cell.splitlines()) for cell in cells)
    return written.getvalue().encode()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        whole = int(value) if float(value).is_integer() else None
        return str(whole) if whole is not None and abs(whole) < 10**15 else repr(float(value))
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return "="  # an array formula, a data table
