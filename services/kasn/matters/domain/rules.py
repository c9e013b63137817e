"""A matter at the examiner's desk: which command is possible when, and what it makes of the matter.

Commands, and what supervisor and addressee say, go through one table of states (UU 5/2014 art. 30-33; SKB 2022; the four
follow-up statuses as in BPK's SIPTL). Each command gives back the event that happened or raises a refusal.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement.clocks import objections
from agreement.enforcement import sanctions, violations
from agreement.parties import identifiers, institutions
from cooperation.oversight import overseers
from cooperation.oversight.overseers import OverseerEvent
from kasn.matters.domain import due_dates, steps
from kasn.matters.domain.due_dates import DueDateMoved
from kasn.matters.domain.steps import (
    ClarificationHeld,
    ClarificationRequested,
    Clarified,
    Completed,
    CompletionRequested,
    ConflictDeclared,
    Corrected,
    CorrectRecommendation,
    DeclareConflict,
    RecordClarification,
    RequestClarification,
    RequestCompletion,
    Withdrawn,
    WithdrawRecommendation,
)
from refusals import Malformed, NotAllowed, WrongState


class State(StrEnum):
    """State of a matter at this desk."""

    NEW = "NEW"
    REFERRED = "REFERRED"  # diterima dari pengawas
    INCOMPLETE = "INCOMPLETE"  # menunggu kelengkapan
    EXAMINING = "EXAMINING"  # diperiksa
    RETURNED = "RETURNED"  # dikembalikan
    NOT_PROVEN = "NOT_PROVEN"  # tidak terbukti; end
    RECOMMENDED = "RECOMMENDED"  # direkomendasikan
    OPENED = "OPENED"  # dibuka oleh PPK
    ACKNOWLEDGED = "ACKNOWLEDGED"  # diterima PPK
    REJECTED = "REJECTED"  # salah alamat
    CONFLICTED = "CONFLICTED"  # benturan kepentingan: to be addressed to the superior
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
    due_rule: str = ""
    rejection_reason: str = ""
    objection_number: str = ""
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""
    follow_up_number: str = ""
    follow_up_date: date | None = None
    verification: str = ""
    impossibility: str = ""
    missing: tuple[str, ...] = ()
    completion_number: str = ""
    clarification_number: str = ""
    clarification_date: date | None = None
    clarification_addressee: str = ""
    clarification_answer: str = ""
    held_date: date | None = None
    attendance: str = ""
    minutes_digest: str = ""
    conflicted: str = ""
    conflict_ground: str = ""
    reason_codes: tuple[str, ...] = ()
    correction_number: str = ""
    objection_date: date | None = None
    withdrawal_reason: str = ""
    data_blocked: bool = False
    block_number: str = ""
    block_date: date | None = None
    unblock_number: str = ""
    unblock_date: date | None = None
    warning_number: str = ""
    warning_date: date | None = None
    warning_due_date: date | None = None
    moved_to: str = ""
    last_step: str = ""  # of the addressee's discipline procedure
    last_step_date: date | None = None
    appeal: str = ""
    appeal_date: date | None = None
    follow_up_kind: str = ""
    open_measures: tuple[str, ...] = ()
    due_calendar: str = ""  # the version of the calendar on which the rule was counted
    pauses: tuple[str, ...] = ()  # `since/until`: days for which an objection stopped the clock
    successor: str = ""
    predecessor: str = ""
    passed_in: str = ""
    succession_rule: str = ""
    handover_number: str = ""
    handover_date: date | None = None
    reports_to: str = ""
    # After a succession: which field was last changed by which statement of others, as `field id`; see `overtaken`.
    said_last: tuple[str, ...] = ()


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
    due_date: date | None  # None: by a rule
    reason_codes: tuple[str, ...] = ()
    due_rule: str = ""  # of the agreement; empty: its default


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
    event_date: date | None
    employment: str
    due_rule: str = ""  # empty: the examiner set the date
    reason_codes: tuple[str, ...] = ()
    due_calendar: str = ""


@dataclass(frozen=True)
class ObjectionAnswered:
    """The recommendation is maintained, due on `due_date`; the days from `paused_since` to `paused_until` do not count."""

    letter_number: str
    letter_date: date
    due_date: date | None = None
    due_calendar: str = ""
    paused_since: date | None = None
    paused_until: date | None = None


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
    """The addressee says it is not for it; `moved_to` is the person's new authority."""

    reason: str
    moved_to: str = ""


