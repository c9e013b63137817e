"""Output of commands: tables, JSON, instants and dates for people.

Others wrote much of what is shown, a reporter among them: it is printed letter by letter and does not steer the terminal.
"""

import codecs
import contextlib
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.deferred_imports import deferred_imports

with deferred_imports():
    from google.protobuf import json_format, timestamp_pb2
    from google.protobuf import message as protobuf_message
    from google.type import date_pb2

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
_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")
out, err = Console(width=_WIDTH), Console(stderr=True, soft_wrap=True)

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura", "UTC": "UTC"}
WIB = ZoneInfo(ZONES["WIB"])


def print_json(value: "protobuf_message.Message | Mapping[str, Any] | Sequence[Any]") -> None:
    """Print JSON to standard output, plain so that it can be piped; letters that it may lack are written as their numbers."""
    if isinstance(value, protobuf_message.Message):
        value = as_dict(value)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(json.dumps(value, indent=2, ensure_ascii=not encoding.lower().startswith("utf")))


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


class SafeTable(Table):
    """A table that shows what its cells say, letter by letter.

    Others wrote much of it, a reporter among them: nothing in it is markup, and nothing of it steers the terminal (CWE-150).
    """

    def add_row(self, *cells: Any, **more: Any) -> None:
        super().add_row(
            *(Text(strip_control_characters(cell)) if isinstance(cell, str) else cell for cell in cells),
            **more,
        )


def waiting(words: str) -> Text:
    """Words of ours in a table for what has not come yet, in yellow where there are colours."""
    return Text(words, style="yellow")


def strip_control_characters(text: str) -> str:
    """A text with a mark in place of whatever steers a terminal or turns the direction of writing."""
    return "".join("\ufffd" if category(sign) in _STEERING and sign not in "\n\t" else sign for sign in text)


def facts_table() -> Table:
    """Names and values, line by line."""
    return SafeTable.grid(padding=(0, 2))


def table_of(*headers: str, whole: Sequence[str] = ("matter", "statement", "id")) -> Table:
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
