"""Recipients of copies (tembusan) of an examiner's statements to a personnel authority.

Whether a recipient is a party of the exchange is left to whoever sends; how a copy looks is left to `exchange`.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

from agreement import data_files
from agreement.parties import institutions
from refusals import Malformed

_FILE = "copies.toml"
_SUPERIOR, _INSPECTORATE = "superior of the addressee", "inspectorate of the addressee"


def _recipient(to: str) -> str:
    kind, _, name = to.partition(" ")
    if not (
        to in (_SUPERIOR, _INSPECTORATE)
        or (
            kind == "role"
            and name in institutions.ROLES - {institutions.PERSONNEL_AUTHORITY, institutions.AUDITOR}
        )
        or (kind == "institution" and name in institutions.institutions())
    ):
        raise ValueError(f"neither a role, nor an institution, nor '{_SUPERIOR}' or '{_INSPECTORATE}'")
    return to


class CopyRule(data_files.Model):
    """A line of the list: to whom, of which statement types, with the sealed part or without.

    `unconfirmed` names what no text that could be read says.
    """

    to: Annotated[data_files.Text, AfterValidator(_recipient)]
    types: data_files.Texts
    person: bool
    source: data_files.Text
    unconfirmed: data_files.Texts = ()


class _File(data_files.Model):
    rules: data_files.Entries[CopyRule] = Field(validation_alias="copy")


@dataclass(frozen=True)
class Copy:
    """A recipient of a copy; `person` if the sealed part goes along."""

    recipient: str
    person: bool


def _parse(text: str) -> tuple[CopyRule, ...]:
    found = data_files.parse(_File, _FILE, text, "to").rules
    data_files.index(_FILE, found, lambda each: each.to)
    return found


@cache
def rules() -> tuple[CopyRule, ...]:
    """The list, in its order."""
    return _parse(data_files.read(_FILE))


def recipients(type: str, addressee: str, supervisor: str, on: date) -> tuple[Copy, ...]:
    """List who gets a copy of a statement of this type to `addressee`, on a legal date; each once, never the addressee.

    `supervisor` is the institution that referred the matter: it stays the matter's supervisor, whoever holds the role now.
    """
    found: dict[str, Copy] = {}
    for rule in rules():
        recipient = _resolved(rule.to, addressee, supervisor, on)
        if type in rule.types and recipient is not None and recipient != addressee:
            known = found.get(recipient)
            found[recipient] = Copy(recipient, rule.person or (known is not None and known.person))
    return tuple(found.values())


def _resolved(to: str, addressee: str, supervisor: str, on: date) -> str | None:
    if to == _SUPERIOR:  # no text says that the President gets copies
        return institutions.superior_of(addressee) if institutions.region_of(addressee) else None
    if to == _INSPECTORATE:
        return _inspectorate(addressee, on)
    kind, _, name = to.partition(" ")
    if kind == "institution":
        return name
    if name == institutions.SUPERVISOR:
        return supervisor
    try:
        return institutions.role_holder(name, on, addressee)
    except Malformed:
        return None  # nobody held it on that day


def _inspectorate(addressee: str, on: date) -> str | None:
    """The inspectorate of a local government; PP 12/2017 is on no other authority."""
    if not institutions.region_of(addressee):
        return None
    found = institutions.inspectorate_of(addressee)
    return found if any(held.on(on) for held in institutions.default_roles(found)) else None