@dataclass(frozen=True)
class Objected:
    """The addressee objected."""

    letter_number: str
    letter_date: date | None = None


@dataclass(frozen=True)
class Decided:
    """The addressee imposed a sanction."""

    decree_number: str
    decree_date: date | None
    sanction: str


@dataclass(frozen=True)
class FollowedUp:
    """The addressee reported its follow-up; PARTIAL names the classes of what is still open."""

    kind: str
    letter_number: str
    letter_date: date | None
    open_measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progressed:
    """The addressee did a step of its discipline procedure (PP 94/2021)."""

    kind: str
    step_date: date | None


@dataclass(frozen=True)
class Appealed:
    """An appeal against the addressee's decree (keberatan, banding): filed while `outcome` is empty, else decided."""

    outcome: str
    letter_date: date | None
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""


Command = (
    AcceptReferral
    | ReturnReferral
    | DecideNotProven
    | Recommend
    | AnswerObjection
    | VerifyFollowUp
    | steps.Command
)
OwnEvent = (
    Accepted
    | Returned
    | NotProven
    | Recommended
    | ObjectionAnswered
    | Verified
    | DueDateMoved
    | steps.OwnEvent
)
AddresseeEvent = Opened | Acknowledged | Rejected | Objected | Decided | FollowedUp | Progressed | Appealed
HeardEvent = Referred | Completed | Clarified | AddresseeEvent | OverseerEvent
Event = OwnEvent | HeardEvent

S = State
_UNDECIDED = frozenset({S.RECOMMENDED, S.OPENED, S.ACKNOWLEDGED, S.OBJECTED})
_WITH_ADDRESSEE = _UNDECIDED | {S.DECIDED}
# An answer that comes late is kept all the same.
_ASKED = frozenset(State) - {S.NEW, S.REFERRED, S.INCOMPLETE, S.RETURNED, S.TRANSFERRED, S.HANDED_OVER}
# Once there was a recommendation. An overseer acts on its copies, so it may be late.
_OVERSEEN = _ASKED - {S.EXAMINING, S.NOT_PROVEN}
# From the addressee's procedure on. An appeal may be decided after the follow-up was verified.
_IN_PROCEDURE = frozenset({S.ACKNOWLEDGED, S.DECIDED, S.FOLLOWED_UP, S.COMPLETED})

