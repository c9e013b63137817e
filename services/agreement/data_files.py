"""Reads the packaged data files, strictly. What the words mean is left to the module of each file.

A file is read once, when its module is imported. Whatever is missing, misspelt, twice or of another type
raises `BrokenData` there and then: a wrong catalogue must not get as far as a signed statement.
"""

import csv
import io
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from refusals import Malformed

T = TypeVar("T")


class BrokenData(Exception):
    """A packaged data file is wrong; names the file and the line or code. Our bug, not a refusal."""

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"{file}: {where}: {problem}")
        self.file = file
        self.where = where
        self.problem = problem


class Unknown(Malformed):
    """A code or id that is not in the agreement's data; the message does not repeat it."""


class Entry:
    """One table of a TOML file. Every key has to be taken before `done`, so a misspelt one is found."""

    def __init__(self, file: str, where: str, table: Mapping[str, Any]) -> None:
        self.file = file
        self.where = where
        self._left = dict(table)

    def broken(self, problem: str) -> BrokenData:
        """The error to raise for this entry."""
        return BrokenData(self.file, self.where, problem)

    def _take(self, key: str, type_: type[T]) -> T:
        value = self._left.pop(key, None)
        # `type`, not isinstance: in Python True is an int, and a datetime is a date.
        if type(value) is not type_:
            raise self.broken(f"{key}: " + ("missing" if value is None else f"not a {type_.__name__}"))
        return value

    def has(self, key: str) -> bool:
        """Whether `key` is there and was not taken yet."""
        return key in self._left

    def text(self, key: str) -> str:
        """A text of at least one character, without blanks at its ends or control characters."""
        value = self._take(key, str)
        if not value or value != value.strip() or not value.isprintable():
            raise self.broken(f"{key}: empty, blank at an end, or a control character in it")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of different texts, in the order of the file."""
        values = self._take(key, list)
        if any(type(value) is not str or not value for value in values) or len(set(values)) != len(values):
            raise self.broken(f"{key}: not a list of different texts")
        return tuple(values)

    def flag(self, key: str) -> bool:
        """`true` or `false`."""
        return self._take(key, bool)

    def number(self, key: str) -> int:
        """A whole number above zero."""
        value = self._take(key, int)
        if value < 1:
            raise self.broken(f"{key}: not above zero")
        return value

    def day(self, key: str) -> date:
        """A calendar date, without time or zone."""
        return self._take(key, date)

    def days(self, key: str) -> tuple[date, ...]:
        """A list of different calendar dates, in the order of the file."""
        values = self._take(key, list)
        if any(type(value) is not date for value in values) or len(set(values)) != len(values):
            raise self.broken(f"{key}: not a list of different dates")
        return tuple(values)

    def period(self) -> tuple[date, date | None]:
        """`since` (included) and `until` (excluded; None: open)."""
        since, until = self.day("since"), self.optional("until", self.day)
        if until is not None and until <= since:
            raise self.broken("until: not after since")
        return since, until

    def optional(self, key: str, take: Callable[[str], T]) -> T | None:
        """What `take` gives for `key`, or None if the key is not there."""
        return take(key) if self.has(key) else None

    def done(self) -> None:
        """Refuse what nobody asked for."""
        if self._left:
            raise self.broken(f"unknown: {', '.join(sorted(self._left))}")


def read(file: str) -> str:
    """The text of a packaged data file (UTF-8)."""
    return resources.files("agreement").joinpath("data", file).read_text(encoding="utf-8")


def toml(file: str, text: str) -> dict[str, Any]:
    """The tables of a TOML text; a syntax error names its line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BrokenData(file, "syntax", str(error)) from error


def entries(file: str, text: str, key: str, *tables: str) -> dict[str, list[Entry]]:
    """The arrays of tables named in `tables`, all there and none else; `key` names an entry in errors."""
    document = toml(file, text)
    if set(document) != set(tables):
        raise BrokenData(file, "top level", f"not exactly: {', '.join(tables)}")
    found: dict[str, list[Entry]] = {}
    for table in tables:
        items = document[table]
        if type(items) is not list or not all(type(item) is dict for item in items):
            raise BrokenData(file, table, "not an array of tables")
        found[table] = [
            Entry(file, f"{table} {item.get(key, f'number {n}')}", item) for n, item in enumerate(items, 1)
        ]
    return found


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


def by_code(file: str, items: Iterable[tuple[str, T]]) -> Mapping[str, T]:
    """Items under their code, in the order of the file, unchangeable; a code that stands twice is refused."""
    found: dict[str, T] = {}
    for code, item in items:
        if code in found:
            raise BrokenData(file, code, "stands twice")
        found[code] = item
    return MappingProxyType(found)
