"""Reads files that an officer gives a command: a list as lines or as rows of cells, and a text. What cannot be read is said in words."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import typer

from cli.deferred_imports import deferred_imports
from cli.files import csv_input, xlsx_input
from cli.language import said, why

with deferred_imports():
    from agreement import encodings
    from agreement.lists import columns

_NO_TEXT = (codecs.BOM_UTF32_LE, b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")  # spreadsheets, documents, PDF
_IN_MEMORY = 64 * 1024 * 1024
MAX_TEXT = 1024 * 1024
NumberedRow = tuple[int, list[str]]
"""A row of a list: its line from 1, and its cells."""


@contextmanager
def _said(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise typer.BadParameter(f"{file}: {why(error)}", param_hint="FILE") from None
    except xlsx_input.BadSpreadsheet as error:
        raise typer.BadParameter(f"{file}: {error}", param_hint="FILE") from None


def lines_of(file: Path) -> IO[bytes]:
    """The lines of a list in UTF-8, from its first byte; those of a spreadsheet are written out, in memory unless it is large."""
    with _said(file):
        if not xlsx_input.is_spreadsheet(file):
            return csv_input.in_utf8(file)
        written = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        for line in xlsx_input.lines(file):
            written.write(line)
    written.seek(0)
    return written


@dataclass(frozen=True)
class ListFile:
    """A list: where the columns of its fields stand, the cells that name its columns, and the rows below that are not blank."""

    header: "columns.Header"
    heads: list[str]
    rows: list[NumberedRow]


def list_of(file: Path, fields: "Sequence[columns.Field]") -> ListFile:
    """Read a list; the cells of a row may have several lines.

    Raises:
        typer.BadParameter: it cannot be read, or is no list.
        columns.NoHeader: none of its first lines names the columns of all fields that are needed.
    """
    with _said(file):
        found = _of_sheet if xlsx_input.is_spreadsheet(file) else _of_csv
        header, rows = found(file, fields)
    heads, *below = rows
    return ListFile(header, heads[1], [row for row in below if any(map(columns.clean, row[1]))])


def _of_sheet(file: Path, fields: "Sequence[columns.Field]") -> "tuple[columns.Header, list[NumberedRow]]":
    rows = list(enumerate(xlsx_input.rows(file), 1))
    header = columns.find_header(((line, "", cells) for line, cells in rows), fields)
    return header, rows[header.line - 1 :]


def _of_csv(file: Path, fields: "Sequence[columns.Field]") -> "tuple[columns.Header, list[NumberedRow]]":
    with csv_input.in_utf8(file) as data:
        lines = io.TextIOWrapper(data, "utf-8-sig", newline="")
        first = [line.rstrip("\r\n") for line in islice(lines, columns.MAX_TITLES)]
        header = columns.find_header(columns.rows_of(first), fields)
        lines.seek(0)
        rest = islice(lines, header.line - 1, None)
        return header, list(
            _rows(file, csv.reader(rest, delimiter=header.delimiter, strict=True), header.line)
        )


def _rows(file: Path, reader: Any, first: int) -> Iterator[NumberedRow]:
    line = first
    try:
        for cells in reader:
            yield line, cells
            line = first + reader.line_num
    except csv.Error as error:
        raise typer.BadParameter(
            said(
                "{file}: from line {line} on it is no CSV ({error}): a quotation mark may have no other one",
                file=file,
                line=line,
                error=error,
            ),
            param_hint="FILE",
        ) from None


def text_of(file: Path) -> str:
    """A text of up to 1 MiB, in UTF-8, UTF-16 or Windows-1252.

    Raises:
        typer.BadParameter: it cannot be read, is larger, or is no text.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_TEXT + 1)
    except OSError as error:
        raise typer.BadParameter(f"{file}: {why(error)}") from None
    if len(data) > MAX_TEXT:
        raise typer.BadParameter(said("{file}: over {value} MiB", file=file, value=MAX_TEXT // 2**20))
    try:
        text = encodings.text_of(data)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or data.startswith(_NO_TEXT):
        raise typer.BadParameter(said("{file} is not a text: save it as plain text (.txt, UTF-8)", file=file))
    return text