POSSIBLE: dict[type[Command | HeardEvent], frozenset[State]] = {
    AcceptReferral: frozenset({S.REFERRED}),
    ReturnReferral: frozenset({S.REFERRED, S.INCOMPLETE}),
    RequestCompletion: frozenset({S.REFERRED}),
    RequestClarification: frozenset({S.EXAMINING}),
    RecordClarification: frozenset({S.EXAMINING}),
    DecideNotProven: frozenset({S.EXAMINING}),
    DeclareConflict: _UNDECIDED | {S.EXAMINING},
    Recommend: frozenset({S.EXAMINING, S.REJECTED, S.CONFLICTED}),
    CorrectRecommendation: _UNDECIDED,
    WithdrawRecommendation: _WITH_ADDRESSEE | {S.REJECTED, S.FOLLOWED_UP},
    AnswerObjection: frozenset({S.OBJECTED}),
    VerifyFollowUp: _WITH_ADDRESSEE | {S.FOLLOWED_UP},
    Referred: frozenset({S.NEW, S.RETURNED}),
    Completed: frozenset({S.INCOMPLETE}),
    Clarified: _ASKED,
    Opened: frozenset({S.RECOMMENDED}),
    Acknowledged: frozenset({S.OPENED}),
    Rejected: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    Objected: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    Decided: frozenset({S.ACKNOWLEDGED}),
    FollowedUp: frozenset({S.ACKNOWLEDGED, S.DECIDED}),
    overseers.Blocked: _OVERSEEN,
    overseers.Unblocked: _OVERSEEN,
    overseers.Warned: _OVERSEEN,
    Progressed: _IN_PROCEDURE,
    Appealed: _IN_PROCEDURE,
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
        raise WrongState(
            "the matter has passed to {successor}", successor=matter.successor, reason="PASSED_TO_SUCCESSOR"
        )
    if matter.state not in POSSIBLE[type(what)]:
        raise WrongState(
            "{act} is not possible while the matter is {state}", act=type(what).__name__, state=matter.state
        )


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
    not_future(command.decision_date, today, "decision_date")
    return NotProven(number, command.decision_date)


def recommend(matter: Matter, command: Recommend, today: date, *, repeated: bool = False) -> Recommended:
    """Recommend a sanction to the right personnel authority; a rejected one is addressed anew.

    Act, family and class are the examiner's choice; the class is never derived from the act. The day of the event gives
    the catalogue and, with the employment, the sanctions that there are. Without a due date a rule of the agreement gives it,
    on the calendar that is known today. `repeated`: the person was recommended on before, so that repetition may be named
    as a reason.

    Raises:
        Malformed: number, addressee, act, family, class, dates or reasons cannot be right; an authority that cannot decide
            (CONFLICT_OF_INTEREST), or another than its superior.
    """
    require(matter, command)
    letter_number(matter.party, command.letter_number)
    not_future(command.letter_date, today, "letter_date")
    _check_addressee(matter, command.addressee)
    check_choice(matter, command.act, command.family, command.sanction_class, command.letter_date)
    set_or_counted = due_dates.chosen(
        command.letter_date, command.addressee, command.due_date, command.due_rule, today
    )
    return Recommended(
        letter_number=command.letter_number,
        letter_date=command.letter_date,
        addressee=command.addressee,
        act=command.act,
        family=command.family,
        sanction_class=command.sanction_class,
        due_date=set_or_counted.day,
        readdressed_from=matter.addressee,
        report_number=matter.report_number,
        region=matter.region,
        event_date=matter.event_date,
        employment=matter.employment,
        due_rule=set_or_counted.rule,
        reason_codes=_reason_codes(matter, command, repeated),
        due_calendar=set_or_counted.calendar,
    )


def _check_addressee(matter: Matter, addressee: str) -> None:
    if addressee not in institutions.personnel_authorities():
        raise Malformed("not a personnel authority", field="addressee")
    if matter.conflicted:
        if addressee == matter.conflicted:
            raise Malformed(
                "this authority cannot decide in the matter", field="addressee", reason="CONFLICT_OF_INTEREST"
            )
        if addressee != institutions.superior_of(matter.conflicted):
            raise Malformed(
                "it goes to the superior of the authority that cannot decide",
                field="addressee",
                reason="NOT_THE_SUPERIOR",
            )
    if addressee in (matter.addressee, *matter.former_addressees):
        raise Malformed("it was addressed there before", field="addressee")


def _reason_codes(matter: Matter, command: Recommend, repeated: bool) -> tuple[str, ...]:
    if "CONFLICT_OF_INTEREST" in command.reason_codes:
        raise Malformed("a conflict is declared of its own", field="reason_codes")
    if "REPETITION" in command.reason_codes and not repeated:
        raise Malformed(
            "no earlier recommendation for this person is known here",
            field="reason_codes",
            reason="NOTHING_EARLIER",
        )
    return command.reason_codes + (("CONFLICT_OF_INTEREST",) if matter.conflicted else ())


def answer_objection(matter: Matter, command: AnswerObjection, today: date) -> ObjectionAnswered | Withdrawn:
    """Maintain the recommendation against an objection, or withdraw it.

    Whether the objection stopped the clock is the agreement's (`agreement.clocks.objections`): then the days between the two letters
    do not count.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    not_future(command.letter_date, today, "letter_date")
    if command.answer == "WITHDRAW":
        return Withdrawn(
            matter.letter_number, matter.addressee, "OBJECTION_UPHELD", number, command.letter_date
        )
    return _maintained(matter, number, command.letter_date, today)


def _maintained(matter: Matter, number: str, answered: date, today: date) -> ObjectionAnswered:
    stops_clock = objections.rule(answered).stops_clock
    stood = due_dates.pause(matter.objection_date, answered, stops_clock=stops_clock)
    if not stood or matter.due_date is None or matter.letter_date is None:
        return ObjectionAnswered(number, answered, matter.due_date, matter.due_calendar)
    since, until = map(date.fromisoformat, stood.split("/"))
    if matter.due_rule:
        pauses = (*matter.pauses, stood)
        later = due_dates.by_rule(matter.due_rule, matter.letter_date, matter.addressee, pauses, today)
    else:
        later = due_dates.Due(due_dates.after_pause(matter.due_date, stood))
    return ObjectionAnswered(number, answered, later.day, later.calendar, since, until)


def verify(matter: Matter, command: VerifyFollowUp, today: date) -> Verified:
    """Verify the follow-up, or that there is none after the due date.

    Raises:
        Malformed: a reason without CANNOT_BE_FOLLOWED_UP or the reverse; a date in the future.
        WrongState: the status does not fit what was reported, or nothing is due yet.
    """
    require(matter, command)
    if (command.status == "CANNOT_BE_FOLLOWED_UP") != bool(command.reason):
        raise Malformed("a reason is given if, and only if, it cannot be followed up", field="reason")
    not_future(command.verified_date, today, "verified_date")
    if matter.state not in _VERIFIABLE[command.status]:
        raise WrongState(
            "{act} is not possible while the matter is {state}",
            act=command.status,
            state=matter.state,
            field="status",
        )
    if command.status == "NOT_YET_FOLLOWED_UP" and matter.due_date is not None and today <= matter.due_date:
        raise WrongState("the follow-up is not due yet", field="status", reason="NOT_DUE_YET")
    return Verified(command.status, command.reason, command.verified_date)


def hear(matter: Matter, event: HeardEvent, sender: str) -> Matter:
    """The matter after what supervisor, addressee or an overseer says.

    Raises:
        NotAllowed: the sender is not the one who may say it: supervisor, addressee, or the authority that was asked.
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
    if isinstance(event, Completed):
        if sender != matter.supervisor:
            raise NotAllowed("another supervisor referred it", reason="NOT_THE_SUPERVISOR")
        require(matter, event)
        return apply(matter, event)
    if isinstance(event, Clarified):
        if sender != matter.clarification_addressee:
            raise NotAllowed("the sender was not asked", reason="NOT_ASKED")
        require(matter, event)
        return apply(matter, event)
    if isinstance(event, OverseerEvent):
        require(matter, event)
        return apply(matter, event)
    if sender != matter.addressee:
        raise NotAllowed("the recommendation is not addressed to the sender", reason="NOT_THE_ADDRESSEE")
    require(matter, event)
    if isinstance(event, FollowedUp):
        if not event.kind:
            raise Malformed("not a kind of follow-up", field="kind")
        if event.kind in ("SANCTION_IMPOSED", "PARTIAL") and not matter.decree_number:
            raise WrongState("a sanction is reported before it was decided")
    if isinstance(event, Progressed) and not event.kind:
        raise Malformed("a step without its kind", field="kind")
    if isinstance(event, Appealed):
        _appealable(matter, event)
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
                missing=(),
                completion_number="",
            )
        case CompletionRequested():
            return replace(
                matter,
                state=S.INCOMPLETE,
                missing=event.missing,
                completion_number=event.letter_number,
            )
        case Completed():
            return replace(
                matter,
                state=S.REFERRED,
                missing=(),
                study_number=event.study_number or matter.study_number,
                study_digest=event.study_digest or matter.study_digest,
                evidence_digests=matter.evidence_digests + event.evidence_digests,
            )
        case Accepted():
            return replace(matter, state=S.EXAMINING, register_number=event.register_number)
        case Returned():
            return replace(matter, state=S.RETURNED, return_reason=event.reason)
        case ClarificationRequested():
            return replace(
                matter,
                clarification_number=event.letter_number,
                clarification_date=event.letter_date,
                clarification_addressee=event.addressee,
                clarification_answer="",
            )
        case Clarified():
            return replace(matter, clarification_answer=event.letter_number)
        case ClarificationHeld():
            return replace(
                matter,
                held_date=event.held_date,
                attendance=event.attendance,
                minutes_digest=event.minutes_digest,
            )
        case ConflictDeclared():
            return replace(
                matter,
                state=S.CONFLICTED if matter.addressee else matter.state,
                conflicted=event.institution,
                conflict_ground=event.ground,
            )
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
        case Acknowledged():
            return replace(matter, state=S.ACKNOWLEDGED)
        case ObjectionAnswered():
            return _answered(matter, event)
        case Rejected():
            return replace(matter, state=S.REJECTED, rejection_reason=event.reason, moved_to=event.moved_to)
        case Objected():
            return replace(
                matter,
                state=S.OBJECTED,
                objection_number=event.letter_number,
                objection_date=event.letter_date,
            )
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
                # The rest of a partial one is to be decided or reported yet; the decree stands.
                state=S.ACKNOWLEDGED if event.kind == "PARTIAL" else S.FOLLOWED_UP,
                follow_up_kind=event.kind,
                follow_up_number=event.letter_number,
                follow_up_date=event.letter_date,
                open_measures=event.open_measures,
                verification="",  # the last one was of what stood before this report
            )
        case Corrected():
            return _corrected(matter, event)
        case DueDateMoved():
            return replace(matter, due_date=event.due_date, due_calendar=event.calendar)
        case Progressed():
            return replace(matter, last_step=event.kind, last_step_date=event.step_date)
        case Appealed():
            return _appealed(matter, event)
        case Withdrawn():
            return replace(matter, state=S.WITHDRAWN, withdrawal_reason=event.reason)
        case Verified():
            return _verified(matter, event)
        case overseers.Blocked() | overseers.Unblocked() | overseers.Warned():
            return replace(matter, **overseers.marks(event))


