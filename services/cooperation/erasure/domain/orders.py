"""An order to erase the personal data of a matter (perintah penghapusan), at whoever ordered and at every holder.

The order follows the way that the data took: whoever got data passes it on to those it gave them to, and believes nobody
else. How keys are destroyed is left to others.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement.information import retention
from refusals import NotAllowed, NotFound, WrongState


class State(StrEnum):
    """State of an order at a party."""

    ORDERED = "ORDERED"  # diperintahkan
    HELD = "HELD"  # ditahan
    BEGUN = "BEGUN"  # sedang dihapus; no hold can stop it any more
    ERASED = "ERASED"  # dihapus secara sah
    NOTHING_HELD = "NOTHING_HELD"  # tidak menyimpan; what comes later is not kept


class Outcome(StrEnum):
    """Answer of a holder."""

    ERASED = "ERASED"
    HELD = "HELD"
    NOTHING_HELD = "NOTHING_HELD"


OPEN = (State.ORDERED, State.HELD, State.BEGUN)


@dataclass(frozen=True)
class Dealings:
    """Dealings of a party on a matter: with whom it exchanged statements, and whether its first data are its own.

    `heard_from` are those that sent it statements, `sent_to` those it sent some to; those on erasures and holds do not count.
    """

    known: bool = False
    collected_here: bool = False
    heard_from: frozenset[str] = frozenset()
    sent_to: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Erasure:
    """An order at a party. `asked`, `answers` and `answer_times` belong together: whom this party sent it to or heard of, what
    they answered ("": not yet), when (ISO, UTC; "": not yet). Instants are UTC."""

    party: str
    id: str  # the matter
    order: str
    ordered_by: str
    heard_from: str
    basis: str
    ground: str
    order_date: date
    case_id: str
    state: State
    created: datetime
    updated: datetime
    warrant: str = ""  # the envelope by which the order was given, hex; empty at whoever gave it
    asked: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    answer_times: tuple[str, ...] = ()
    emptied: int = 0
    documents: int = 0


@dataclass(frozen=True)
class ErasureOrdered:
    """An erasure was ordered; passed on, it comes with the warrant: the signed statement of who ordered it (hex)."""

    order: str
    ordered_by: str
    basis: str
    ground: str
    order_date: date
    warrant: str = ""


@dataclass(frozen=True)
class ErasureAnswered:
    """A holder did what was ordered, or was stopped."""

    order: str
    outcome: str
    passed_to: tuple[str, ...]


@dataclass(frozen=True)
class ErasureHeld:
    """Holds stop the order."""

    order: str
    holds: tuple[str, ...]
    passed_to: tuple[str, ...]


@dataclass(frozen=True)
class ErasureBegun:
    """Begin of an erasure, which nothing stops any more."""

    order: str


@dataclass(frozen=True)
class ErasureCarriedOut:
    """The data are erased."""

    order: str
    ordered_by: str
    basis: str
    ground: str
    outcome: str
    emptied: tuple[str, ...]
    documents: int
    passed_to: tuple[str, ...]


Event = ErasureOrdered | ErasureAnswered | ErasureHeld | ErasureBegun | ErasureCarriedOut


def order(
    known: Erasure | None, dealings: Dealings, id: str, party: str, basis: str, ground: str, today: date
) -> ErasureOrdered:
    """Order an erasure, as the party that collected the data.

    Raises:
        WrongState: it was ordered before.
        NotFound: this party has no such matter.
        NotAllowed: another party collected the data, or the basis does not permit it.
        Unknown: no such ground or basis.
    """
    retention.check_ground(ground, basis, today)
    if known is not None:
        raise WrongState(
            "the erasure was ordered before; it stands at: {state}",
            state=known.state,
            reason="ORDERED_ALREADY",
        )
    if not dealings.known:
        raise NotFound("there is no such matter at this party", field="name")
    if not dealings.collected_here:
        raise NotAllowed(
            "another party collected these data; it alone orders their erasure",
            field="name",
            reason="NOT_THE_CONTROLLER",
        )
    return ErasureOrdered(id, party, basis, ground, today)


def hear(known: Erasure | None, dealings: Dealings, event: ErasureOrdered, sender: str, party: str) -> bool:
    """True if an order that came is new here; one that came on two ways is not.

    Raises:
        WrongState: another order stands here.
        NotAllowed: the data did not come from the sender.
    """
    if known is not None:
        if known.order == event.order:
            return False
        raise WrongState("another order on this matter stands", reason="ANOTHER_ORDER")
    # What is not known yet may be on its way: nothing of it will be kept.
    if party == event.ordered_by or (
        dealings.known and (dealings.collected_here or sender not in dealings.heard_from)
    ):
        raise NotAllowed("the data on this matter did not come from the sender", reason="NOT_THE_CONTROLLER")
    return True


def begin(
    event: ErasureOrdered, *, party: str, matter: str, case_id: str, heard_from: str, now: datetime
) -> Erasure:
    """An order as it stands at first."""
    return Erasure(
        party,
        matter,
        event.order,
        event.ordered_by,
        heard_from,
        event.basis,
        event.ground,
        event.order_date,
        case_id,
        State.ORDERED,
        now,
        now,
        event.warrant,
    )


def said(erasure: Erasure) -> ErasureOrdered:
    """The order as it is passed on."""
    return ErasureOrdered(
        erasure.order, erasure.ordered_by, erasure.basis, erasure.ground, erasure.order_date, erasure.warrant
    )


def to_ask(erasure: Erasure, dealings: Dealings) -> tuple[str, ...]:
    """The parties to which an order is still to be passed on."""
    done = {erasure.party, erasure.ordered_by, erasure.heard_from, *erasure.asked}
    return tuple(sorted(dealings.sent_to - done))


def ask(erasure: Erasure, parties: tuple[str, ...]) -> Erasure:
    """The order with these parties among those that have to answer."""
    new = tuple(party for party in parties if party not in erasure.asked)
    blank = ("",) * len(new)
    return replace(
        erasure,
        asked=erasure.asked + new,
        answers=erasure.answers + blank,
        answer_times=erasure.answer_times + blank,
    )


def answer(known: Erasure | None, event: ErasureAnswered, sender: str, party: str, now: datetime) -> Erasure:
    """The order with what a holder says of it; whom that one passed it on to has to answer too.

    Raises:
        NotFound: this party gave no such order.
    """
    if known is None or known.order != event.order or known.ordered_by != party:
        raise NotFound("this party gave no such order", reason="UNKNOWN_ORDER")
    asked = ask(known, (sender, *(each for each in event.passed_to if each != party)))
    at = asked.asked.index(sender)
    answers, times = list(asked.answers), list(asked.answer_times)
    answers[at], times[at] = event.outcome, now.isoformat()
    return replace(asked, answers=tuple(answers), answer_times=tuple(times), updated=now)


def hold(erasure: Erasure, now: datetime) -> Erasure:
    """The order, stopped by a hold.

    Raises:
        WrongState: it is not waiting to be carried out.
    """
    if erasure.state != State.ORDERED:
        raise WrongState("the erasure stands at: {state}", state=erasure.state)
    return replace(erasure, state=State.HELD, updated=now)


def start(erasure: Erasure, held: bool, now: datetime) -> Erasure:
    """The order from where nothing stops it any more.

    Raises:
        WrongState: a hold stops it, or it is begun.
    """
    if held or erasure.state not in (State.ORDERED, State.HELD):
        raise WrongState("the erasure stands at: {state}, or is held", state=erasure.state)
    return replace(erasure, state=State.BEGUN, updated=now)


def finish(erasure: Erasure, emptied: int, documents: int, had_key: bool, now: datetime) -> Erasure:
    """The order, carried out.

    Raises:
        WrongState: it is not begun.
    """
    if erasure.state != State.BEGUN:
        raise WrongState("the erasure stands at: {state}", state=erasure.state)
    state = State.ERASED if had_key or emptied or documents else State.NOTHING_HELD
    return replace(erasure, state=state, emptied=emptied, documents=documents, updated=now)
