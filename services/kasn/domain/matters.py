"""A matter at the examiner's desk: which command is possible when, and what it makes of the matter.

Commands, and what supervisor and addressee say, go through one table of states (UU 5/2014 art. 30-33; SKB 2022; the four
follow-up statuses as in BPK's SIPTL). Each command gives back the event that happened or raises a refusal.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement import identifiers, institutions, violations
from exchange.refusals import Malformed, NotAllowed, WrongState


class State(StrEnum):
    """Where a matter stands at this desk."""

    NEW = "NEW"
    REFERRED = "REFERRED"  # diterima dari pengawas
    EXAMINING = "EXAMINING"  # diperiksa
    RETURNED = "RETURNED"  # dikembalikan
    NOT_PROVEN = "NOT_PROVEN"  # tidak terbukti; end
    RECOMMENDED = "RECOMMENDED"  # direkomendasikan
    OPENED = "OPENED"  # dibuka oleh PPK
    ACKNOWLEDGED = "ACKNOWLEDGED"  # diterima PPK
    REJECTED = "REJECTED"  # salah alamat
    OBJECTED = "OBJECTED"  # disanggah
    DECIDED = "DECIDED"  # disanksi
    FOLLOWED_UP = "FOLLOWED_UP"  # dilaporkan
    WITHDRAWN = "WITHDRAWN"  # dicabut; end
    COMPLETED = "COMPLETED"  # selesai: sesuai; end
    CANNOT_BE_FOLLOWED_UP = "CANNOT_BE_FOLLOWED_UP"  # tidak dapat ditindaklanjuti; end
    TRANSFERRED = "TRANSFERRED"  # dialihkan: passed to the next examiner, which has not said that it has it
    HANDED_OVER = "HANDED_OVER"  # diserahterimakan: the next examiner has it; end here


@dataclass(frozen=True)
class Matter:
    """One person in one case (perkara), without personal data. Instants are UTC, digests lower-case hex."""

    party: str
    id: str
    case_id: str
    state: State
    created: datetime
    updated: datetime
    heard: str = ""  # the last statement that took effect here
    supervisor: str = ""
    report_number: str = ""
    referral_number: str = ""
    referral_date: date | None = None
    region: str = ""
    event_date: date | None = None
    employer: str = ""
    employment: str = ""
    study_number: str = ""
    study_digest: str = ""
    evidence_digests: tuple[str, ...] = ()
    suspected_acts: tuple[str, ...] = ()
    register_number: str = ""
    decision_number: str = ""
    decision_date: date | None = None
    return_reason: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    addressee: str = ""
    former_addressees: tuple[str, ...] = ()
    act: str = ""
    family: str = ""
    sanction_class: str = ""
    due_date: date | None = None
    rejection_reason: str = ""
    objection_number: str = ""
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""
    follow_up_number: str = ""
    follow_up_date: date | None = None
    verification: str = ""
    impossibility: str = ""
    successor: str = ""
    predecessor: str = ""
    passed_in: str = ""
    succession_rule: str = ""
    handover_number: str = ""
    handover_date: date | None = None
    reports_to: str = ""


# --- commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AcceptReferral:
    """Accept a referral and examine it."""

    register_number: str


@dataclass(frozen=True)
class ReturnReferral:
    """Return a referral (dikembalikan)."""

    reason: str


@dataclass(frozen=True)
class DecideNotProven:
    """Decide that nothing is proven (tidak terbukti)."""

    decision_number: str
    decision_date: date


@dataclass(frozen=True)
class Recommend:
    """Recommend a sanction (rekomendasi), or re-address a rejected recommendation."""

    letter_number: str
    letter_date: date
    addressee: str
    act: str
    family: str
    sanction_class: str
    due_date: date


@dataclass(frozen=True)
class AnswerObjection:
    """Answer an objection: MAINTAIN or WITHDRAW."""

    letter_number: str
    letter_date: date
    answer: str


@dataclass(frozen=True)
class VerifyFollowUp:
    """Verify the follow-up with one of the four statuses."""

    status: str
    reason: str
    verified_date: date


# --- events: what happened here ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Accepted:
    """The referral is examined."""

    register_number: str


@dataclass(frozen=True)
class Returned:
    """The referral went back."""

    reason: str


@dataclass(frozen=True)
class NotProven:
    """Nothing was proven."""

    decision_number: str
    decision_date: date


@dataclass(frozen=True)
class Recommended:
    """A recommendation was issued; re-addressed if `readdressed_from` is set."""

    letter_number: str
    letter_date: date
    addressee: str
    act: str
    family: str
    sanction_class: str
    due_date: date
    readdressed_from: str
    report_number: str
    region: str


@dataclass(frozen=True)
class Withdrawn:
    """A recommendation no longer stands."""

    letter_number: str
    addressee: str
    reason: str


@dataclass(frozen=True)
class ObjectionAnswered:
    """The recommendation is maintained."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class Verified:
    """The follow-up was verified."""

    status: str
    reason: str
    verified_date: date


