"""Output of refusals: the sentence, each field at fault with the option that gives it, and the acts that are possible instead.

What is possible is asked of the desk (`ListActs`), and shown in the words of officers.
"""

import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

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

_LISTED = {
    "matter": "matters",
    "intake": "intakes",
    "campaign": "campaigns",
    "indication": "indications",
    "plan": "plans",
}


def explain(
    refused: "client.Refused",
    context: "CommandContext",
    given: Mapping[str, Any],
    parameters: Iterable[inspect.Parameter],
) -> None:
    """Add to a refusal the options of its command, and what is possible on the subject instead."""
    refused.options = {each.name: _option(each) for each in parameters}
    if refused.code == "FAILED_PRECONDITION" and refused.reason != "REASON_NEEDED":
        about = next(
            (f"{_LISTED[each]}/{given[each]}" for each in _LISTED if isinstance(given.get(each), str)), ""
        )
        refused.possible = possible_acts(context, about) if about else ()


def print_refusal(refused: "client.Refused") -> None:
    """Print what a desk refused, for people, and as JSON if the command was asked for it."""
    if asks_for_json(sys.argv):
        told = {"code": refused.code, "reason": refused.reason, "message": refused.message}
        print_json({"error": told | {"fields": refused.fields, "possible": list(refused.possible)}})
    reason = f" ({refused.reason})" if refused.reason else ""
    _line(f"{language.said('refused')}: {refused.code}{reason}: {refused.message}")
    for field, description in refused.fields.items():
        more = "" if description in refused.message else f": {description}"
        option = _option_of(field, refused.options)
        _line(f"  {language.said('field')} {field}{f' ({option})' if option else ''}{more}")
    if refused.reason == "REASON_NEEDED":
        _line(f"  {language.said('if you do it all the same, say why with --stated-reason')}")
    if refused.possible:
        _line(f"  {language.said('possible now')}: {'; '.join(map(in_words, refused.possible))}")


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
    """The option that gives a field: of its name, of what it is of (`decree_digest`), or of its kind (`letter_date`, `acts`)."""
    name = field.partition(".")[0].partition("[")[0]
    subject, _, kind = name.rpartition("_")
    likely = (name, subject, kind, kind.removesuffix("s"), f"matter_{name}", f"in_{name}")
    return next((options[each] for each in likely if each in options), "")


def _line(text: str) -> None:
    err.print(text, markup=False, highlight=False)