def _answered(matter: Matter, event: ObjectionAnswered) -> Matter:
    stood = (f"{event.paused_since}/{event.paused_until}",) if event.paused_since else ()
    return replace(
        matter,
        state=S.ACKNOWLEDGED,
        due_date=event.due_date or matter.due_date,
        due_calendar=event.due_calendar or matter.due_calendar,
        pauses=matter.pauses + stood,
    )


def _corrected(matter: Matter, event: Corrected) -> Matter:
    """Another due date than before was set by the examiner, so that no rule gives it any more."""
    changed = replace(
        matter,
        correction_number=event.letter_number,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
    )
    if event.due_date == matter.due_date:
        return changed
    return replace(changed, due_date=event.due_date, due_rule="", due_calendar="", pauses=())


def _recommended(matter: Matter, event: Recommended) -> Matter:
    former = (*matter.former_addressees, event.readdressed_from) if event.readdressed_from else ()
    return replace(
        matter,
        said_last=(),  # of a former addressee
        state=S.RECOMMENDED,
        letter_number=event.letter_number,
        letter_date=event.letter_date,
        addressee=event.addressee,
        former_addressees=former,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=event.due_date,
        due_rule=event.due_rule,
        due_calendar=event.due_calendar,
        pauses=(),
        reason_codes=event.reason_codes,
        # What the former addressee said and did is not the new one's.
        rejection_reason="",
        correction_number="",
        objection_number="",
        objection_date=None,
        decree_number="",
        decree_date=None,
        sanction="",
        follow_up_number="",
        follow_up_date=None,
        verification="",
        moved_to="",
        last_step="",
        last_step_date=None,
        appeal="",
        appeal_date=None,
        follow_up_kind="",
        open_measures=(),
    )


