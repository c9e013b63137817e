"""Files that an operator adds (elections, offices), as editors and spreadsheets write them: a text, or a table as plain CSV."""

import csv
import io
from pathlib import Path

from agreement import encodings
from agreement.data_files import BrokenData

_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_text(path: Path) -> str:
    """The text of a file, in whichever encoding. Raises `BrokenData`, naming the file, if it cannot be read or is none."""
    try:
        data = path.read_bytes()
        text = encodings.text_of(data)
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenData(path.name, "file", f"cannot be read: {type(error).__name__}") from error
    if data.startswith(_NO_TEXT) or "\0" in text:
        raise BrokenData(path.name, "file", "no text: save a spreadsheet as CSV UTF-8")
    return text


def read_table(path: Path) -> str:
    """A table as CSV with commas, whatever parts its cells; without `sep=;`, blanks around a cell, and empty rows at the end.

    Raises `BrokenData` as `read_text` does.
    """
    text = read_text(path)
    head, _, rest = text.partition("\n")
    if head.strip().casefold().startswith("sep="):
        text, head = rest, rest.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BrokenData(path.name, "file", f"no CSV: {error}") from error
    rows = [[cell.strip().removeprefix("'").strip() for cell in row] for row in read]
    while rows and not any(rows[-1]):
        rows.pop()
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()
