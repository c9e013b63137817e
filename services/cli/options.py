"""Options that commands share, and the context of a command at a desk: its party, its officer, its calls."""

import functools
import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import uuid4

import typer

from cli import act_output, given_names, language, refusal_output
from cli.deferred_imports import deferred_imports
from cli.files import reader
from cli.language import refusal_text, said, why
from cli.usage_errors import none_of
from operations.local.installation import DEFAULT_STATE, Installation

with deferred_imports():
    from google.type import date_pb2

    import refusals
    from agreement.clocks import written_dates
    from operations.local import client

Command = Callable[..., None]
Commands = Mapping[str, Command]
"""The commands of a module by name; groups show them in this order."""

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
StatedReasonOption = Annotated[
    str,
    typer.Option(
        "--stated-reason",
        help="Why you do it though a rule warns; kept in the file, not sent. @file, or - for standard input.",
    ),
]
ActsAs = Literal["supervisor", "examiner", "authority", "overseer"]


def day_given(text: str) -> datetime:
    """The midnight of a date that was given as people write it.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        return datetime.combine(written_dates.read_date(text), time.min)
    except refusals.Malformed as refused:
        raise typer.BadParameter(refusal_text(refused)) from None


def day_option(*names: str, help: str | None = None) -> Any:
    """An option for a date, written as `2023-11-15`, `15-11-2023` or `15 November 2023`."""
    return typer.Option(*names, help=help, parser=day_given, metavar="DATE")


Day = Annotated[datetime, day_option()]
OptionalDay = Annotated[datetime | None, day_option()]


@dataclass
class CommandContext:
    """The way to a desk for one command: who calls, and how the answer is printed."""

    desks: "client.Desks"
    party: str
    officer: str
    as_json: bool
    state: Installation
    request_id: str = ""

    def caller(self, role: str = "officer", party: str = "") -> "client.Caller":
        return client.Caller(party or self.party, self.officer, role, language.chosen() or "")

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
        """Print what happened, whom it told, and what comes next."""
        act_output.show(self, done, about)

    def new_request_id(self) -> str:
        """The request id that was given, else a new one."""
        return self.request_id or str(uuid4())

    def ask(self, stub: Any, method: str, request: Any, role: str = "officer") -> Any:
        """Make a reading call."""
        return self.desks.call(stub, method, request, self.caller(role))


def desk_command(
    acts_as: ActsAs | None = None,
    *,
    usual: ActsAs | None = None,
    writes: bool = False,
    options: Sequence[inspect.Parameter] = (),
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command its `CommandContext` as first argument, and the options that make one.

    `acts_as` names the role that alone can do this, `usual` the one that is meant where several can: the supervisor and the examiner of
    a world are known, an authority or an overseer must be named with `--as`. `options` are more than those that the function names; it takes them as `**given`.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        shared = {
            "as_": (AsOption, ""),
            "officer": (OfficerOption, "officer-1"),
            "state": (StateOption, DEFAULT_STATE),
            "as_json": (JsonOption, False),
        } | ({"request_id": (RequestOption, "")} if writes else {})

        @functools.wraps(command)
        def with_context(**given: Any) -> None:
            taken = {name: given.pop(name) for name in shared}
            state = Installation(taken["state"])
            desks = client.Desks.of(state)
            asked = taken["as_"]
            party = given_names.party_given(asked) if asked else _usual_party(acts_as or usual, desks)
            _require_desk(acts_as, desks, party)
            context = CommandContext(
                desks, party, taken["officer"], taken["as_json"], state, taken.get("request_id", "")
            )
            try:
                given = given_names.given(context, given)
                command(context, **given)
            except client.Refused as refused:
                refusal_output.explain(refused, own)
                raise
            finally:
                desks.close()

        _, *named = inspect.signature(command).parameters.values()
        own = [*(each for each in named if each.kind is not inspect.Parameter.VAR_KEYWORD), *options]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=usual)
            for name, (kind, usual) in shared.items()
        ]
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        with_context.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
        return with_context

    return decorate


def _usual_party(acts_as: ActsAs | None, desks: "client.Desks") -> str:
    if acts_as == "authority":
        raise typer.BadParameter(said("name the authority, such as ppk-6202"), param_hint="--as")
    if acts_as == "overseer":
        raise typer.BadParameter(
            said("name who oversees, such as bkn, kemendagri or prov-62"), param_hint="--as"
        )
    return desks.examiner if acts_as == "examiner" else client.SUPERVISOR


_DESKS: Mapping[ActsAs, tuple[str, ...]] = {
    "supervisor": ("bawaslu",),
    "examiner": ("kasn",),
    "authority": ("ppk",),
    "overseer": ("kasn", "ppk"),
}


def _require_desk(acts_as: ActsAs | None, desks: "client.Desks", party: str) -> None:
    """Refuse a party at whose desk nobody acts in this role; which role a party holds there the desk says."""
    if acts_as is None or desks.desk_of(party) in _DESKS[acts_as]:
        return
    role = {
        "supervisor": said("the supervisor (Bawaslu)"),
        "examiner": said("the examiner (KASN, BKN)"),
        "authority": said("a personnel authority, such as ppk-6202"),
        "overseer": said("who oversees, such as bkn, kemendagri or prov-62"),
    }[acts_as]
    raise typer.BadParameter(
        said("{party} cannot do this: it is an act of {role}", party=party, role=role), param_hint="--as"
    )


def date_of(day: date) -> "date_pb2.Date":
    """A calendar date of the contract."""
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


def digest_of(what: str) -> bytes:
    """SHA-256 of a file, or the digest itself if given as `sha256:<64 hex digits>`. The file goes nowhere."""
    if what.startswith("sha256:"):
        try:
            digest = bytes.fromhex(what.removeprefix("sha256:"))
        except ValueError:
            digest = b""
        if len(digest) != 32:
            raise typer.BadParameter(said("sha256: is followed by 64 hexadecimal digits"))
        return digest
    try:
        with Path(what).open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise typer.BadParameter(f"{what}: {why(error)}") from None


def text_of(given: str) -> str:
    """Prose, or `@file`, or `-` for standard input: so that it does not stay in the shell's history."""
    if given == "-":
        try:
            text = sys.stdin.read()
            text.encode()
        except UnicodeError:  # bytes that are no text, or stand in it as lone surrogates
            raise typer.BadParameter(said("standard input is not a text: give it as UTF-8")) from None
        return text.strip()
    if given.startswith("@"):
        return reader.text_of(Path(given[1:])).strip()
    return given


def code_of(word: str) -> str:
    """The agreement's code for a word on the command line: `follow-up` is `FOLLOW_UP`."""
    return word.upper().replace("-", "_")


def enum_of(enum: Any, prefix: str, word: str) -> Any:
    """The contract's value for a word on the command line: `not-our-employee`.

    Raises:
        typer.BadParameter: the contract has no such word; the message lists those it has.
    """
    name = f"{prefix}_{code_of(word)}"
    names: list[str] = enum.keys()
    if name not in names:
        words = [each.removeprefix(f"{prefix}_").lower().replace("_", "-") for each in names[1:]]
        raise typer.BadParameter(none_of(word, words))
    return enum.Value(name)
