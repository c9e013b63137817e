"""Prevention (pencegahan) as data: the pledge (ikrar), what circulars and campaigns are and ask for, who is told.

Sources stand with each line of `prevention.toml`; what no public page showed in full is named in `unconfirmed`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.elections import known
from agreement.parties import institutions
from refusals import Malformed

Needs = Literal["NUMBER", "DOCUMENT", "PEOPLE", "READER"]
NUMBER, DOCUMENT, PEOPLE, READER = "NUMBER", "DOCUMENT", "PEOPLE", "READER"
INTERNAL_TEAM = "INTERNAL_TEAM"

PLEDGE = "PLEDGE"
"""The act that is shown by a list of pledges (ikrar)."""

_FILE = "prevention.toml"


class Pledge(data_files.Model):
    """A text of the pledge (ikrar netralitas): its points, and their digest.

    A pledge may be dated from `since` on (a legal date); before `until` (None: open) it is the usual text, and for `elections`.
    """

    id: data_files.Text
    points: data_files.Texts
    sha256: data_files.Text
    since: date
    until: date | None = None
    elections: data_files.Texts = ()
    source: data_files.Text
    note: data_files.Text | Literal[""] = ""
    unconfirmed: data_files.Texts = ()

    @model_validator(mode="after")
    def _its_digest_is_that_of_its_points(self) -> Self:
        if self.sha256 != text_digest(self.points):
            raise ValueError("sha256: not that of the points")
        if self.until is not None:
            data_files.check_period(self.since, self.until)
        return self


def text_digest(points: Sequence[str]) -> str:
    """SHA-256 (hex) of the text of a pledge: its points in UTF-8, each with a line feed."""
    return sha256("".join(f"{point}\n" for point in points).encode()).hexdigest()


class Reader(data_files.Model):
    """A post that reads the pledge out."""

    code: data_files.Text
    text: data_files.Text
    source: data_files.Text
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
    reader: data_files.Entries[Reader]
    kind: data_files.Entries[Kind]
    act: data_files.Entries[Act]
    recipient: data_files.Entries[Recipient]


@dataclass(frozen=True)
class _Data:
    pledges: Mapping[str, Pledge]
    readers: Mapping[str, Reader]
    kinds: Mapping[str, Kind]
    acts: Mapping[str, Act]
    recipients: tuple[Recipient, ...]


def parse(text: str) -> _Data:
    """Everything of a file. Raises `BrokenData`."""
    found = data_files.parse(_File, _FILE, text)
    if tuple(sorted(found.pledge, key=lambda each: each.since)) != found.pledge or not found.pledge:
        raise BrokenData(_FILE, "pledge", "none, or not in the order of their first days")
    data_files.index(_FILE, found.recipient, lambda each: each.role)
    return _Data(
        pledges=data_files.index(_FILE, found.pledge, lambda each: each.id),
        readers=data_files.index(_FILE, found.reader, lambda each: each.code),
        kinds=data_files.index(_FILE, found.kind, lambda each: each.code),
        acts=data_files.index(_FILE, found.act, lambda each: each.code),
        recipients=found.recipient,
    )


@cache
def _data() -> _Data:
    return parse(data_files.read(_FILE))


def pledges() -> Mapping[str, Pledge]:
    """All pledges under their ids, oldest first."""
    return _data().pledges


def pledge_on(day: date) -> Pledge:
    """The usual text of the pledge on a legal date.

    Raises:
        Malformed: there was none yet.
    """
    for pledge in reversed(tuple(_data().pledges.values())):
        if pledge.since <= day and (pledge.until is None or day < pledge.until):
            return pledge
    raise Malformed("there was no pledge on that day")


def pledge(id: str, *, field: str = "pledge") -> Pledge:
    """The text of the pledge with an id such as ikrar-2020. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().pledges, id, "not a listed text of the pledge", field)


def pledge_for(election: str, day: date) -> Pledge:
    """The text that is read for an election; the usual one of the day if none is known, or no election is named.

    Raises:
        Malformed: there was none yet on that day.
    """
    read = (each for each in _data().pledges.values() if election in each.elections)
    return next(read, None) or pledge_on(day)


def readers() -> Mapping[str, Reader]:
    """The posts that read the pledge out, under their codes."""
    return _data().readers


def reader(code: str, *, field: str = "read_by") -> Reader:
    """The post with a code such as REGIONAL_HEAD. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().readers, code, "not a listed post of who reads the pledge out", field)


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
