"""Custody of a matter passes from one examiner to the next (pengalihan): SE MenPANRB 4/2024, UU 20/2023.

The matter goes on at the successor where it stood, under the same id and letter numbers; at the old examiner it ends. What
reaches the old examiner afterwards is forwarded. `hear` and `apply` are those of `matters`, and of a succession.

Steps of the escalation travel with the matter, so that nobody is reminded twice. Claims of silence stay with the
examiner that made them: the successor holds other receipts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agreement.entities import replace
from agreement.parties import identifiers, succession
from agreement.parties.institutions import EXAMINER
from cooperation.oversight.overseers import OverseerEvent
from kasn.matters.domain import changes, events
from kasn.matters.domain.matter import Matter, State
from kasn.succession.domain import late_arrivals
from refusals import Malformed, NotAllowed, WrongState


@dataclass(frozen=True)
class TransferMatters:
    """Hand matters over to the successor, under a handover letter (berita acara serah terima)."""

    successor: str
    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class Told:
    """The last that the old examiner told a party on a matter: the statement."""

    party: str
    statement: str


@dataclass(frozen=True)
class Transferred:
    """A matter passes to `successor` as it stands in `matter` (dialihkan).

    `last_told` has the old examiner's last statement to each party: what the successor says to it is to take effect after
    that. `reached` and `escalation_number` are those of the ladder, which goes on there.
    """

    successor: str
    letter_number: str
    letter_date: date | None
    rule: str
    reports_to: str
    matter: Matter
    last_told: tuple[Told, ...] = ()
    reached: tuple[str, ...] = ()
    escalation_number: str = ""


@dataclass(frozen=True)
class TookOver:
    """The successor has the matter (diambil alih)."""

    predecessor: str
    successor: str
    letter_number: str
    letter_date: date | None
    rule: str
    reports_to: str
    state: str


@dataclass(frozen=True)
class Forwarded:
    """Statement that `sender` had made to the old examiner after the matter passed on (diteruskan kepada penerus)."""

    statement: str
    sender: str
    said: events.HeardEvent


Event = events.Event | Transferred | TookOver | Forwarded
S = State

# A matter that can still go on, and is here.
OPEN = frozenset(S) - {
    S.NEW,
    S.NOT_PROVEN,
    S.WITHDRAWN,
    S.COMPLETED,
    S.CANNOT_BE_FOLLOWED_UP,
    S.TRANSFERRED,
    S.HANDED_OVER,
}
# Those of them that a rule passes on.
PASSABLE = OPEN & succession.rules().keys()


def check(command: TransferMatters, party: str, today: date) -> None:
    """Refuse a hand-over by `party` that this letter does not permit. `today` is the legal date at the desk.

    Raises:
        NotAllowed: the role does not pass to that institution, or not yet.
        Malformed: the letter's number or date cannot be right.
    """
    passing = succession.succession(EXAMINER, party, command.successor, today)
    identifiers.decree_number(command.letter_number, field="letter_number")
    if not passing.since <= command.letter_date <= today:
        raise Malformed("before the role passed, or in the future", field="letter_date")


def check_passing(sender: str, event: Transferred, today: date) -> None:
    """Refuse a hand-over that the sender may not make to this party. `today` is the legal date at the desk.

    Raises:
        NotAllowed: the role does not pass from it to this one, or not yet.
    """
    succession.succession(EXAMINER, sender, event.successor, today)


def transfer(matter: Matter, command: TransferMatters, last_told: Mapping[str, str]) -> Transferred:
    """Hand a matter over by the rule for its state.

    Raises:
        WrongState: it has ended or passed already, or there is no rule for its state.
    """
    if matter.state not in OPEN:
        raise WrongState("not possible now; the matter stands at: {state}", state=matter.state)
    rule = succession.rules().get(matter.state)
    if rule is None:
        raise WrongState(
            "there is no rule for passing on what is {state}", state=matter.state, reason="NO_RULE"
        )
    if rule.continues != command.successor:
        raise WrongState(
            "{institution} goes on with what is {state}",
            institution=rule.continues,
            state=matter.state,
            reason="OTHER_SUCCESSOR",
        )
    return Transferred(
        successor=command.successor,
        letter_number=command.letter_number,
        letter_date=command.letter_date,
        rule=rule.code,
        reports_to=rule.reports_to,
        matter=matter,
        last_told=tuple(Told(party, statement) for party, statement in sorted(last_told.items())),
    )


def took_over(matter: Matter) -> TookOver:
    """Build the successor's statement on a matter that came to it."""
    return TookOver(
        predecessor=matter.predecessor,
        successor=matter.party,
        letter_number=matter.handover_number,
        letter_date=matter.handover_date,
        rule=matter.succession_rule,
        reports_to=matter.reports_to,
        state=matter.passed_in,
    )


