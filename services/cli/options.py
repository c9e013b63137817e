"""What every command that speaks to a desk shares: its options, its caller, how an answer is printed."""

import functools
import hashlib
import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from unicodedata import category
from uuid import uuid4
from zoneinfo import ZoneInfo

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from operations.local.client import SUPERVISOR, Caller, Desks
from operations.local.installation import DEFAULT_STATE, Installation

# Piped output is not cut to the width of a terminal that is not there.
_WIDTH = None if sys.stdout.isatty() else 200
_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")
out, err = Console(width=_WIDTH), Console(stderr=True, soft_wrap=True)

StateOption = Annotated[Path, typer.Option("--state", envvar="NETRAL_STATE", help="Folder of the world.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsOption = Annotated[str, typer.Option("--as", envvar="NETRAL_AS", help="The party you act for.")]
OfficerOption = Annotated[
    str,
    typer.Option(
        "--officer", envvar="NETRAL_OFFICER", help="Your opaque officer id; it stands in the trail."
    ),
]
RequestOption = Annotated[
    str, typer.Option("--request-id", help="A UUID; repeating a call with the same id changes nothing twice.")
]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
Speaks = Literal["supervisor", "examiner", "authority", "overseer"]

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura", "UTC": "UTC"}
WIB = ZoneInfo(ZONES["WIB"])


@dataclass
class CommandContext:
    """The way to a desk for one command: who calls, and how the answer is printed."""

    desks: Desks
    party: str
    officer: str
    as_json: bool
    state: Installation
    request_id: str = ""

    def caller(self, role: str = "officer", party: str = "") -> Caller:
        return Caller(party or self.party, self.officer, role)

    @property
    def parent(self) -> str:
        return f"institutions/{self.party}"

    def matter(self, id: str) -> str:
        """The resource name of a matter at this party."""
        return f"{self.parent}/matters/{id}"

    def act(
        self, stub: Any, method: str, request: Any, role: str = "officer", *, about: str = "matter"
    ) -> None:
        """Make a writing call and print what happened; `about` is what has the state that it led to."""
        request.request_id = self.new_request_id()
        self.show_act(self.desks.call(stub, method, request, self.caller(role)), about)

    def show_act(self, done: Any, about: str = "matter") -> None:
        """Print what happened."""
        if self.as_json:
            print_json(done)
            return
        out.print(done.action + (f": the {about} is now [bold]{done.state}[/bold]" if done.state else ""))
        facts = facts_table()
        facts.add_row("matter", done.matter)
        facts.add_row("case", done.case_id)
        facts.add_row("record", done.record)
        for statement in done.statements:
            facts.add_row("statement", statement)
        out.print(facts)

    def new_request_id(self) -> str:
        """The request id that was given, else a new one."""
        return self.request_id or str(uuid4())

    def ask(self, stub: Any, method: str, request: Any, role: str = "officer") -> Any:
        """Make a reading call."""
        return self.desks.call(stub, method, request, self.caller(role))


def desk_command(
    speaks: Speaks | None = None, *, writes: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command its `CommandContext` as first argument, and the options that make one.

    `speaks` names whose command it is: the supervisor and the examiner of a world are known, an authority or an overseer
    must be named with `--as`.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        shared = {
            "as_": (AsOption, ""),
            "officer": (OfficerOption, "officer-1"),
            "state": (StateOption, DEFAULT_STATE),
            "as_json": (JsonOption, False),
        } | ({"request_id": (RequestOption, "")} if writes else {})

        @functools.wraps(command)
        def with_door(**given: Any) -> None:
            taken = {name: given.pop(name) for name in shared}
            state = Installation(taken["state"])
            desks = Desks.of(state)
            party = taken["as_"] or _usual_party(speaks, desks)
            try:
                command(
                    CommandContext(
                        desks, party, taken["officer"], taken["as_json"], state, taken.get("request_id", "")
                    ),
                    **given,
                )
            finally:
                desks.close()

        own = list(inspect.signature(command).parameters.values())[1:]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=usual)
            for name, (kind, usual) in shared.items()
        ]
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        with_door.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
        return with_door

    return decorate


def _usual_party(speaks: Speaks | None, desks: Desks) -> str:
    if speaks == "authority":
        raise typer.BadParameter("name the authority, such as ppk-6202", param_hint="--as")
    if speaks == "overseer":
        raise typer.BadParameter("name who oversees, such as bkn, kemendagri or prov-62", param_hint="--as")
    return desks.examiner if speaks == "examiner" else SUPERVISOR


# --- what people give ---------------------------------------------------------------------------------------------


def date_of(day: datetime) -> Date:
    """A calendar date of the contract."""
    return Date(year=day.year, month=day.month, day=day.day)


def digest_of(what: str) -> bytes:
    """SHA-256 of a file, or the digest itself if given as `sha256:<64 hex digits>`. The file goes nowhere."""
    if what.startswith("sha256:"):
        try:
            digest = bytes.fromhex(what.removeprefix("sha256:"))
        except ValueError:
            digest = b""
        if len(digest) != 32:
            raise typer.BadParameter("sha256: is followed by 64 hexadecimal digits")
        return digest
    try:
        with Path(what).open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise typer.BadParameter(f"{what}: {error.strerror}") from None


def text_of(given: str) -> str:
    """Prose, or `@file`, or `-` for standard input: so that it does not stay in the shell's history."""
    if given == "-":
        return sys.stdin.read().strip()
    if given.startswith("@"):
        try:
            return Path(given[1:]).read_text("utf-8").strip()
        except OSError as error:
            raise typer.BadParameter(f"{given[1:]}: {error.strerror}") from None
    return given


def enum_of(enum: Any, prefix: str, word: str) -> Any:
    """The contract's value for a word on the command line: `not-our-employee`."""
    return enum.Value(f"{prefix}_{word.upper().replace('-', '_')}")


# --- what people see ----------------------------------------------------------------------------------------------


def print_json(value: Message | Mapping[str, Any] | Sequence[Any]) -> None:
    """Print JSON to standard output, plain so that it can be piped."""
    if isinstance(value, Message):
        value = as_dict(value)
    print(json.dumps(value, indent=2, ensure_ascii=False))


class Plain(Table):
    """A table that shows what its cells say, letter by letter.

    Others wrote much of it, a reporter among them: nothing in it is markup, and nothing of it steers the terminal (CWE-150).
    """

    def add_row(self, *cells: Any, **more: Any) -> None:
        super().add_row(*(Text(harmless(cell)) if isinstance(cell, str) else cell for cell in cells), **more)


def harmless(text: str) -> str:
    """A text with a mark in place of whatever steers a terminal or turns the direction of writing."""
    return "".join("\ufffd" if category(sign) in _STEERING and sign not in "\n\t" else sign for sign in text)


def facts_table() -> Table:
    """Names and values, line by line."""
    return Plain.grid(padding=(0, 2))


def table_of(*headers: str, whole: Sequence[str] = ("matter", "statement", "id")) -> Table:
    """A table whose ids are never cut, so that they can be copied."""
    table = Plain(box=SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold", min_width=36 if header in whole else None)
    return table


def as_dict(message: Message) -> dict[str, Any]:
    """A message in the field names of its contract."""
    found: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return found


def clock(stamp: Timestamp, zone: ZoneInfo = WIB) -> str:
    """An instant for people, in a zone; empty if unset."""
    if not stamp.seconds:
        return ""
    return stamp.ToDatetime(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def day_text(day: Date) -> str:
    """A calendar date in ISO form; empty if unset."""
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}" if day.year else ""