# --- events: what the supervisor and the addressee say -------------------------------------------------------------


@dataclass(frozen=True)
class Referred:
    """The supervisor referred the matter (penerusan)."""

    letter_number: str
    letter_date: date | None
    report_number: str
    region: str
    event_date: date | None
    employer: str
    employment: str
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]
    suspected_acts: tuple[str, ...]
    examiner: str


@dataclass(frozen=True)
class Opened:
    """An officer of the addressee has seen it."""


@dataclass(frozen=True)
class Acknowledged:
    """The addressee confirmed receipt."""


@dataclass(frozen=True)
class Rejected:
    """The addressee says it is not for it."""

    reason: str


@dataclass(frozen=True)
class Objected:
    """The addressee objected."""

    letter_number: str


@dataclass(frozen=True)
class Decided:
    """The addressee imposed a sanction."""

    decree_number: str
    decree_date: date | None
    sanction: str


@dataclass(frozen=True)
class FollowedUp:
    """The addressee reported its follow-up."""

    kind: str
    letter_number: str
    letter_date: date | None


Command = AcceptReferral | ReturnReferral | DecideNotProven | Recommend | AnswerObjection | VerifyFollowUp
OwnEvent = Accepted | Returned | NotProven | Recommended | Withdrawn | ObjectionAnswered | Verified
AddresseeEvent = Opened | Acknowledged | Rejected | Objected | Decided | FollowedUp
HeardEvent = Referred | AddresseeEvent
Event = OwnEvent | HeardEvent

S = State
_WITH_ADDRESSEE = frozenset({S.RECOMMENDED, S.OPENED, S.ACKNOWLEDGED, S.OBJECTED, S.DECIDED})

POSSIBLE: dict[type[Command | HeardEvent], frozenset[State]] = {
    AcceptReferral: frozenset({S.REFERRED}),
    ReturnReferral: frozenset({S.REFERRED}),
    DecideNotProven: frozenset({S.EXAMINING}),
    Recommend: frozenset({S.EXAMINING, S.REJECTED}),
    AnswerObjection: frozenset({S.OBJECTED}),
    VerifyFollowUp: _WITH_ADDRESSEE | {S.FOLLOWED_UP},
    Referred: frozenset({S.NEW, S.RETURNED}),
    Opened: frozenset({S.RECOMMENDED}),
    Acknowledged: frozenset({S.OPENED}),
    Rejected: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    Objected: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    Decided: frozenset({S.ACKNOWLEDGED}),
    FollowedUp: frozenset({S.ACKNOWLEDGED, S.DECIDED}),
}
# Whether there is a follow-up to verify, or its absence.
_VERIFIABLE: dict[str, frozenset[State]] = {
    "CONFORMS": frozenset({S.FOLLOWED_UP}),
    "NOT_YET_CONFORMS": frozenset({S.FOLLOWED_UP}),
    "CANNOT_BE_FOLLOWED_UP": frozenset({S.FOLLOWED_UP}),
    "NOT_YET_FOLLOWED_UP": _WITH_ADDRESSEE,
}


def require(matter: Matter, what: Command | HeardEvent) -> None:
    """Refuse what is not possible in the matter's state.

    Raises:
        WrongState: naming the state and what was tried, and the successor if it has the matter.
    """
    if matter.successor:
        raise WrongState(f"the matter has passed to {matter.successor}", reason="PASSED_TO_SUCCESSOR")
    if matter.state not in POSSIBLE[type(what)]:
        raise WrongState(f"{type(what).__name__} is not possible while the matter is {matter.state}")


