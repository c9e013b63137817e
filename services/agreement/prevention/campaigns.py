"""Prevention (pencegahan) as data: the pledge (ikrar), what circulars and campaigns are and ask for, who is told.

Sources stand with each line of `prevention.toml`; what no public page showed in full is named in `unconfirmed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.elections import known
from agreement.parties import institutions
from refusals import Malformed

Needs = Literal["NUMBER", "DOCUMENT", "PEOPLE"]
NUMBER, DOCUMENT, PEOPLE = "NUMBER", "DOCUMENT", "PEOPLE"
INTERNAL_TEAM = "INTERNAL_TEAM"

PLEDGE = "PLEDGE"
"""The act that is shown by a list of pledges (ikrar)."""

_FILE = "prevention.toml"


class Pledge(data_files.Model):
    """A pledge (ikrar netralitas) and its points; a pledge may be dated from `since` on (a legal date)."""

    id: data_files.Text
    points: data_files.Texts
    since: date
    source: data_files.Text
    note: data_files.Text | Literal[""] = ""
    unconfirmed: data_files.Texts = ()


class Kind(data_files.Model):
    """A kind of letter of prevention: a circular (surat edaran), a campaign (kampanye)."""

    code: data_files.Text
    text: data_files.Text
    source: data_files.Text
    unconfirmed: data_files.Texts = ()


class Act(data_files.Model):
    """An act of an authority to prevent violations. `list`: a list of pledges shows it; `once`: a body with a decree."""

    code: data_files.Text
    text: data_files.Text
    source: data_files.Text
    needs: data_files.SetOf[Needs] = frozenset()
    list: bool = False
    once: bool = False
    unconfirmed: data_files.Texts = ()


def _told_role(role: str) -> str:
    if role not in institutions.ROLES - {institutions.PERSONNEL_AUTHORITY}:
        raise ValueError("not one that is told")
    return role


class Recipient(data_files.Model):
    """A role that is told of what authorities do."""

    role: Annotated[data_files.Text, AfterValidator(_told_role)]
    source: data_files.Text
    unconfirmed: data_files.Texts = ()


class _File(data_files.Model):
    pledge: data_files.Entries[Pledge]
    kind: data_files.Entries[Kind]
    act: data_files.Entries[Act]
    recipient: data_files.Entries[Recipient]


@dataclass(frozen=True)
class _Data:
    pledges: Mapping[str, Pledge]
    kinds: Mapping[str, Kind]
    acts: Mapping[str, Act]
    recipients: tuple[Recipient, ...]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text)
    if tuple(sorted(found.pledge, key=lambda each: each.since)) != found.pledge or not found.pledge:
        raise BrokenData(_FILE, "pledge", "none, or not in the order of their first days")
    data_files.index(_FILE, found.recipient, lambda each: each.role)
    return _Data(
        pledges=data_files.index(_FILE, found.pledge, lambda each: each.id),
        kinds=data_files.index(_FILE, found.kind, lambda each: each.code),
        acts=data_files.index(_FILE, found.act, lambda each: each.code),
        recipients=found.recipient,
    )


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def pledges() -> Mapping[str, Pledge]:
    """All pledges under their ids, oldest first."""
    return _data().pledges


def pledge_on(day: date) -> Pledge:
    """The pledge of a legal date.

    Raises:
        Malformed: there was none yet.
    """
    for pledge in reversed(tuple(_data().pledges.values())):
        if pledge.since <= day:
            return pledge
    raise Malformed("there was no pledge on that day")


def kinds() -> Mapping[str, Kind]:
    """The kinds of letters, under their codes."""
    return _data().kinds


def kind(code: str, *, field: str = "kind") -> Kind:
    """The kind of letter with a code. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().kinds, code, "not a listed kind of letter", field)


def acts() -> Mapping[str, Act]:
    """The acts of prevention, under their codes."""
    return _data().acts


def act(code: str, *, field: str = "act") -> Act:
    """The act of prevention with a code such as TASK_FORCE. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().acts, code, "not a listed act of prevention", field)


def recipients() -> tuple[str, ...]:
    """The roles whose holders are told of every list and act, in the order of the data."""
    return tuple(each.role for each in _data().recipients)


def addressees_of(election: str, *, field: str = "election") -> tuple[str, ...]:
    """The authorities of the regions that vote in an election, by region; of one in which all vote, all regional ones.

    Raises `Unknown` for what is not an election.
    """
    found = known.election(election, field=field)
    if found.everywhere:
        authorities = institutions.personnel_authorities()
        return tuple(each for each in authorities if institutions.institution(each).region is not None)
    return tuple(dict.fromkeys(institutions.ppk_of(code) for code in sorted(found.regions)))
