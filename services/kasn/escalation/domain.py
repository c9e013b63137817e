"""The ladder of a recommendation that is not followed up, and claims of silence, at the examiner's desk.

Which steps there are, when and by whom, is data (`agreement.clocks.escalation`). Days are legal dates in the addressee's zone. A new
recommendation (after a wrong address) begins at the bottom.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from agreement.clocks import escalation as agreed
from agreement.clocks.escalation import CLOCK, Next, Step
from agreement.enforcement import deciding
from agreement.entities import replace
from agreement.lengths import Code, Digest, Id, Number, Party
from agreement.parties import identifiers, institutions
from kasn.matters.domain import due_dates
from kasn.matters.domain.due_dates import DueDateMoved
from kasn.matters.domain.matter import Matter, State
from refusals import Malformed, NotAllowed, WrongState

OPEN = frozenset({State.RECOMMENDED, State.OPENED, State.ACKNOWLEDGED, State.OBJECTED, State.DECIDED})
"""With the addressee, and nothing reported yet: on the ladder."""


class Standing(Protocol):
    """Fields of a matter, or its row, that the escalation looks at."""

    @property
    def state(self) -> str: ...
    @property
    def addressee(self) -> str: ...
    @property
    def letter_date(self) -> date | None: ...
    @property
    def due_date(self) -> date | None: ...
    @property
    def warning_date(self) -> date | None: ...
    @property
    def data_blocked(self) -> bool: ...
    @property
    def block_date(self) -> date | None: ...
    @property
    def annulment_date(self) -> date | None: ...


@dataclass(frozen=True)
class Ladder:
    """Steps that a recommendation reached, and claims of silence. `reached`: `STEP YYYY-MM-DD`, in order."""

    party: Party
    id: Id
    letter_number: Number = ""
    reached: tuple[str, ...] = ()
    escalation_number: Number = ""
    silence: Code = ""
    silence_day: date | None = None
    claim: Id = ""
    refuted_by: Digest = ""

    @property
    def days(self) -> Mapping[str, date]:
        """The legal date of each step that was reached."""
        return {
            step: date.fromisoformat(day) for step, _, day in (each.partition(" ") for each in self.reached)
        }


@dataclass(frozen=True)
class Held:
    """Evidence that this desk holds of the recommendation that it sent; instants are UTC, the receipt's SHA-256 hex."""

    statement_id: str
    sent_time: datetime
    custody_time: datetime | None
    receipt_digest: str


@dataclass(frozen=True)
class Escalate:
    """Put the matter before the addressee's superior (atasan): governor, Mendagri, or the President for a central authority.

    `inaction` says who should have acted and is to be punished.
    """

    letter_number: str
    letter_date: date
    inaction: str = ""


@dataclass(frozen=True)
class Reprimand:
    """Reprimand the addressee (teguran), a step of BKN's ladder."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class ClaimSilence:
    """Claim that the addressee is silent."""


@dataclass(frozen=True)
class StepReached:
    """A step was reached by the passing of time."""

    step: str
    letter_number: str
    due_date: date
    day: date


@dataclass(frozen=True)
class Reminded:
    """The addressee was reminded (diingatkan)."""

    letter_number: str
    due_date: date
    due_rule: str
    day: date
    silence: str
    receipt_digest: str


@dataclass(frozen=True)
class Reprimanded:
    """The addressee was reprimanded (ditegur)."""

    letter_number: str
    letter_date: date
    recommendation: str
    due_date: date
    silence: str
    receipt_digest: str


@dataclass(frozen=True)
class Escalated:
    """The matter was put before the superior."""

    letter_number: str
    letter_date: date
    superior: str
    authority: str
    recommendation: str
    due_date: date
    silence: str
    receipt_digest: str
    inaction: str = ""


@dataclass(frozen=True)
class SilenceClaimed:
    """The addressee is silent, and this is what the examiner holds (diam)."""

    silence: str
    letter_number: str
    statement_id: str
    sent_time: datetime
    custody_time: datetime | None
    receipt_digest: str
    due_date: date | None
    due_rule: str
    day: date


@dataclass(frozen=True)
class SilenceRefuted:
    """The addressee refutes a claim with a receipt that it holds."""

    claim: str
    receipt_digest: str
    statement_id: str


Event = StepReached | Reminded | Reprimanded | Escalated | SilenceClaimed | SilenceRefuted


def of(matter: Matter, known: Ladder | None) -> Ladder:
    """The ladder of the matter's present recommendation; at the bottom if what is known is of another."""
    if known is not None and known.letter_number == matter.letter_number:
        return known
    return Ladder(matter.party, matter.id, matter.letter_number)