def blank(party: str, id: str, case_id: str, now: datetime) -> Matter:
    """A matter before anything happened to it."""
    return Matter(party, id, case_id, State.NEW, now, now)


def accept(matter: Matter, command: AcceptReferral) -> Accepted:
    """Accept a referral.

    Raises:
        Malformed: the register number cannot be one.
    """
    require(matter, command)
    return Accepted(identifiers.decree_number(command.register_number, field="register_number"))


def return_referral(matter: Matter, command: ReturnReferral) -> Returned:
    """Return a referral with the reason."""
    require(matter, command)
    return Returned(command.reason)


def decide_not_proven(matter: Matter, command: DecideNotProven, today: date) -> NotProven:
    """Decide that nothing is proven. `today` is the legal date at the desk.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.decision_number, field="decision_number")
    _not_future(command.decision_date, today, "decision_date")
    return NotProven(number, command.decision_date)


def recommend(matter: Matter, command: Recommend, today: date) -> Recommended:
    """Recommend a sanction to the right personnel authority; a rejected one is addressed anew.

    Act, family and class are the examiner's choice; the class is never derived from the act.

    Raises:
        Malformed: number, addressee, act, family, class or dates cannot be right.
    """
    require(matter, command)
    _letter_number(matter.party, command.letter_number)
    _not_future(command.letter_date, today, "letter_date")
    if command.addressee not in institutions.personnel_authorities():
        raise Malformed("not a personnel authority", field="addressee")
    if command.addressee in (matter.addressee, *matter.former_addressees):
        raise Malformed("it was addressed there before", field="addressee")
    violations.check_choice(command.act, command.family, command.sanction_class)
    if command.due_date <= command.letter_date:
        raise Malformed("not after the letter", field="due_date")
    return Recommended(
        letter_number=command.letter_number,
        letter_date=command.letter_date,
        addressee=command.addressee,
        act=command.act,
        family=command.family,
        sanction_class=command.sanction_class,
        due_date=command.due_date,
        readdressed_from=matter.addressee,
        report_number=matter.report_number,
        region=matter.region,
    )


def answer_objection(matter: Matter, command: AnswerObjection, today: date) -> ObjectionAnswered | Withdrawn:
    """Maintain the recommendation against an objection, or withdraw it.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    _not_future(command.letter_date, today, "letter_date")
    if command.answer == "WITHDRAW":
        return Withdrawn(matter.letter_number, matter.addressee, "OBJECTION_UPHELD")
    return ObjectionAnswered(number, command.letter_date)


def verify(matter: Matter, command: VerifyFollowUp, today: date) -> Verified:
    """Verify the follow-up, or that there is none after the due date.

    Raises:
        Malformed: a reason without CANNOT_BE_FOLLOWED_UP or the reverse; a date in the future.
        WrongState: the status does not fit what was reported, or nothing is due yet.
    """
    require(matter, command)
    if (command.status == "CANNOT_BE_FOLLOWED_UP") != bool(command.reason):
        raise Malformed("a reason is given if, and only if, it cannot be followed up", field="reason")
    _not_future(command.verified_date, today, "verified_date")
    if matter.state not in _VERIFIABLE[command.status]:
        raise WrongState(
            f"{command.status} is not possible while the matter is {matter.state}", field="status"
        )
    if command.status == "NOT_YET_FOLLOWED_UP" and matter.due_date is not None and today <= matter.due_date:
        raise WrongState("the follow-up is not due yet", field="status", reason="NOT_DUE_YET")
    return Verified(command.status, command.reason, command.verified_date)


