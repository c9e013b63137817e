"""Names of columns as lists write them (`N.I.P.`, `Unit Kerja`), and how the line that has them is found.

The names are data. A name is compared without case, dots, strokes, double blanks and what stands in brackets, so that
`Tanggal (HH-BB-TTTT)` is `tanggal`. Where a list has several columns of a field, the name that the data have first counts.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal

from agreement import data_files
from agreement.data_files import BrokenData

List = Literal["PLEDGES", "ADDRESSEES"]
"""A list whose columns have names of their own here."""

Row = tuple[int, str, Sequence[str]]
"""A row: its line from 1, what parts its cells ("" in a spreadsheet), and the cells."""

_FILE = "list_columns.toml"
MAX_TITLES = 20
"""So many lines are looked through for the names of the columns."""

_LONGEST_NAME = 200
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_APART = re.compile(r"[\W_]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a list has a column for: the names that the column may have, the likeliest first."""

    name: str
    names: Sequence[str]
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Header:
    """The line of a list that names its columns: its number from 1, what parts cells, and the place of each field."""

    line: int
    delimiter: str
    count: int
    places: Mapping[str, int]


class NoHeader(Exception):
    """No line of those looked through names all columns that are needed; `missing` are the fields that the likeliest lacks."""

    def __init__(self, missing: Sequence[Field]) -> None:
        super().__init__(", ".join(field.name for field in missing))
        self.missing = missing


class _Column(data_files.Model):
    list: List
    field: data_files.Text
    names: data_files.Texts
    source: data_files.Text
    unconfirmed: data_files.Texts = ()


class _File(data_files.Model):
    column: data_files.Entries[_Column]


def parse(text: str) -> Mapping[str, Sequence[Field]]:
    """The fields of each list. Raises `BrokenData`, also where a name is that of two columns of a list."""
    found = data_files.parse(_File, _FILE, text, key="field")
    lists: dict[str, list[Field]] = {}
    taken: dict[tuple[str, str], str] = {}
    for each in found.column:
        for name in each.names:
            other = taken.setdefault((each.list, folded(name)), each.field)
            if other != each.field:
                raise BrokenData(_FILE, f"column {each.field}", f"names: {name} is the name of {other}")
        lists.setdefault(each.list, []).append(Field(each.field, each.names))
    return lists


@cache
def _lists() -> Mapping[str, Sequence[Field]]:
    return parse(data_files.read(_FILE))


def fields_of(list: List) -> Sequence[Field]:
    """The fields of a list."""
    return _lists()[list]


def folded(name: str) -> str:
    """A name without what people write differently in it; what is too long for a name is cut."""
    bare = _IN_BRACKETS.sub(" ", clean(name[:_LONGEST_NAME]).casefold()).replace(".", "")
    return _APART.sub(" ", bare).strip()


def clean(cell: str) -> str:
    """A cell without what cannot be seen at its ends, and without the apostrophe that makes a text of it."""
    return _INVISIBLE.sub("", cell).strip().removeprefix("'").strip()


def cells_of(line: str, delimiter: str) -> Sequence[str] | None:
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


def is_blank(line: bytes) -> bool:
    """True if nothing stands in a line but signs that part cells."""
    return not line.strip(b' \t\r;,"\xc2\xa0')


def rows_of(lines: Iterable[str]) -> Iterator[Row]:
    """Lines as rows, each parted by the sign that stands in it most often."""
    for at, line in enumerate(lines, 1):
        delimiter = max(",;\t", key=line.count)
        yield at, delimiter, cells_of(line, delimiter) or ()


def find_header(rows: Iterable[Row], fields: Sequence[Field]) -> Header:
    """Find the row that names all columns that are needed, each once, below titles and a `sep=;` if there are any.

    Raises:
        NoHeader: there is none.
    """
    least: Sequence[Field] = [field for field in fields if field.needed]
    for line, delimiter, cells in islice(rows, MAX_TITLES):
        places, missing = _places(cells, fields)
        if not missing:
            return Header(line, delimiter, len(cells), places)
        least = min(least, missing, key=len)
    raise NoHeader(least)


def _places(cells: Sequence[str], fields: Sequence[Field]) -> tuple[dict[str, int], list[Field]]:
    """The place of each field, and the fields that are needed and have none. A name that stands twice is no name."""
    heads = [folded(cell) for cell in cells]
    places: dict[str, int] = {}
    missing: list[Field] = []
    for field in fields:
        names = map(folded, field.names)
        found = next((name for name in names if name in heads), None)
        if found is not None and heads.count(found) == 1:
            places[field.name] = heads.index(found)
        elif field.needed:
            missing.append(field)
    return places, missing
