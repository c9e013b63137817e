"""A list of pledges (daftar ikrar) at its authority: imported, closed and stated, or erased.

What is stated of it are counts and a root; rows, salts and the tree are left to others.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agreement.prevention import campaigns
from cooperation.prevention.campaigns.domain import Report
from refusals import WrongState


class State(StrEnum):
    """State of a list."""

    IMPORTING = "IMPORTING"
    LISTED = "LISTED"  # daftar ditutup dan dilaporkan
    EMPTY = "EMPTY"  # no row was good; nothing was stated
    ERASED = "ERASED"  # dihapus


@dataclass(frozen=True)
class PledgeList:
    """A list without who stands in it. `read`, `lines` and `prefix` say how far its file is taken; instants are UTC."""

    party: str
    id: str
    request_id: str
    campaign: str
    pledge: str
    state: State
    created: datetime
    updated: datetime
    units_in_total: int = 0
    read: int = 0
    lines: int = 0
    prefix: str = ""
    size: int = 0
    broken: int = 0
    root: str = ""
    units: tuple[str, ...] = ()
    unit_counts: tuple[int, ...] = ()
    statement: str = ""


@dataclass(frozen=True)
class Closed:
    """The whole file is taken. `root` is hex; units and their counts in the order of the codes.

    `pledge` is the usual text on the days of the rows, for a list that names none.
    """

    size: int
    root: str
    units: tuple[str, ...]
    unit_counts: tuple[int, ...]
    pledge: str


class Stated(Protocol):
    """A closed list, or what an authority states of one."""

    @property
    def id(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def root(self) -> str: ...
    @property
    def units(self) -> tuple[str, ...]: ...
    @property
    def pledge(self) -> str: ...


def close(pledges: PledgeList, closed: Closed) -> PledgeList:
    """The list after its last row.

    Raises:
        WrongState: it is not being imported.
    """
    if pledges.state != State.IMPORTING:
        raise WrongState("the list stands at: {state}", state=pledges.state, reason="NOT_IMPORTING")
    return replace(
        pledges,
        state=State.LISTED if closed.size else State.EMPTY,
        size=closed.size,
        root=closed.root,
        units=closed.units,
        unit_counts=closed.unit_counts,
        pledge=pledges.pledge or closed.pledge,
    )


def require_listed(pledges: PledgeList) -> None:
    """Refuse what only a closed list can answer.

    Raises:
        WrongState: it is not closed, is empty, or was erased.
    """
    if pledges.state != State.LISTED:
        raise WrongState("the list stands at: {state}", state=pledges.state, reason="NOT_LISTED")


def erase(pledges: PledgeList) -> PledgeList:
    """The list without what would prove anything of anybody. Counts and root stand: they were stated.

    Raises:
        WrongState: it is erased already.
    """
    if pledges.state == State.ERASED:
        raise WrongState("the list is erased already", reason="ERASED_ALREADY")
    return replace(pledges, state=State.ERASED)


def report_of(
    stated: Stated, party: str, id: str, authority: str, campaign: str, now: datetime, read_by: str
) -> Report:
    """A list as the act that it shows, kept by a party from `now` (UTC) on; `campaign` is the one that it answers, "" if none.

    `read_by` is the post of who read the pledge out, "" if that was not stated.
    """
    return Report(
        party,
        id,
        authority,
        campaign,
        campaigns.PLEDGE,
        now,
        people=stated.size,
        units=stated.units,
        pledge_list=stated.id,
        root=stated.root,
        pledge=stated.pledge,
        read_by=read_by,
    )
