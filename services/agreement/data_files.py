"""Reads the packaged data files into their pydantic models, strictly: an error names file, entry and field.

A file is read once, when something of it is first asked for. Whatever is missing, misspelt, twice or of another type
raises `BrokenData` there and then: a wrong catalogue must not get as far as a signed statement.
"""

import csv
import io
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from agreement import names
from refusals import Malformed

T = TypeVar("T")
M = TypeVar("M", bound="Model")
Toml = Mapping[str, "TomlValue"]
TomlValue = str | int | float | bool | date | Sequence["TomlValue"] | Toml


class BrokenData(Exception):
    """A packaged data file is wrong; names the file and the line or code. Our bug, not a refusal."""

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"{file}: {where}: {problem}")
        self.file = file
        self.where = where
        self.problem = problem


class Unknown(Malformed):
    """A code or id that is not in the agreement's data; the message does not repeat it."""


# --- types of the fields ------------------------------------------------------------------------------------------


def _clean(value: str) -> str:
    if not value or value != value.strip() or not value.isprintable():
        raise ValueError("empty, blank at an end, or a control character in it")
    return value


def _different(value: T) -> T:
    if isinstance(value, list) and len({repr(each) for each in value}) != len(value):
        raise ValueError("not a list of different values")
    return value


class Model(BaseModel):
    """An entry of a data file, or a whole file: frozen, nothing is converted, and what is misspelt is found.

    Its validator is built at first use, since building all of them would cost at every start.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        defer_build=True,
    )


Text = Annotated[str, AfterValidator(_clean)]
"""A text of at least one character, without blanks at its ends or control characters."""
Number = Annotated[int, Field(ge=1)]
"""A whole number above zero."""
# TOML has lists only: they become tuples and sets, and their items are checked as strictly as all else.
Entries = Annotated[tuple[T, ...], Field(strict=False)]
"""An array of tables, as the models of its entries."""
Several = Annotated[tuple[T, ...], Field(strict=False), BeforeValidator(_different)]
"""A list of different values, in the order of the file."""
SetOf = Annotated[frozenset[T], Field(strict=False), BeforeValidator(_different)]
"""A list of different values of which the order says nothing."""
Texts = Several[Text]


def check_period(since: date, until: date | None) -> None:
    """Refuse a period that ends before it began: from `since` until before `until` (None: open)."""
    if until is not None and until <= since:
        raise ValueError("until: not after since")


def check_note(confirmed: bool, note: str) -> None:
    """Refuse what is not confirmed without a note that says what could not be read."""
    if not confirmed and not note:
        raise ValueError("note: missing, though it is not confirmed")


# --- reading ------------------------------------------------------------------------------------------------------


def read(file: str) -> str:
    """The text of a packaged data file (UTF-8)."""
    return resources.files("agreement").joinpath("data", file).read_text(encoding="utf-8")


def parse(model: type[M], file: str, text: str, key: str = "code") -> M:
    """A TOML text as its model; `key` is the field that names an entry in errors."""
    try:
        document: Toml = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BrokenData(file, "syntax", str(error)) from error
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _broken(file, document, key, first) from error


def _broken(file: str, document: Toml, key: str, error: ErrorDetails) -> BrokenData:
    match error["loc"]:
        case (str(table), int(index), *rest):
            where, fields = _entry(document, table, index, key), [str(each) for each in rest[:1]]
        case loc:
            where, fields = "top level", [str(each) for each in loc[:1]]
    words = _in_words(error)
    if error["type"] == "extra_forbidden":
        return BrokenData(file, where, f"unknown: {fields[0]}")
    return BrokenData(file, where, ": ".join((*fields, words)))


def _entry(document: Toml, table: str, index: int, key: str) -> str:
    """An entry by its code, or by its number if it has none."""
    tables = document[table]
    entry = tables[index] if isinstance(tables, list) else None
    name = entry.get(key) if isinstance(entry, dict) else None
    return f"{table} {name or f'number {index + 1}'}"


_WORDS = {
    "missing": "missing",
    "string_type": "not a text",
    "bool_type": "neither true nor false",
    "int_type": "not a whole number",
    "date_type": "not a date",
    "greater_than_equal": "not above zero",
    "tuple_type": "not a list",
    "frozen_set_type": "not a list",
    "model_type": "not a table",
}


def _in_words(error: ErrorDetails) -> str:
    """The problem in our words; what a model or a field's own check says, as it says it."""
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "literal_error":
        return f"not of {error['ctx']['expected']}"
    if error["type"] == "too_long":
        return f"over {error['ctx']['max_length']}"
    if error["type"] == "too_short":
        return f"under {error['ctx']['min_length']}"
    return _WORDS.get(error["type"], error["msg"])


def lines(file: str, text: str, header: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """The rows of a CSV text below its header, each with its `line n` for errors."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    if tuple(next(reader, ())) != header:
        raise BrokenData(file, "line 1", f"header is not {','.join(header)}")
    for row in reader:
        where = f"line {reader.line_num}"
        if len(row) != len(header) or any(not cell or cell != cell.strip() for cell in row):
            raise BrokenData(file, where, f"not {len(header)} cells without blanks at their ends")
        yield where, row


def rows(model: type[M], file: str, text: str) -> tuple[M, ...]:
    """The rows of a CSV text as models: its header names the fields, and an empty cell is a field left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    found: list[M] = []
    for row in reader:
        where = f"line {reader.line_num}"
        if len(row) != len(header):
            raise BrokenData(file, where, f"not {len(header)} cells")
        cells = {name: cell for name, cell in zip(header, row, strict=True) if cell}
        try:
            found.append(model.model_validate_strings(cells))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            fields = [str(each) for each in first["loc"][:1]]
            unknown = first["type"] == "extra_forbidden"
            words = ("unknown", *fields) if unknown else (*fields, _in_words(first))
            raise BrokenData(file, where, ": ".join(words)) from error
    return tuple(found)


def index(file: str, items: Iterable[T], name: Callable[[T], str]) -> Mapping[str, T]:
    """Items under their names, in the order of the file, unchangeable; a name that stands twice is refused."""
    found: dict[str, T] = {}
    for item in items:
        if name(item) in found:
            raise BrokenData(file, name(item), "stands twice")
        found[name(item)] = item
    return MappingProxyType(found)


def look_up(entries: Mapping[str, T], code: str, problem: str, field: str) -> T:
    """The entry with a code. Raises `Unknown` with `problem` for any other text, and with the codes that are written like it."""
    try:
        return entries[code]
    except KeyError:
        raise Unknown(problem, field=field, meant=names.close_to(code, entries)) from None