def days(matter: Standing, ladder: Ladder) -> Mapping[str, date]:
    """The legal date of each step that was reached: this desk's own, and what overseers did once it was overdue.

    What they did before its due date (BKN may block as soon as it has its copy) is a flag of the matter, and no step.
    A matter whose decree was annulled begins at the bottom: what was reached before was of the decree that is gone.
    """
    theirs = {"WARNED": matter.warning_date, "BLOCKED": matter.block_date if matter.data_blocked else None}
    due = matter.due_date or date.max
    late = {step: day for step, day in theirs.items() if day is not None and day > due}
    begins = matter.annulment_date or date.min
    return {step: day for step, day in {**ladder.days, **late}.items() if day >= begins}


def next_step(matter: Standing, ladder: Ladder, today: date) -> Next | None:
    """Next step for a matter, from which day on, and who must act; None if it is not late, or at its top."""
    if matter.state not in OPEN or matter.due_date is None:
        return None
    steps, region = _steps(matter, matter.due_date), institutions.region_of(matter.addressee)
    return agreed.next_step(steps, matter.due_date, days(matter, ladder), today, region)


def move_due_date(matter: Matter, today: date) -> DueDateMoved:
    """Move a running due date by an amended decree on days off. `today` is the legal date in the addressee's zone.

    Raises:
        WrongState: nothing runs, or it stays.
    """
    event = due_dates.moved(matter, today) if matter.state in OPEN else None
    if event is None:
        raise WrongState("no decree moves a running due date")
    return event


def step(matter: Matter, ladder: Ladder, held: Held, today: date) -> StepReached | Reminded:
    """Take the clock's step of today.

    Raises:
        WrongState: nothing is for the clock to do.
    """
    following = next_step(matter, ladder, today)
    if following is None or following.by != CLOCK or following.day > today or matter.due_date is None:
        raise WrongState("nothing is for the clock to do")
    if following.step == "REMINDED":
        silence = silence_of(matter, held)
        return Reminded(
            matter.letter_number, matter.due_date, matter.due_rule, today, silence, held.receipt_digest
        )
    return StepReached(following.step, matter.letter_number, matter.due_date, today)


def reprimand(matter: Matter, ladder: Ladder, command: Reprimand, held: Held, today: date) -> Reprimanded:
    """Reprimand the addressee of an overdue recommendation (BKN in the press: peringatan, teguran, pemblokiran).

    Raises:
        WrongState: not on the ladder, not yet possible, reprimanded before, or its ladder has no such step.
        Malformed: number or date cannot be right.
    """
    last_day = _on_ladder(matter)
    if "REPRIMANDED" not in _steps(matter, last_day):
        raise WrongState("the ladder of a letter of that day has no reprimand")
    number = _letter(command, today)
    if "REPRIMANDED" in days(matter, ladder):
        raise WrongState("it was reprimanded before")
    _require_due("REPRIMANDED", matter, ladder, last_day, today)
    return Reprimanded(
        letter_number=number,
        letter_date=command.letter_date,
        recommendation=matter.letter_number,
        due_date=last_day,
        silence=silence_of(matter, held),
        receipt_digest=held.receipt_digest,
    )


def escalate(matter: Matter, ladder: Ladder, command: Escalate, held: Held, today: date) -> Escalated:
    """Put an overdue recommendation before the superior (UU 5/2014 art. 33; PP 12/2017; `institutions.superior_of`).

    Raises:
        WrongState: not on the ladder, not yet possible (`agreement.clocks.escalation`), escalated before, or nobody is above it.
        Malformed: number, date or inaction cannot be right.
    """
    last_day = _on_ladder(matter)
    number = _letter(command, today)
    if "ESCALATED" in days(matter, ladder):
        raise WrongState("it was escalated before")
    _require_due("ESCALATED", matter, ladder, last_day, today)
    superior = institutions.superior_of(matter.addressee)
    if superior is None:
        raise WrongState("nobody is above the addressee", reason="NO_SUPERIOR")
    return Escalated(
        letter_number=number,
        letter_date=command.letter_date,
        superior=superior,
        authority=matter.addressee,
        recommendation=matter.letter_number,
        due_date=last_day,
        silence=silence_of(matter, held),
        receipt_digest=held.receipt_digest,
        inaction=_inaction(matter, command),
    )


