"""Ids, institutions and regions as people give them: a name that a command printed, the beginning of a matter's id, *kotim*.

A command says by the names of its parameters what it asks for, so that all take the same ways to say it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from cli.deferred_imports import deferred_imports
from cli.language import did_you_mean, said

if TYPE_CHECKING:
    from cli.options import CommandContext

with deferred_imports():
    from agreement import names
    from agreement.parties import institutions, regions
    from operations.local import matters

_COLLECTIONS: Mapping[str, str] = {
    "matter": "matters",
    "intake": "intakes",
    "campaign": "campaigns",
    "pledge_list": "pledgeLists",
    "plan": "plans",
    "indication": "indications",
    "disclosure": "disclosures",
    "hold": "holds",
}
_PARTIES = frozenset({"to", "employer", "agency", "addressee", "moved_to"})
_SHOWN = 5

_ID_OF_A_PARTY = re.compile(r"(ppk|prov)-[0-9]+|bawaslu|kasn|bkn|kemendagri|kemenpanrb")
_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2})?")
_BEGINNING = re.compile(r"[0-9a-f][0-9a-f-]{3,34}")


def given(context: "CommandContext", values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a command's parameters, with whole ids in place of what people gave."""
    return {name: _each(value, partial(_whole, context, name)) for name, value in values.items()}


def _each(value: Any, whole: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_each(one, whole) for one in value]
    return whole(value) if isinstance(value, str) and value else value


def party_given(text: str, option: str = "--as") -> str:
    """The id of an institution by id or name; what is none of them stays, for the desk to refuse.

    Raises:
        typer.BadParameter: it is the name of several; of who calls, also if it is the name of nobody.
    """
    if _ID_OF_A_PARTY.fullmatch(text):
        return text
    by_id = {id: each.name for id, each in institutions.institutions().items()}
    found = _by_name(text, lambda: by_id, option)
    if option == "--as" and found not in by_id:
        hint = said("; `netral catalogue institutions` lists them")
        raise typer.BadParameter(
            said("there is no institution {value}{hint}", value=text, hint=hint), param_hint=option
        )
    return found


def _whole(context: "CommandContext", parameter: str, text: str) -> str:
    option = f"--{parameter.strip('_').replace('_', '-')}"
    if parameter in _PARTIES:
        return party_given(text, option)
    if parameter == "region" and not _REGION.fullmatch(text):
        return _by_name(text, lambda: {code: each.name for code, each in regions.regions().items()}, option)
    if parameter in _COLLECTIONS:
        id = _id_in(text, _COLLECTIONS[parameter])
        is_matter = parameter == "matter"
        return _matter(context, id) if is_matter and _BEGINNING.fullmatch(id) else id
    return text


def _id_in(text: str, collection: str) -> str:
    """The id in a name such as `institutions/kasn/matters/0199…`; any other text is an id itself."""
    words = text.split("/")
    if len(words) < 4 or words[0] != "institutions":
        return text.lower().removesuffix("…")
    if words[2] != collection:
        raise typer.BadParameter(
            said(
                "{value} is one of {words}, and one of {collection} is asked for",
                value=text,
                words=words[2],
                collection=collection,
            )
        )
    return words[3]


def _matter(context: "CommandContext", beginning: str) -> str:
    """The matter whose id begins so."""
    found = matters.matters_beginning(context.desks, context.caller(), beginning)
    if len(found) == 1:
        return found[0]
    if not found:
        raise typer.BadParameter(
            said("no matter of {party} begins with {beginning}", party=context.party, beginning=beginning)
        )
    raise typer.BadParameter(
        said("several matters begin with {beginning}: {found}", beginning=beginning, found=_some(found))
    )


def _by_name(text: str, entries: Callable[[], Mapping[str, str]], option: str) -> str:
    known = entries()
    found = names.named(text, known)
    if len(found) > 1:
        raise typer.BadParameter(
            said(
                "{given} can be {choices}", given=text, choices=_some([f"{id} ({known[id]})" for id in found])
            ),
            param_hint=option,
        )
    if not found and (meant := names.meant(text, known)):
        hint = did_you_mean(meant)
        raise typer.BadParameter(said("{value} is not known{hint}", value=text, hint=hint), param_hint=option)
    return found[0] if found else text


def _some(found: Sequence[str]) -> str:
    more = len(found) - _SHOWN
    return ", ".join(found[:_SHOWN]) + (said(" and {more} more", more=more) if more > 0 else "")