def hear(matter: Matter, event: Event, sender: str, statement: str) -> Matter:
    """The matter after what another says: supervisor, addressee, the old examiner or the next. `statement` is its id.

    Raises:
        NotAllowed: the sender is not the one who may say it.
        WrongState: it does not fit the state.
        Malformed: it says too little.
    """
    match event:
        case Transferred():
            return _come_over(matter, event, sender)
        case TookOver():
            return _handed_over(matter, event, sender)
        case Forwarded():
            return _caught_up(matter, event, sender)
    if matter.successor:
        # It is kept and forwarded; here it changes nothing. Who may act as an overseer is decided by its role.
        concerned = (matter.supervisor, matter.addressee, matter.clarification_addressee)
        if sender not in concerned and not isinstance(event, OverseerEvent):
            raise NotAllowed("the sender has no part in this matter", reason="NOT_OF_THE_MATTER")
        return matter
    if isinstance(event, events.AddresseeEvent | events.OffenceEvent | OverseerEvent) and matter.predecessor:
        return late_arrivals.hear(matter, event, sender, statement)
    return changes.hear(matter, event, sender)  # type: ignore[arg-type]  # what is left is of another desk


def apply(matter: Matter, event: Event) -> Matter:
    """The matter after an event of this desk's own."""
    if isinstance(event, Transferred):
        return replace(
            matter,
            state=S.TRANSFERRED,
            successor=event.successor,
            passed_in=str(matter.state),
            succession_rule=event.rule,
            handover_number=event.letter_number,
            handover_date=event.letter_date,
            reports_to=event.reports_to,
        )
    if isinstance(event, TookOver | Forwarded):
        raise TypeError("this is heard, not done here")
    return changes.apply(matter, event)


def _come_over(matter: Matter, event: Transferred, sender: str) -> Matter:
    """The matter at the successor, as it stood; one that came by a new referral in between stays as it is."""
    if event.successor != matter.party:
        raise NotAllowed("it passes to another examiner", reason="NOT_THE_SUCCESSOR")
    if matter.predecessor or matter.successor or (matter.state != S.NEW and event.matter.state != S.RETURNED):
        raise WrongState("the matter is here already", reason="HERE_ALREADY")
    there = event.matter
    if there.state not in OPEN:
        raise WrongState("it cannot pass on while it is {state}", state=there.state)
    came = matter
    if matter.state == S.NEW:
        came = replace(
            there,
            party=matter.party,
            id=matter.id,
            case_id=matter.case_id,
            created=matter.created,
            heard="",
            office="",  # one of the old examiner's
        )
    return replace(
        came,
        predecessor=sender,
        successor="",
        passed_in=str(there.state),
        succession_rule=event.rule,
        handover_number=event.letter_number,
        handover_date=event.letter_date,
        reports_to=event.reports_to,
    )


def _handed_over(matter: Matter, event: TookOver, sender: str) -> Matter:
    if not matter.successor or sender != matter.successor or event.predecessor != matter.party:
        raise NotAllowed("the matter did not pass to the sender", reason="NOT_THE_SUCCESSOR")
    if matter.state != S.TRANSFERRED:
        raise WrongState("not possible now; the matter stands at: {state}", state=matter.state)
    return replace(matter, state=S.HANDED_OVER)


def _caught_up(matter: Matter, event: Forwarded, sender: str) -> Matter:
    """After what came by the old examiner. It may be behind what its sender has said to us since."""
    if not matter.predecessor or sender != matter.predecessor:
        raise NotAllowed("the matter did not come from the sender", reason="NOT_THE_PREDECESSOR")
    said = event.said
    if isinstance(said, events.Referred):
        said = replace(said, examiner=matter.party)
    return late_arrivals.catch_up(matter, said, event.sender, event.statement)
