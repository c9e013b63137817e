"""Who gets a copy (tembusan) of what an examiner says to a personnel authority.

Whether a recipient is a party of the exchange is left to whoever sends; how a copy looks is left to `exchange`.
"""

from dataclasses import dataclass
from datetime import date

from agreement import data_files
from agreement.parties import institutions
from refusals import Malformed

_FILE = "copies.toml"
_SUPERIOR = "superior of the addressee"


@dataclass(frozen=True)
class Rule:
    """A line of the list: to whom, of which statement types, with the sealed part or without.

    `unconfirmed` names what no text that could be read says.
    """

    to: str
    types: tuple[str, ...]
    person: bool
    source: str
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True)
class Copy:
    """A recipient of a copy; `person` if the sealed part goes along."""

    recipient: str
    person: bool


def _parse(text: str) -> tuple[Rule, ...]:
    found = []
    for entry in data_files.entries(_FILE, text, "to", "copy")["copy"]:
        to = entry.text("to")
        kind, _, name = to.partition(" ")
        if not (
            to == _SUPERIOR
            or (kind == "role" and name in institutions.ROLES - {institutions.PERSONNEL_AUTHORITY})
            or (kind == "institution" and name in institutions.institutions())
        ):
            raise entry.broken(f"to: neither a role, nor an institution, nor '{_SUPERIOR}'")
        found.append(
            Rule(
                to,
                entry.texts("types"),
                entry.flag("person"),
                entry.text("source"),
                entry.optional("unconfirmed", entry.texts) or (),
            )
        )
        entry.done()
    return tuple(data_files.by_code(_FILE, ((rule.to, rule) for rule in found)).values())


_RULES = _parse(data_files.read(_FILE))


def rules() -> tuple[Rule, ...]:
    """The list, in its order."""
    return _RULES


def recipients(type: str, addressee: str, supervisor: str, on: date) -> tuple[Copy, ...]:
    """Who gets a copy of a statement of this type to `addressee`, on a legal date; each once, never the addressee.

    `supervisor` is the institution that referred the matter: it stays the matter's supervisor, whoever holds the role now.
    """
    found: dict[str, Copy] = {}
    for rule in _RULES:
        recipient = _resolved(rule.to, addressee, supervisor, on)
        if type in rule.types and recipient is not None and recipient != addressee:
            known = found.get(recipient)
            found[recipient] = Copy(recipient, rule.person or (known is not None and known.person))
    return tuple(found.values())


def _resolved(to: str, addressee: str, supervisor: str, on: date) -> str | None:
    if to == _SUPERIOR:
        return institutions.superior_of(addressee)
    kind, _, name = to.partition(" ")
    if kind == "institution":
        return name
    if name == institutions.SUPERVISOR:
        return supervisor
    try:
        return institutions.role_holder(name, on)
    except Malformed:
        return None  # nobody held it on that day