def hear(matter: Matter, event: HeardEvent, sender: str) -> Matter:
    """The matter after what supervisor or addressee says.

    Raises:
        NotAllowed: the sender is not the one who may say it.
        WrongState: it does not fit the state, or reports a sanction that was not decided.
        Malformed: a report that does not say of what.
    """
    if isinstance(event, Referred):
        if event.examiner != matter.party:
            raise NotAllowed("referred to another examiner", reason="NOT_THE_EXAMINER")
        if matter.supervisor not in ("", sender):
            raise NotAllowed("another supervisor referred it", reason="NOT_THE_SUPERVISOR")
        require(matter, event)
        return apply(replace(matter, supervisor=sender), event)
    if sender != matter.addressee:
        raise NotAllowed("the recommendation is not addressed to the sender", reason="NOT_THE_ADDRESSEE")
    require(matter, event)
    if isinstance(event, FollowedUp):
        if not event.kind:
            raise Malformed("neither SANCTION_IMPOSED nor CANNOT_BE_FOLLOWED_UP", field="kind")
        if event.kind == "SANCTION_IMPOSED" and not matter.decree_number:
            raise WrongState("a sanction is reported before it was decided")
    return apply(matter, event)


def apply(matter: Matter, event: Event) -> Matter:
    """The matter after an event."""
    match event:
        case Referred():
            return replace(
                matter,
                state=S.REFERRED,
                report_number=event.report_number,
                referral_number=event.letter_number,
                referral_date=event.letter_date,
                region=event.region,
                event_date=event.event_date,
                employer=event.employer,
                employment=event.employment,
                study_number=event.study_number,
                study_digest=event.study_digest,
                evidence_digests=event.evidence_digests,
                suspected_acts=event.suspected_acts,
                return_reason="",
            )
        case Accepted():
            return replace(matter, state=S.EXAMINING, register_number=event.register_number)
        case Returned():
            return replace(matter, state=S.RETURNED, return_reason=event.reason)
        case NotProven():
            return replace(
                matter,
                state=S.NOT_PROVEN,
                decision_number=event.decision_number,
                decision_date=event.decision_date,
            )
        case Recommended():
            return _recommended(matter, event)
        case Opened():
            return replace(matter, state=S.OPENED)
        case Acknowledged() | ObjectionAnswered():
            return replace(matter, state=S.ACKNOWLEDGED)
        case Rejected():
            return replace(matter, state=S.REJECTED, rejection_reason=event.reason)
        case Objected():
            return replace(matter, state=S.OBJECTED, objection_number=event.letter_number)
        case Decided():
            return replace(
                matter,
                state=S.DECIDED,
                decree_number=event.decree_number,
                decree_date=event.decree_date,
                sanction=event.sanction,
            )
        case FollowedUp():
            return replace(
                matter,
                state=S.FOLLOWED_UP,
                follow_up_number=event.letter_number,
                follow_up_date=event.letter_date,
                verification="",  # the last one was of what stood before this report
            )
        case Withdrawn():
            return replace(matter, state=S.WITHDRAWN)
        case Verified():
            return _verified(matter, event)


def _recommended(matter: Matter, event: Recommended) -> Matter:
    former = (*matter.former_addressees, event.readdressed_from) if event.readdressed_from else ()
    return replace(
        matter,
        state=S.RECOMMENDED,
        letter_number=event.letter_number,
        letter_date=event.letter_date,
        addressee=event.addressee,
        former_addressees=former,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=event.due_date,
        # What the former addressee said and did is not the new one's.
        rejection_reason="",
        objection_number="",
        decree_number="",
        decree_date=None,
        sanction="",
        follow_up_number="",
        follow_up_date=None,
        verification="",
    )


def _verified(matter: Matter, event: Verified) -> Matter:
    after = {
        "CONFORMS": S.COMPLETED,
        "CANNOT_BE_FOLLOWED_UP": S.CANNOT_BE_FOLLOWED_UP,
        "NOT_YET_CONFORMS": S.ACKNOWLEDGED,  # to be reported or decided again; a decree still stands
        "NOT_YET_FOLLOWED_UP": matter.state,
    }
    return replace(matter, state=after[event.status], verification=event.status, impossibility=event.reason)


def _letter_number(party: str, number: str) -> None:
    """KASN's numbers have a known form; those of other examiners only have to be printable."""
    if party == "kasn":
        identifiers.kasn_letter(number, field="letter_number")
    else:
        identifiers.decree_number(number, field="letter_number")


def _not_future(day: date, today: date, field: str) -> None:
    if day > today:
        raise Malformed("in the future", field=field)