def _appealable(matter: Matter, event: Appealed) -> None:
    if not matter.decree_number:
        raise WrongState("an appeal against a decree that was not decided")
    if event.outcome == "CHANGED" and not event.decree_number:
        raise Malformed("a changed sanction has a decree", field="decree_number")


def _appealed(matter: Matter, event: Appealed) -> Matter:
    """A changed decree is to be reported anew, an annulled one is gone: also after the follow-up was verified."""
    appealed = replace(matter, appeal=event.outcome or "FILED", appeal_date=event.letter_date)
    if event.outcome not in ("CHANGED", "ANNULLED"):
        return appealed
    return replace(
        appealed,
        state=S.DECIDED if event.outcome == "CHANGED" else S.ACKNOWLEDGED,
        decree_number=event.decree_number,
        decree_date=event.decree_date,
        sanction=event.sanction,
        follow_up_kind="",
        follow_up_number="",
        follow_up_date=None,
        open_measures=(),
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


def letter_number(party: str, number: str) -> None:
    """KASN's numbers have a known form; those of other examiners only have to be printable."""
    if party == "kasn":
        identifiers.kasn_letter(number, field="letter_number")
    else:
        identifiers.decree_number(number, field="letter_number")


def check_choice(matter: Matter, act: str, family: str, sanction_class: str, letter_date: date) -> None:
    """Refuse what the catalogue and the sanctions of the day of the act do not have; that of the letter if it is not known.

    Raises:
        Malformed: naming the field.
    """
    happened = matter.event_date or letter_date
    violations.check_choice(act, family, sanction_class, happened)
    if matter.employment:
        sanctions.check_class(sanction_class, matter.employment, happened)


def not_future(day: date, today: date, field: str) -> None:
    if day > today:
        raise Malformed("in the future", field=field)
