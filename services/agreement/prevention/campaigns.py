"""Prevention (pencegahan) as data: the pledge (ikrar), what circulars and campaigns are and ask for, who is told.

Sources stand with each line of `prevention.toml`; what no public page showed in full is named in `unconfirmed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.parties import institutions
from refusals import Malformed

NUMBER, DOCUMENT, PEOPLE = "NUMBER", "DOCUMENT", "PEOPLE"
INTERNAL_TEAM = "INTERNAL_TEAM"

PLEDGE = "PLEDGE"
"""The act that is shown by a list of pledges (ikrar)."""

_FILE = "prevention.toml"
_NEEDS = frozenset({NUMBER, DOCUMENT, PEOPLE})


@dataclass(frozen=True)
class Pledge:
    """A pledge (ikrar netralitas) and its points; a pledge may be dated from `since` on (a legal date)."""

    id: str
    points: tuple[str, ...]
    since: date
    source: str
    note: str
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """What a letter of prevention is: a circular (surat edaran), a campaign (kampanye)."""

    code: str
    text: str
    source: str
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True)
class Act:
    """What an authority does to prevent violations. `list`: a list of pledges shows it; `once`: a body with a decree."""

    code: str
    text: str
    needs: frozenset[str]
    list: bool
    once: bool
    source: str
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True)
class Recipient:
    """A role that is told of what authorities do."""

    role: str
    source: str
    unconfirmed: tuple[str, ...]


def _unconfirmed(entry: data_files.Entry) -> tuple[str, ...]:
    return entry.optional("unconfirmed", entry.texts) or ()


def _parse_pledge(entry: data_files.Entry) -> Pledge:
    pledge = Pledge(
        id=entry.text("id"),
        points=entry.texts("points"),
        since=entry.day("since"),
        source=entry.text("source"),
        note=entry.optional("note", entry.text) or "",
        unconfirmed=_unconfirmed(entry),
    )
    entry.done()
    return pledge


def _parse_kind(entry: data_files.Entry) -> Kind:
    kind = Kind(entry.text("code"), entry.text("text"), entry.text("source"), _unconfirmed(entry))
    entry.done()
    return kind


def _parse_act(entry: data_files.Entry) -> Act:
    act = Act(
        code=entry.text("code"),
        text=entry.text("text"),
        needs=frozenset(entry.optional("needs", entry.texts) or ()),
        list=entry.optional("list", entry.flag) or False,
        once=entry.optional("once", entry.flag) or False,
        source=entry.text("source"),
        unconfirmed=_unconfirmed(entry),
    )
    entry.done()
    if not act.needs <= _NEEDS:
        raise entry.broken(f"needs: not of {', '.join(sorted(_NEEDS))}")
    return act


def _parse_recipient(entry: data_files.Entry) -> Recipient:
    recipient = Recipient(entry.text("role"), entry.text("source"), _unconfirmed(entry))
    entry.done()
    if recipient.role not in institutions.ROLES - {institutions.PERSONNEL_AUTHORITY}:
        raise entry.broken("role: not one that is told")
    return recipient


@dataclass(frozen=True)
class _Data:
    pledges: Mapping[str, Pledge]
    kinds: Mapping[str, Kind]
    acts: Mapping[str, Act]
    recipients: tuple[Recipient, ...]


def _parse(text: str) -> _Data:
    found = data_files.entries(_FILE, text, "code", "pledge", "kind", "act", "recipient")
    pledges = [_parse_pledge(entry) for entry in found["pledge"]]
    if sorted(pledges, key=lambda pledge: pledge.since) != pledges or not pledges:
        raise BrokenData(_FILE, "pledge", "none, or not in the order of their first days")
    recipients = [_parse_recipient(entry) for entry in found["recipient"]]
    data_files.by_code(_FILE, ((each.role, each) for each in recipients))
    return _Data(
        pledges=data_files.by_code(_FILE, ((each.id, each) for each in pledges)),
        kinds=data_files.by_code(_FILE, ((each.code, each) for each in map(_parse_kind, found["kind"]))),
        acts=data_files.by_code(_FILE, ((each.code, each) for each in map(_parse_act, found["act"]))),
        recipients=tuple(recipients),
    )


_DATA = _parse(data_files.read(_FILE))


def pledges() -> Mapping[str, Pledge]:
    """All pledges under their ids, oldest first."""
    return _DATA.pledges


def pledge_on(day: date) -> Pledge:
    """The pledge of a legal date.

    Raises:
        Malformed: there was none yet.
    """
    for pledge in reversed(tuple(_DATA.pledges.values())):
        if pledge.since <= day:
            return pledge
    raise Malformed("there was no pledge on that day")


def kinds() -> Mapping[str, Kind]:
    """The kinds of letters, under their codes."""
    return _DATA.kinds


def kind(code: str, *, field: str = "kind") -> Kind:
    """The kind of letter with a code. Raises `Unknown` for any other text."""
    return _known(_DATA.kinds, code, "not a listed kind of letter", field)


def acts() -> Mapping[str, Act]:
    """The acts of prevention, under their codes."""
    return _DATA.acts


def act(code: str, *, field: str = "act") -> Act:
    """The act of prevention with a code such as TASK_FORCE. Raises `Unknown` for any other text."""
    return _known(_DATA.acts, code, "not a listed act of prevention", field)


def recipients() -> tuple[str, ...]:
    """The roles whose holders are told of every list and act, in the order of the data."""
    return tuple(each.role for each in _DATA.recipients)


def _known(entries: Mapping[str, data_files.T], code: str, problem: str, field: str) -> data_files.T:
    try:
        return entries[code]
    except KeyError:
        raise Unknown(problem, field=field) from None