def _inaction(matter: Matter, command: Escalate) -> str:
    """Code of who should have acted, by the clause of the letter's day; it goes with what is known of the decree."""
    if not command.inaction:
        return ""
    found = deciding.inaction(command.inaction, command.letter_date)
    if found.decree == "YES" and not matter.decree_number:
        raise Malformed("there is no decree that could be unfitting", field="inaction")
    if found.decree == "NO" and matter.decree_number:
        raise Malformed("there is a decree", field="inaction")
    return found.code


def claim_silence(matter: Matter, held: Held, today: date) -> SilenceClaimed:
    """Say what this desk holds of an addressee that is silent.

    Raises:
        WrongState: the matter is not with the addressee, or it has acted and nothing is overdue.
    """
    last_day = _on_ladder(matter)
    silence = silence_of(matter, held)
    if silence == "NOT_ACTED_ON" and today <= last_day:
        raise WrongState("it was opened, and the follow-up is not overdue", reason="NOT_DUE_YET")
    return SilenceClaimed(
        silence=silence,
        letter_number=matter.letter_number,
        statement_id=held.statement_id,
        sent_time=held.sent_time,
        custody_time=held.custody_time,
        receipt_digest=held.receipt_digest,
        due_date=last_day,
        due_rule=matter.due_rule,
        day=today,
    )


def silence_of(matter: Matter, held: Held) -> str:
    """Kind of silence by what the desk holds: no custody receipt; in custody, not opened; opened, not acted on."""
    if held.custody_time is None:
        return "NO_CUSTODY_RECEIPT"
    return "NOT_OPENED" if matter.state == State.RECOMMENDED else "NOT_ACTED_ON"


def hear(matter: Matter, ladder: Ladder, event: SilenceRefuted, sender: str) -> Ladder:
    """The ladder after a refutation; claim and refutation both stand.

    Raises:
        NotAllowed: the sender is not the addressee.
        Malformed: it refutes another claim than the last, or cites no receipt.
    """
    if sender != matter.addressee:
        raise NotAllowed("the claim is not addressed to the sender", reason="NOT_THE_ADDRESSEE")
    if not ladder.claim or event.claim != ladder.claim:
        raise Malformed("not the last claim of silence", field="claim", reason="OTHER_CLAIM")
    if len(event.receipt_digest) != 64:
        raise Malformed("no receipt is cited", field="receipt_digest")
    return apply(ladder, event)


def apply(ladder: Ladder, event: Event, claim: str = "") -> Ladder:
    """The ladder after an event; `claim` is the statement that a claim of silence went out with."""
    match event:
        case StepReached():
            return _reached(ladder, event.step, event.day)
        case Reminded():
            return _reached(ladder, "REMINDED", event.day)
        case Reprimanded():
            return _reached(ladder, "REPRIMANDED", event.letter_date)
        case Escalated():
            return replace(
                _reached(ladder, "ESCALATED", event.letter_date), escalation_number=event.letter_number
            )
        case SilenceClaimed():
            return replace(ladder, silence=event.silence, silence_day=event.day, claim=claim, refuted_by="")
        case SilenceRefuted():
            return replace(ladder, refuted_by=event.receipt_digest)


def _reached(ladder: Ladder, name: str, day: date) -> Ladder:
    return replace(ladder, reached=(*ladder.reached, f"{name} {day.isoformat()}"))


def _steps(matter: Standing, due: date) -> Mapping[str, Step]:
    """The ladder of the matter's letter; one without a date, which an old log may have, is taken by its due date."""
    return agreed.ladder(matter.letter_date or due)


def _letter(command: Reprimand | Escalate, today: date) -> str:
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    if command.letter_date > today:
        raise Malformed("in the future", field="letter_date")
    return number


def _require_due(step: str, matter: Matter, ladder: Ladder, due: date, today: date) -> None:
    region = institutions.region_of(matter.addressee)
    if today < agreed.possible_from(_steps(matter, due), step, due, days(matter, ladder), region):
        raise WrongState("the follow-up is not overdue", reason="NOT_DUE_YET")


def _on_ladder(matter: Matter) -> date:
    if matter.state not in OPEN or matter.due_date is None:
        raise WrongState(
            "nothing is awaited from an addressee; the matter stands at: {state}", state=matter.state
        )
    return matter.due_date
