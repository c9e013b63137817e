"""A legal hold (penahanan penghapusan): nothing is erased of a matter, or of all that a party holds, until it is lifted.

A hold is believed whoever placed it: it destroys nothing. Only who placed it lifts it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from agreement.information import retention
from refusals import NotAllowed, NotFound, WrongState


@dataclass(frozen=True)
class Hold:
    """A hold at a party. `target` is the matter, or empty for all that the party holds; `told` are those it was sent to."""

    party: str
    id: str
    target: str
    placed_by: str
    reason: str
    place_date: date
    lift_date: date | None = None
    told: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        return self.lift_date is None


@dataclass(frozen=True)
class HoldPlaced:
    """A hold was placed; passed on, it comes with the warrant: the signed statement of who placed it (hex)."""

    hold: str
    placed_by: str
    reason: str
    place_date: date
    warrant: str = ""


@dataclass(frozen=True)
class HoldLifted:
    """A hold was lifted by who placed it; the warrant is as in `HoldPlaced`."""

    hold: str
    placed_by: str
    lift_date: date
    warrant: str = ""


Event = HoldPlaced | HoldLifted


def place(id: str, party: str, reason: str, today: date, *, known: bool, too_late: bool) -> HoldPlaced:
    """Place a hold.

    Raises:
        Unknown: no such reason.
        NotFound: this party has nothing on the matter.
        WrongState: its data are erased.
    """
    retention.check_reason(reason)
    if not known:
        raise NotFound("there is no such matter at this party", field="name")
    if too_late:
        raise WrongState(
            "the data on this matter are erased lawfully; nothing is left to hold", reason="ERASED"
        )
    return HoldPlaced(id, party, reason, today)


def hear_placed(held: Iterable[Hold], event: HoldPlaced) -> bool:
    """True if a hold that came is new here."""
    return all(each.id != event.hold for each in held)


def lift(held: Iterable[Hold], id: str, placed_by: str, today: date) -> Hold:
    """The hold, lifted.

    Raises:
        NotFound: no such hold is here.
        NotAllowed: another party placed it.
        WrongState: it was lifted before.
    """
    found = next((each for each in held if each.id == id), None)
    if found is None:
        raise NotFound("there is no such hold at this party", field="name")
    if found.placed_by != placed_by:
        raise NotAllowed("another party placed this hold", field="name", reason="NOT_WHO_PLACED_IT")
    if not found.stands:
        raise WrongState("this hold was lifted before", reason="LIFTED_ALREADY")
    return replace(found, lift_date=today)


def to_tell(hold: Hold, dealings_with: Iterable[str], heard_from: str) -> tuple[str, ...]:
    """The parties to which a hold is still to be passed on."""
    return tuple(sorted(set(dealings_with) - {hold.party, hold.placed_by, heard_from, *hold.told}))
