"""Completion of values in a shell: institutions, regions, acts and sanctions by code or name, matters by the beginning of their id.

A parameter's name says what it asks for, as in `cli.given_names`. Nothing is ever said but values: a desk that does not answer
completes nothing.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from cli import agreement_words
from cli.deferred_imports import deferred_imports
from operations.local.installation import DEFAULT_STATE, Installation

with deferred_imports():
    from typer._click import shell_completion  # typer has no public name for it

    from agreement import law, names
    from agreement.clocks import deadlines
    from agreement.elections import known
    from agreement.enforcement import sanctions, violations
    from agreement.parties import institutions, offices, regions
    from operations.local import client, matters

Entries = Mapping[str, str]
"""Codes with their names."""
_MOST = 50


def is_asked() -> bool:
    """True if a shell asks for completions, and no command is run."""
    return "_NETRAL_COMPLETE" in os.environ


def add_completion(command: Any) -> None:
    """Let the parameters of a command complete what they ask for."""
    for parameter in command.params:
        entries = _ENTRIES.get(parameter.name.strip("_"))
        if entries is not None:
            parameter._custom_shell_complete = _completer(entries)


def _completer(entries: Callable[[Any], Entries]) -> Callable[[Any, Any, str], list[Any]]:
    def complete(context: Any, parameter: Any, begun: str) -> list[Any]:
        try:
            listed = entries(context)
        except Exception:  # the shell's line is no place for a message
            return []
        item = shell_completion.CompletionItem
        return [item(code, help=name or None) for code, name in _fitting(begun, listed)][:_MOST]

    return complete


def _fitting(begun: str, listed: Entries) -> Iterable[tuple[str, str]]:
    """The offers that begin so; if none does, those that have these words in their names."""
    found = [(code, name) for code, name in listed.items() if code.startswith(begun)]
    return found or [(code, name) for code, name in listed.items() if names.fits(begun, code, name)]


def _institutions(_context: Any) -> Entries:
    return {id: each.name for id, each in institutions.institutions().items()}


def _regions(_context: Any) -> Entries:
    return {code: each.name for code, each in regions.regions().items()}


def _provinces(_context: Any) -> Entries:
    return {code: each.name for code, each in regions.regions().items() if "." not in code}


def _acts(_context: Any) -> Entries:
    return {each.code: each.text for each in violations.violations().values()}


def _sanctions(_context: Any) -> Entries:
    return {each.code: each.text for each in sanctions.sanctions().values()}


def _elections(_context: Any) -> Entries:
    return {each.id: each.title for each in known.all_known().newest.values()}


def _offices(_context: Any) -> Entries:
    return {line.code: line.name for each in offices.known().offices.values() for line in each.lines}


def _rules(context: Any) -> Entries:
    if context.parent is not None and context.parent.info_name == "law":
        return {id: each.text for id, each in law.rules().items()}
    return {id: each.title for id, each in deadlines.rules().items()}


def _tables(context: Any) -> Entries:
    return dict.fromkeys(agreement_words.TABLES.split(", "), "") if context.info_name == "table" else {}


def _matters(context: Any) -> Entries:
    """The matters of the party that the line names, or of the supervisor, with their states."""
    world = Installation(Path(context.params.get("state") or DEFAULT_STATE))
    desks = client.Desks.of(world)
    try:
        caller = client.Caller(context.params.get("as_") or client.SUPERVISOR, "officer-1")
        contract = matters.CONTRACTS[desks.desk_of(caller.party)]
        request = contract.list_(parent=f"institutions/{caller.party}", page_size=1000)
        pages = desks.pages(contract.reads, "ListMatters", request, caller)
        return {one.name.rpartition("/")[2]: one.state for page in pages for one in page.matters}
    finally:
        desks.close()


_ENTRIES: Mapping[str, Callable[[Any], Entries]] = {
    "as": _institutions,
    "to": _institutions,
    "employer": _institutions,
    "agency": _institutions,
    "authority": _institutions,
    "addressee": _institutions,
    "institution": _institutions,
    "holder": _institutions,
    "moved_to": _institutions,
    "with": _institutions,
    "for": _institutions,
    "region": _regions,
    "province": _provinces,
    "act": _acts,
    "suspect": _acts,
    "sanction": _sanctions,
    "election": _elections,
    "office": _offices,
    "rule": _rules,
    "name": _tables,
    "matter": _matters,
}
