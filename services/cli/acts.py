"""Commands for acts, made of their contract: what an act is, and what each field of its request means, is said there once.

`acts.json` has those words; `make proto` writes it. Here is how a field becomes an option. A command that asks for something
else than the fields of one request is a function of its own (`cli.options.desk_command`).
"""

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, TypedDict

import typer

from cli.deferred_imports import deferred_imports
from cli.options import (
    ActsAs,
    Command,
    CommandContext,
    Commands,
    code_of,
    date_of,
    day_option,
    desk_command,
    digest_of,
    text_of,
)

with deferred_imports():
    from google.protobuf import descriptor

_PROSE = frozenset({"answer", "questions", "reasons", "remarks", "stated_reason"})
_FILE, _TEXT = (
    "A file, of which only the SHA-256 is kept; or sha256:<hex>.",
    "@file, or - for standard input.",
)


class Field(TypedDict):
    """Field of a request as its contract says it; `kind` is text, date, number or digest, and `words` are those of a closed list."""

    name: str
    kind: str
    words: list[str]
    required: bool
    help: str


class AskedAct(TypedDict):
    """An act as its contract says it; its fields are those that an officer gives."""

    help: str
    fields: list[Field]


@dataclass(frozen=True)
class Act:
    """A command for the act of a method, with an example of its options.

    `options` names options that are not called as usual, `usual` the words of closed lists that need not be given.
    """

    method: str
    example: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ActService:
    """The service of some acts: its contract, its generated modules, and for whom and in which group the commands are.

    `party` stands in the examples, where one must be named.
    """

    name: str
    messages: ModuleType
    stubs: ModuleType
    acts_as: ActsAs
    group: str
    party: str = ""

    def commands(self, acts: Mapping[str, Act | Command]) -> Commands:
        """The commands for acts, by name; what is a function of its own stays one."""
        return {name: self._command(name, act) if isinstance(act, Act) else act for name, act in acts.items()}

    def _command(self, name: str, act: Act) -> Command:
        asked = asked_by(f"{self.name}.{act.method}")
        called = _options(asked["fields"], act.options)
        options = [
            _parameter(each, called[each["name"]], act.usual.get(each["name"])) for each in asked["fields"]
        ]

        def command(context: CommandContext, matter: str, **given: Any) -> None:
            request = getattr(self.messages, f"{act.method}Request")(name=context.matter(matter))
            for each, value in given.items():
                fill(request, each, value)
            context.act(getattr(self.stubs, f"{self.name.split('.')[-1]}Stub"), act.method, request)

        party = f"--as {self.party} " if self.party else ""
        example = f"netral {self.group} {name} 0199… {party}{act.example}".strip()
        command.__doc__ = f"[rw] {asked['help']}\n\nExample: {example}"
        return desk_command(self.acts_as, writes=True, options=options)(command)


@cache
def _contract() -> Mapping[str, AskedAct]:
    found: Mapping[str, AskedAct] = json.loads(Path(__file__).with_name("acts.json").read_text("utf-8"))
    return found


def asked_by(method: str) -> AskedAct:
    """The words of a method's contract."""
    return _contract()[method]


def _options(fields: list[Field], given: Mapping[str, str]) -> dict[str, str]:
    """The option of each field: its name, but the first date is `--date`, the first number of the act `--number`."""
    called: dict[str, str] = {}
    for each in fields:
        name = each["name"].removesuffix("_digest")
        usual = next((word for word in ("date", "number") if name.endswith(f"_{word}")), name)
        option = given.get(each["name"], usual if usual not in called.values() else name)
        called[each["name"]] = option.replace("_", "-")
    return called


def _parameter(field: Field, option: str, usual: str | None) -> inspect.Parameter:
    """The parameter of a field: a word of its list, a day, or text. `usual` is its word if none is given."""
    is_prose = field["name"] in _PROSE and not field["words"]
    more = _FILE if field["kind"] == "digest" else _TEXT if is_prose else ""
    help = f"{field['help']} {more}".strip()
    is_day = field["kind"] == "date"
    told: Any = day_option(f"--{option}", help=help) if is_day else typer.Option(f"--{option}", help=help)
    plain: Any = int if field["kind"] == "number" else str
    kind: Any = datetime if is_day else Literal[tuple(field["words"])] if field["words"] else plain
    default: Any = usual
    if usual is None and field["required"]:
        default = inspect.Parameter.empty
    elif usual is None and kind in (str, int):
        default = kind()
    taken: Any = Annotated
    annotation = taken[kind | None if default is None else kind, told]
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(field["name"], keyword, annotation=annotation, default=default)


def fill(request: Any, name: str, value: Any) -> None:
    """Give a field the value of its option."""
    if value in (None, ""):
        return
    asked = request.DESCRIPTOR.fields_by_name[name]
    if asked.enum_type is not None:
        unset = asked.enum_type.values_by_number[0].name
        word = unset.removesuffix("UNSPECIFIED") + code_of(value)
        setattr(request, name, asked.enum_type.values_by_name[word].number)
    elif asked.message_type is not None:
        getattr(request, name).CopyFrom(date_of(value))
    elif asked.type == descriptor.FieldDescriptor.TYPE_BYTES:
        setattr(request, name, digest_of(value))
    else:
        setattr(request, name, text_of(value) if name in _PROSE else value)
