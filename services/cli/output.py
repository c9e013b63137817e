"""Output of commands: tables, JSON, instants and dates for people.

Others wrote much of what is shown, a reporter among them: it is printed letter by letter and does not steer the terminal.
"""

import codecs
import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Cell, Counted, Named, Share, Sheet
from cli.language import said

with deferred_imports():
    from google.protobuf import json_format, timestamp_pb2
    from google.protobuf import message as protobuf_message
    from google.type import date_pb2

    from agreement.parties import institutions

Shown = Cell | Counted | Named | Text
"""A cell of a table, whose type says how a file has it."""

_SIMILAR = {
    "→": "->",
    "…": "...",
    "–": "-",
    "—": "-",
    "─": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "×": "x",
}


def _similar(error: UnicodeError) -> tuple[str, int]:
    """Signs that every terminal has for those that this one lacks; a question mark for a letter of which there are none."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_SIMILAR.get(sign, "?") for sign in lacking), error.end


codecs.register_error("similar", _similar)
for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="similar")
# Piped output is not cut to the width of a terminal that is not there.
_WIDTH = None if sys.stdout is not None and sys.stdout.isatty() else 200
_JSON_ASKED = re.compile(r"(^| )(--json|(-o|--output)[ =]?json)( |$)")
_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")


class SafeTable(Table):
    """A table that shows what its cells say, letter by letter; `heads` and `given` are kept for a file.

    Others wrote much of it, a reporter among them: nothing in it is markup, and nothing of it steers the terminal (CWE-150).
    """

    def __init__(self, **style: Any) -> None:
        super().__init__(**style)
        self.heads: list[str] = []
        self.given: list[Sequence[Shown]] = []

    def add_column(self, header: Any = "", *more: Any, **style: Any) -> None:
        """Add a column, under its head in the language of the session."""
        self.heads.append(said(header))
        super().add_column(self.heads[-1], *more, **style)

    def add_row(self, *cells: Any, **more: Any) -> None:
        self.given.append(cells)
        super().add_row(*map(_printed, cells), **more)


class FactsTable(SafeTable):
    """Names and values, line by line; names are said in the language of the session."""

    def __init__(self) -> None:
        super().__init__(box=None, show_header=False, show_edge=False, padding=(0, 2), collapse_padding=True)
        for _ in range(2):
            Table.add_column(self)

    def add_row(self, *cells: Any, **more: Any) -> None:
        name, *values = cells
        super().add_row(said(name), *values, **more)


def _printed(cell: Shown) -> Text:
    if isinstance(cell, Text):
        return cell
    if isinstance(cell, Share):
        return Text(f"{100 * cell:.1f} %")
    return Text("" if cell is None else strip_control_characters(str(cell)))


@dataclass
class Kept:
    """Tables, lines and whole sheets that a command gave, in order, for a file instead of the terminal."""

    tables: list[SafeTable] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    begun: str = ""

    def take(self, given: Any, *, markup: bool, end: str) -> None:
        """Keep what would have been printed."""
        if isinstance(given, SafeTable):
            self.tables.append(given)
            return
        text = Text.from_markup(given) if isinstance(given, str) and markup else given
        *whole, self.begun = f"{self.begun}{text}{end}".split("\n")
        self.lines += whole


class Output(Console):
    """Standard output of a command. While `kept` is set, what is printed is kept there, to be written in another format."""

    kept: Kept | None = None

    def print(self, *objects: Any, **how: Any) -> None:
        if self.kept is None:
            super().print(*objects, **how)
            return
        for each in objects:
            self.kept.take(each, markup=how.get("markup") is not False, end=how.get("end", "\n"))


out, err = Output(width=_WIDTH), Console(stderr=True, soft_wrap=True)

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura", "UTC": "UTC"}
WIB = ZoneInfo(ZONES["WIB"])


def print_json(value: "protobuf_message.Message | Mapping[str, Any] | Sequence[Any]") -> None:
    """Print JSON to standard output, plain so that it can be piped; letters that it may lack are written as their numbers."""
    if isinstance(value, protobuf_message.Message):
        value = as_dict(value)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(json.dumps(value, indent=2, ensure_ascii=not encoding.lower().startswith("utf")))


def asks_for_json(words: Sequence[str]) -> bool:
    """True if a command line asks for JSON, in whichever way."""
    return _JSON_ASKED.search(" ".join(words)) is not None


def print_text(text: str) -> None:
    """Print a whole text as it is, such as a file for another program."""
    if out.kept is not None:
        out.kept.take(text, markup=False, end="")
    else:
        print(text, end="")


def finish_output() -> None:
    """Write out what is still on its way to standard output.

    Raises:
        OSError: it cannot be written: the disk is full, or who read it has gone. Nothing is tried again then.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        drop_output()
        raise


def drop_output() -> None:
    """Send to nowhere what is still on its way to standard output, so that Python does not try again at its end."""
    with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def waiting(words: str) -> Text:
    """Words of ours in a table for what has not come yet, in yellow where there are colours."""
    return Text(said(words), style="yellow")


def compared(equal: bool) -> Text:
    """Words for the comparison of two counts, in red if they differ."""
    return Text(said("equal")) if equal else Text(said("differs"), style="red")


def strip_control_characters(text: str) -> str:
    """A text with a mark in place of whatever steers a terminal or turns the direction of writing."""
    return "".join("\ufffd" if category(sign) in _STEERING and sign not in "\n\t" else sign for sign in text)


def facts_table() -> FactsTable:
    """Names and values, line by line."""
    return FactsTable()


def party(id: str) -> Named | str:
    """An institution for people: its id and its name; the id alone of one that the agreement does not know."""
    known = institutions.institutions().get(id)
    return Named(id, known.name) if known else id


def table_of(*headers: str, whole: Sequence[str] = ("matter", "statement", "id")) -> SafeTable:
    """A table whose ids are never cut, so that they can be copied."""
    table = SafeTable(box=SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold", min_width=36 if header in whole else None)
    return table


def as_dict(message: "protobuf_message.Message") -> dict[str, Any]:
    """A message in the field names of its contract."""
    found: dict[str, Any] = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return found


def clock(stamp: "timestamp_pb2.Timestamp", zone: ZoneInfo = WIB) -> str:
    """An instant for people, in a zone; empty if unset."""
    if not stamp.seconds:
        return ""
    try:
        return stamp.ToDatetime(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):  # a peer may have signed an instant that no zone has
        return f"{stamp.seconds} s"


def day_text(day: "date_pb2.Date") -> str:
    """A calendar date in ISO form; empty if unset."""
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}" if day.year else ""
