"""Output of refusals: the sentence, each field at fault with the option that gives it, and the acts that are possible instead.

What is possible the desk says with its refusal, in names of actions; they are shown in the words of officers.
"""

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from typer.models import OptionInfo

from cli import language
from cli.deferred_imports import deferred_imports
from cli.output import asks_for_json, err, print_json

if TYPE_CHECKING:
    from cli.options import CommandContext

with deferred_imports():
    from google.protobuf import any_pb2

    from audit.packs.timeline import act_words
    from netral.exchange.v1 import acts_pb2, acts_pb2_grpc
    from operations.local import client

_WHOLE = ("name", "parent")
"""Fields that are no option: of what the call is on, and who makes it, the description says all."""
_FIRST = "header."
"""The first message of a call that comes in pieces has the fields."""
_SUBJECTS = ("matter", "matters", "intake", "campaign", "indication", "plan")
"""Parameters that give the name of what a call is on."""


def explain(refused: "client.Refused", parameters: Iterable[inspect.Parameter]) -> None:
    """Add to a refusal the options of its command, and what the desk says is possible instead."""
    refused.options = {each.name: _option(each) for each in parameters}
    if refused.code == "FAILED_PRECONDITION" and refused.reason != "REASON_NEEDED":
        refused.possible = [each for each in refused.metadata.get("possible_acts", "").split(",") if each]


def print_refusal(refused: "client.Refused") -> None:
    """Print what a desk refused, for people, and as JSON if the command was asked for it."""
    if asks_for_json(sys.argv):
        told = {"code": refused.code, "reason": refused.reason, "message": refused.message}
        more = {"fields": refused.fields, "metadata": refused.metadata, "possible": list(refused.possible)}
        print_json({"error": told | more})
    for sentence in _sentences(refused):
        _line(f"{language.said('refused')}: {sentence}")
    if refused.reason == "REASON_NEEDED":
        _line(f"  {language.said('if you do it all the same, say why with --stated-reason')}")
    if refused.possible:
        _line(f"  {language.said('possible now')}:")
        for action in refused.possible:
            _line(f"    {in_words(action)}")


def _sentences(refused: "client.Refused") -> Iterator[str]:
    """Sentences on what is wrong, each with the option that gives it; the names of fields are for programs (`--json`)."""
    if refused.reason == "REASON_NEEDED":
        yield from refused.fields.values()
        return
    for path, description in refused.fields.items():
        field = path.removeprefix(_FIRST)
        given_by = _option_of(field, refused.options) or field.replace("_", " ")
        yield description if given_by in _WHOLE else f"{given_by}: {description}"
    if not refused.fields:
        yield _of_the_desk(refused) or refused.message


def _of_the_desk(refused: "client.Refused") -> str:
    """Words for a desk that does not answer, or has no such call; empty if the desk said something itself."""
    about = refused.metadata
    if "desk" not in about or refused.reason:
        return ""
    if refused.code == "UNAVAILABLE":
        return language.said("the desk {desk} does not answer; see `netral status`", desk=about["desk"])
    if refused.code == "UNIMPLEMENTED":
        return language.said(
            "the desk {desk} of {party} has no such call: it is an act of another party (--as)",
            desk=about["desk"],
            party=about["party"],
        )
    return ""


def in_words(action: str) -> str:
    """An action in words, with its name."""
    return f"{language.of_both(act_words.act_words(action, any_pb2.Any()))} ({action})"


def possible_acts(context: "CommandContext", subject: str) -> Sequence[str]:
    """The actions that are possible now on what this party has under `matters/<id>`, say; none if the desk does not tell."""
    request = acts_pb2.ListActsRequest(name=f"{context.parent}/{subject}")
    with suppress(client.Refused):
        found = context.ask(acts_pb2_grpc.ActServiceStub, "ListActs", request)
        return [each.action for each in found.acts]
    return []


def _option(parameter: inspect.Parameter) -> str:
    """The option of a parameter, as it is written."""
    described = getattr(parameter.annotation, "__metadata__", ())
    for each in described:
        if isinstance(each, OptionInfo):  # in an annotation, what stands first is taken for a default
            names = [name for name in (each.default, *(each.param_decls or ())) if isinstance(name, str)]
            usual = f"--{parameter.name.replace('_', '-')}"
            return next((name for name in names if name.startswith("--")), usual)
    return parameter.name.upper()


def _option_of(field: str, options: Mapping[str, str]) -> str:
    """The option that gives a field: of its name, of what it is of (`decree_digest`), or of its kind (`letter_date`, `acts`).

    Of a field in a file, such as `person.nip`, its name there too.
    """
    first, _, within = field.partition(".")
    name = first.partition("[")[0]
    if name == "name":
        return next((options[each] for each in _SUBJECTS if each in options), "")
    subject, _, kind = name.rpartition("_")
    likely = (name, subject, kind, kind.removesuffix("s"), f"matter_{name}", f"in_{name}")
    option = next((options[each] for each in likely if each in options), "")
    return f"{option} ({within})" if option and within else option


def _line(text: str) -> None:
    err.print(text, markup=False, highlight=False)
