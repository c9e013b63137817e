"""Was everyone told, who opened it, who acted: folded from the log of a campaign's sender. Pure.

Of each addressee it says which evidence there is, and the figures are counts of that. A service folds the leaves of a campaign
at each asking, and whoever has the exported log folds the same (`recompute`): there is no second way to count.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from agreement.parties import institutions
from agreement.prevention import campaigns

TOLD, OPENED, ACTED, DONE = "TOLD", "OPENED", "ACTED", "DONE"


@dataclass(frozen=True, slots=True)
class Definition:
    """Definition of a figure: n of all addressees."""

    indonesian: str
    english: str


DEFINITIONS: Mapping[str, Definition] = {
    TOLD: Definition(
        "Alamat yang menerima: ada tanda terima bertanda tangan bahwa surat tersimpan di sana, dari semua alamat.",
        "Addressees whose signed receipt says that the letter is kept there, of all addressees.",
    ),
    OPENED: Definition(
        "Alamat yang menyatakan bahwa petugasnya membuka surat, dari semua alamat.",
        "Addressees that stated that an officer opened the letter, of all addressees.",
    ),
    ACTED: Definition(
        "Alamat yang melaporkan sedikitnya satu tindakan atau daftar ikrar, dari semua alamat.",
        "Addressees that reported at least one act or list of pledges, of all addressees.",
    ),
    DONE: Definition(
        "Alamat yang melaporkan semua yang diminta, dari semua alamat.",
        "Addressees that reported all that was asked for, of all addressees.",
    ),
}


def defined(id: str) -> Definition:
    """The definition of a figure: one of `DEFINITIONS`, or an act that was asked for."""
    if id in DEFINITIONS:
        return DEFINITIONS[id]
    text = campaigns.act(id).text
    return Definition(
        f"Alamat yang melaporkan: {text}, dari semua alamat.",
        f"Addressees that reported {id}, of all addressees.",
    )


# --- what the log says -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SentCircular:
    """The campaign was sent to an addressee by this statement; `asks` are the acts that it asks for."""

    addressee: str
    statement: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InCustody:
    """The addressee's receipt for that statement: kept there since (UTC)."""

    addressee: str
    statement: str
    time: datetime


@dataclass(frozen=True, slots=True)
class HasOpened:
    """The addressee stated that an officer opened it."""

    addressee: str
    statement: str
    time: datetime


@dataclass(frozen=True, slots=True)
class HasActed:
    """The addressee reported an act, or a list of pledges with `counts` per unit."""

    addressee: str
    statement: str
    time: datetime
    act: str
    people: int
    units: tuple[str, ...]
    counts: tuple[int, ...] = ()
    units_in_total: int = 0


Happening = SentCircular | InCustody | HasOpened | HasActed


@dataclass(frozen=True)
class AddresseeStatus:
    """State of an addressee. Instants are UTC; ids are those of statements in the log."""

    addressee: str
    statement: str
    told: datetime | None = None
    opened: str = ""
    opened_at: datetime | None = None
    acts: tuple[HasActed, ...] = ()

    @property
    def pledges(self) -> int:
        """Persons in its lists together."""
        return sum(self.units.values())

    @property
    def units(self) -> Mapping[str, int]:
        """Persons per unit in its lists together."""
        total = Counter[str]()
        for act in self.acts:
            for unit, count in zip(act.units, act.counts, strict=False):
                total[unit] += count
        return total

    @property
    def units_in_total(self) -> int:
        """Number of its units, as it said last; 0: not stated."""
        return next((act.units_in_total for act in reversed(self.acts) if act.units_in_total), 0)


@dataclass(frozen=True)
class Coverage:
    """A campaign as its sender's log has it."""

    asks: tuple[str, ...] = ()
    addressees: Mapping[str, AddresseeStatus] = field(default_factory=dict)


def fold(happenings: Iterable[Happening]) -> Coverage:
    """Fold what a log says of one campaign, in the order of its entries."""
    asks: tuple[str, ...] = ()
    addressees: dict[str, AddresseeStatus] = {}
    for happened in happenings:
        before = addressees.get(happened.addressee)
        match happened:
            case SentCircular():
                asks = happened.asks
                after: AddresseeStatus | None = AddresseeStatus(happened.addressee, happened.statement)
            case InCustody():
                told = before is not None and before.statement == happened.statement and before.told is None
                after = replace(before, told=happened.time) if before and told else before
            case HasOpened():
                after = before and replace(before, opened=happened.statement, opened_at=happened.time)
            case HasActed():
                after = before and replace(before, acts=(*before.acts, happened))
        if after is not None:
            addressees[happened.addressee] = after
    return Coverage(asks, addressees)


# --- figures -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """n of N."""

    n: int
    of: int


@dataclass(frozen=True)
class Counted:
    """The figures of some addressees, by id, and the persons in their lists of pledges."""

    figures: Mapping[str, Figure]
    pledges: int


def has(status: AddresseeStatus, id: str, asks: Sequence[str]) -> bool:
    """True if an addressee counts for a figure."""
    if id == TOLD:
        return status.told is not None
    if id == OPENED:
        return bool(status.opened)
    if id == ACTED:
        return bool(status.acts)
    if id == DONE:
        return is_done(status, asks)
    return any(act.act == id for act in status.acts)


def is_done(status: AddresseeStatus, asks: Sequence[str]) -> bool:
    """True if all that was asked for is reported; if nothing was asked for: whether it was opened."""
    if not asks:
        return bool(status.opened)
    return set(asks) <= {act.act for act in status.acts}


def count(found: Coverage) -> Counted:
    """The figures of all addressees."""
    return _count(list(found.addressees.values()), found.asks)


def by_province(found: Coverage) -> dict[str, Counted]:
    """The figures per province (code `PP`; empty for central bodies), in the order of the codes."""
    places: dict[str, list[AddresseeStatus]] = {}
    for status in found.addressees.values():
        places.setdefault(province(status.addressee), []).append(status)
    return {code: _count(places[code], found.asks) for code in sorted(places)}


def province(addressee: str) -> str:
    """Code of the province in which an authority is; empty for central bodies."""
    region = institutions.institution(addressee).region
    return region[:2] if region else ""


def _count(addressees: Sequence[AddresseeStatus], asks: Sequence[str]) -> Counted:
    figures = {
        id: Figure(sum(has(status, id, asks) for status in addressees), len(addressees))
        for id in (TOLD, OPENED, ACTED, DONE, *asks)
    }
    return Counted(figures, sum(status.pledges for status in addressees))
