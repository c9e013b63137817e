"""A matter at a personnel authority's desk: which command is possible when, and what it makes of the matter.

Commands and what the examiner says go through one table of states (domain notes: PP 94/2021, Peraturan BKN 6/2022, SKB).
Each command gives back the event that happened or raises a refusal; `apply` is the only thing that changes a matter.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement.enforcement import sanctions
from agreement.parties import identifiers, institutions
from ppk.recommendations.domain import overseers
from ppk.recommendations.domain.overseers import OverseerEvent
from refusals import Malformed, NotAllowed, WrongState


class State(StrEnum):
    """Where a matter stands at this desk."""

    NEW = "NEW"
    CLARIFICATION_REQUESTED = "CLARIFICATION_REQUESTED"  # dimintai klarifikasi; nothing is recommended yet
    CLARIFIED = "CLARIFIED"  # sudah memberi klarifikasi
    RECEIVED = "RECEIVED"  # masuk, not yet opened by an officer
    OPENED = "OPENED"  # dibuka
    ACKNOWLEDGED = "ACKNOWLEDGED"  # diterima, proses disiplin
    REJECTED = "REJECTED"  # salah alamat; the examiner withdraws it
    OBJECTED = "OBJECTED"  # sanggahan
    DECIDED = "DECIDED"  # dijatuhi sanksi
    REPORTED = "REPORTED"  # dilaporkan
    WITHDRAWN = "WITHDRAWN"  # dicabut; end
    COMPLETED = "COMPLETED"  # selesai: sesuai; end
    CANNOT_BE_FOLLOWED_UP = "CANNOT_BE_FOLLOWED_UP"  # tidak dapat ditindaklanjuti; end


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
    examiner: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    act: str = ""
    family: str = ""
    sanction_class: str = ""
    due_date: date | None = None
    report_number: str = ""
    region: str = ""
    event_date: date | None = None
    employment: str = ""
    register_number: str = ""
    rejection_reason: str = ""
    objection_number: str = ""
    objection_date: date | None = None
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""
    follow_up_kind: str = ""
    follow_up_number: str = ""
    follow_up_date: date | None = None
    decree_digest: str = ""
    verification: str = ""
    impossibility: str = ""
    withdrawal_reason: str = ""
    clarification_number: str = ""
    clarification_date: date | None = None
    clarification_answer: str = ""
    correction_number: str = ""
    data_blocked: bool = False
    block_number: str = ""
    block_date: date | None = None
    unblock_number: str = ""
    unblock_date: date | None = None
    warning_number: str = ""
    warning_date: date | None = None
    warning_due_date: date | None = None
    moved_to: str = ""
    open_measures: tuple[str, ...] = ()
    reports_to: str = ""  # beside the examiner, after the examiner's role passed on


# --- commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnswerClarification:
    """Answer the examiner's request for clarification (klarifikasi)."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class OpenRecommendation:
    """An officer opens what arrived."""


@dataclass(frozen=True)
class AcknowledgeRecommendation:
    """Confirm receipt under the authority's own register number (nomor agenda)."""

    register_number: str


@dataclass(frozen=True)
class RejectRecommendation:
    """The person is not this authority's (salah alamat), or moved to another (pindah)."""

    reason: str
    moved_to: str = ""


@dataclass(frozen=True)
class ObjectToRecommendation:
    """Object (klarifikasi dan tanggapan)."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class ImposeSanction:
    """Impose a sanction by decree (keputusan)."""

    decree_number: str
    decree_date: date
    sanction: str


@dataclass(frozen=True)
class ReportFollowUp:
    """Report what was done (laporan tindak lanjut)."""

    kind: str
    letter_number: str
    letter_date: date
    decree_digest: str
    reason: str
    open_measures: tuple[str, ...] = ()


# --- events: what happened here ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clarified:
    """The authority clarified."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class Opened:
    """An officer has seen it."""


@dataclass(frozen=True)
class Acknowledged:
    """Receipt is confirmed."""

    register_number: str


@dataclass(frozen=True)
class Rejected:
    """It is not for this authority; `moved_to` is the person's new one."""

    reason: str
    moved_to: str = ""


@dataclass(frozen=True)
class Objected:
    """The authority objected."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class Decided:
    """A sanction was imposed."""

    decree_number: str
    decree_date: date
    sanction: str
    sanction_class: str


@dataclass(frozen=True)
class FollowedUp:
    """The follow-up was reported."""

    kind: str
    letter_number: str
    letter_date: date
    decree_number: str
    decree_digest: str
    reason: str
    open_measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Appealed:
    """The person's appeal against the decree (keberatan, banding): filed while `outcome` is empty, else decided.

    With CHANGED, another decree takes the former one's place.
    """

    kind: str
    outcome: str
    letter_number: str
    letter_date: date
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""
    sanction_class: str = ""


# --- events: what the examiner says --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClarificationRequested:
    """The examiner asks before it decides. The date is None only if a sender left it out; then it is refused."""

    letter_number: str
    letter_date: date | None
    addressee: str
    report_number: str
    region: str


@dataclass(frozen=True)
class Recommended:
    """A recommendation (rekomendasi). The dates are None only if a sender left them out; then it is refused."""

    letter_number: str
    letter_date: date | None
    addressee: str
    act: str
    family: str
    sanction_class: str
    due_date: date | None
    report_number: str
    region: str
    event_date: date | None
    employment: str


@dataclass(frozen=True)
class Corrected:
    """The recommendation was corrected (ralat)."""

    letter_number: str
    corrects: str
    act: str
    family: str
    sanction_class: str
    due_date: date | None


@dataclass(frozen=True)
class DueDateMoved:
    """An amended decree on days off moved the due date. The date is None only if a sender left it out; then it is refused."""

    letter_number: str
    due_date: date | None


@dataclass(frozen=True)
class Withdrawn:
    """The recommendation no longer stands."""

    letter_number: str
    reason: str


@dataclass(frozen=True)
class ObjectionAnswered:
    """The recommendation is maintained against the objection."""

    letter_number: str
    letter_date: date | None
    due_date: date | None = None


@dataclass(frozen=True)
class Verified:
    """The follow-up, or its absence, was verified."""

    status: str
    reason: str


@dataclass(frozen=True)
class TookOver:
    """The next examiner has the matter (SE MenPANRB 4/2024): the authority turns to it."""

    predecessor: str
    successor: str
    reports_to: str


Command = (
    AnswerClarification
    | OpenRecommendation
    | AcknowledgeRecommendation
    | RejectRecommendation
    | ObjectToRecommendation
    | ImposeSanction
    | ReportFollowUp
)
OwnEvent = Clarified | Opened | Acknowledged | Rejected | Objected | Decided | FollowedUp | Appealed
HeardEvent = (
    ClarificationRequested
    | Recommended
    | Corrected
    | DueDateMoved
    | Withdrawn
    | ObjectionAnswered
    | Verified
    | TookOver
    | OverseerEvent
)
Event = OwnEvent | HeardEvent

S = State
ENDS = frozenset({S.WITHDRAWN, S.COMPLETED, S.CANNOT_BE_FOLLOWED_UP})
# Before anything is recommended.
_ASKED = frozenset({S.NEW, S.CLARIFICATION_REQUESTED, S.CLARIFIED})
# Before the follow-up is reported. A rejected one is not ours to follow up.
_PENDING = frozenset({S.RECEIVED, S.OPENED, S.ACKNOWLEDGED, S.OBJECTED, S.DECIDED})

POSSIBLE: dict[type[Command | HeardEvent], frozenset[State]] = {
    AnswerClarification: frozenset({S.CLARIFICATION_REQUESTED}),
    OpenRecommendation: frozenset({S.RECEIVED}),
    AcknowledgeRecommendation: frozenset({S.OPENED}),
    RejectRecommendation: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    ObjectToRecommendation: frozenset({S.OPENED, S.ACKNOWLEDGED}),
    ImposeSanction: frozenset({S.ACKNOWLEDGED}),
    ReportFollowUp: frozenset({S.ACKNOWLEDGED, S.DECIDED}),
    ClarificationRequested: _ASKED,
    Recommended: _ASKED,
    # Whatever was done meanwhile: what is recommended is the examiner's to say.
    Corrected: frozenset(State) - ENDS - _ASKED,
    DueDateMoved: frozenset(State) - ENDS - _ASKED,
    Withdrawn: frozenset(State) - ENDS - _ASKED,
    ObjectionAnswered: frozenset({S.OBJECTED}),
    Verified: _PENDING | {S.REPORTED},
    # An overseer acts on its copies, so it may be late; never before the recommendation itself.
    overseers.Blocked: frozenset(State) - _ASKED,
    overseers.Unblocked: frozenset(State) - _ASKED,
    overseers.Warned: frozenset(State) - _ASKED,
    TookOver: frozenset(State) - {S.NEW},
}
# A verification means something else before and after the report.
_VERIFIED: dict[str, frozenset[State]] = {
    "CONFORMS": frozenset({S.REPORTED}),
    "NOT_YET_CONFORMS": frozenset({S.REPORTED}),
    "CANNOT_BE_FOLLOWED_UP": frozenset({S.REPORTED}),
    "NOT_YET_FOLLOWED_UP": _PENDING,
}


def require(matter: Matter, what: Command | HeardEvent) -> None:
    """Refuse what is not possible in the matter's state.

    Raises:
        WrongState: naming the state and what was tried.
    """
    if matter.state not in POSSIBLE[type(what)]:
        raise WrongState(
            "{act} is not possible while the matter is {state}", act=type(what).__name__, state=matter.state
        )


def blank(party: str, id: str, case_id: str, now: datetime) -> Matter:
    """A matter before anything happened to it."""
    return Matter(party, id, case_id, State.NEW, now, now)


def answer_clarification(matter: Matter, command: AnswerClarification, today: date) -> Clarified:
    """Answer the examiner's request. `today` is the legal date at the authority.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    between(matter.clarification_date, command.letter_date, today, "letter_date")
    return Clarified(number, command.letter_date)


def open_recommendation(matter: Matter, command: OpenRecommendation) -> Opened:
    """Open what arrived; the examiner is told."""
    require(matter, command)
    return Opened()


def acknowledge(matter: Matter, command: AcknowledgeRecommendation) -> Acknowledged:
    """Confirm receipt.

    Raises:
        Malformed: the register number cannot be one.
    """
    require(matter, command)
    return Acknowledged(identifiers.decree_number(command.register_number, field="register_number"))


def reject(matter: Matter, command: RejectRecommendation) -> Rejected:
    """Reject it: the person is another authority's, or moved to one.

    Raises:
        Malformed: MOVED without the new authority, one without having moved, or one that is none.
    """
    require(matter, command)
    if command.reason == "MOVED" and not command.moved_to:
        raise Malformed("MOVED names the new authority", field="moved_to")
    if command.reason == "NOT_OUR_EMPLOYEE" and command.moved_to:
        raise Malformed("goes with a person who moved only", field="moved_to")
    if command.moved_to:
        other_authority(matter, command.moved_to)
    return Rejected(command.reason, command.moved_to)


def object_to(matter: Matter, command: ObjectToRecommendation, today: date) -> Objected:
    """Object. `today` is the legal date at the authority.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    between(matter.letter_date, command.letter_date, today, "letter_date")
    return Objected(number, command.letter_date)


def impose_sanction(matter: Matter, command: ImposeSanction, today: date) -> Decided:
    """Impose a sanction. Which one is the authority's to decide; its class lets the examiner compare.

    It is one of those that there are for the person's employment and the day of the event (PP 53/2010 or PP 94/2021 and
    PP 42/2004 for PNS, PP 49/2018 for PPPK, SE MenPANRB 1/2023 for PPNPN), where the recommendation says both.

    Raises:
        Malformed: the sanction is not in the list or of another regime, number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.decree_number, field="decree_number")
    between(matter.letter_date, command.decree_date, today, "decree_date")
    sanction = sanctions.sanction(command.sanction, field="sanction")
    if matter.employment and matter.event_date is not None:
        sanctions.check(sanction.code, matter.employment, matter.event_date, field="sanction")
    return Decided(number, command.decree_date, sanction.code, sanction.sanction_class)


def report_follow_up(matter: Matter, command: ReportFollowUp, today: date) -> FollowedUp:
    """Report a sanction with the digest of its decree, wholly or in part, or a lawful reason why there is none.

    PARTIAL (sebagian) names the classes of the measures that are still open; the matter goes on.

    After a report that does not yet conform (belum sesuai) the decree still stands: it may be reported again, in a new
    letter, or another sanction be imposed first.

    Raises:
        WrongState: a sanction is reported that was not decided.
        Malformed: digest, reason or measures do not go with the kind; number or date cannot be right.
    """
    require(matter, command)
    _open_measures(command)
    if command.kind in ("SANCTION_IMPOSED", "PARTIAL"):
        if not matter.decree_number:
            raise WrongState("a sanction is reported before it was decided")
        identifiers.sha256_hex(command.decree_digest, field="decree_digest")
        if command.reason:
            raise Malformed("goes with CANNOT_BE_FOLLOWED_UP only", field="reason")
        decree_number, earliest = matter.decree_number, matter.decree_date
    elif command.kind == "CANNOT_BE_FOLLOWED_UP":
        if not command.reason:
            raise Malformed("CANNOT_BE_FOLLOWED_UP needs a lawful reason", field="reason")
        if command.decree_digest:
            raise Malformed("goes with a sanction only", field="decree_digest")
        decree_number, earliest = "", matter.letter_date
    else:
        raise Malformed("not a kind of follow-up", field="kind")
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    between(earliest, command.letter_date, today, "letter_date")
    return FollowedUp(
        kind=command.kind,
        letter_number=number,
        letter_date=command.letter_date,
        decree_number=decree_number,
        decree_digest=command.decree_digest,
        reason=command.reason,
        open_measures=command.open_measures,
    )


def hear(matter: Matter, event: HeardEvent, sender: str) -> Matter:
    """The matter after what an examiner or an overseer says of it.

    Whoever recommends is the matter's examiner, until the next took over.

    Raises:
        NotAllowed: the sender is not the matter's examiner.
        WrongState: it is not possible in the matter's state.
        Malformed: it is for another authority, about another recommendation, or incomplete.
    """
    if isinstance(event, OverseerEvent):
        return apply(matter, event)
    if isinstance(event, TookOver):
        require(matter, event)
        if event.successor != sender or matter.examiner not in (event.predecessor, sender):
            raise NotAllowed("the matter was not the predecessor's", reason="NOT_THE_EXAMINER")
    elif matter.examiner and sender != matter.examiner:
        raise NotAllowed("the sender did not recommend in this matter", reason="NOT_THE_EXAMINER")
    changed = apply(matter, event)
    return replace(changed, examiner=sender)


def apply(matter: Matter, event: Event) -> Matter:
    """The matter after an event. The examiner's events are checked against the matter; our own were before."""
    match event:
        case Clarified():
            return replace(matter, state=S.CLARIFIED, clarification_answer=event.letter_number)
        case Opened():
            return replace(matter, state=S.OPENED)
        case Acknowledged():
            return replace(matter, state=S.ACKNOWLEDGED, register_number=event.register_number)
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
                state=S.ACKNOWLEDGED if event.kind == "PARTIAL" else S.REPORTED,
                follow_up_kind=event.kind,
                follow_up_number=event.letter_number,
                follow_up_date=event.letter_date,
                decree_digest=event.decree_digest,
                impossibility=event.reason,
                open_measures=event.open_measures,
                verification="",  # the last one was of what stood before this report
            )
        case Appealed():
            return _appealed(matter, event)
    require(matter, event)
    match event:
        case ClarificationRequested():
            return _asked(matter, event)
        case Recommended():
            return _recommended(matter, event)
        case Corrected():
            _check_letter(matter, event.corrects, "corrects")
            return _corrected(matter, event)
        case DueDateMoved():
            _check_letter(matter, event.letter_number, "letter_number")
            return replace(matter, due_date=_given(event.due_date, "due_date"))
        case Withdrawn():
            _check_letter(matter, event.letter_number, "letter_number")
            return replace(matter, state=S.WITHDRAWN, withdrawal_reason=event.reason)
        case ObjectionAnswered():
            return replace(matter, state=S.ACKNOWLEDGED, due_date=event.due_date or matter.due_date)
        case Verified():
            return _verified(matter, event)
        case overseers.Blocked() | overseers.Unblocked() | overseers.Warned():
            return replace(matter, **overseers.marks(event))
        case TookOver():
            return replace(matter, examiner=event.successor, reports_to=event.reports_to)


def _check_letter(matter: Matter, number: str, field: str) -> None:
    if number != matter.letter_number:
        raise Malformed(
            "another recommendation than the one received", field=field, reason="OTHER_RECOMMENDATION"
        )


def _asked(matter: Matter, event: ClarificationRequested) -> Matter:
    if event.addressee != matter.party:
        raise Malformed("another authority is asked", field="addressee", reason="WRONG_ADDRESSEE")
    if event.letter_date is None:
        raise Malformed("a request has a date", field="letter_date")
    return replace(
        matter,
        state=S.CLARIFICATION_REQUESTED,
        clarification_number=event.letter_number,
        clarification_date=event.letter_date,
        clarification_answer="",
        report_number=event.report_number,
        region=event.region,
    )


def _corrected(matter: Matter, event: Corrected) -> Matter:
    return replace(
        matter,
        correction_number=event.letter_number,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=_given(event.due_date, "due_date"),
    )


def _given(day: date | None, field: str) -> date:
    if day is None:
        raise Malformed("the date is left out", field=field)
    return day


def _recommended(matter: Matter, event: Recommended) -> Matter:
    if event.addressee != matter.party:
        raise Malformed(
            "the recommendation is addressed to another", field="addressee", reason="WRONG_ADDRESSEE"
        )
    for field, day in (("letter_date", event.letter_date), ("due_date", event.due_date)):
        if day is None:
            raise Malformed("a recommendation has a date and a due date", field=field)
    return replace(
        matter,
        state=S.RECEIVED,
        letter_number=event.letter_number,
        letter_date=event.letter_date,
        act=event.act,
        family=event.family,
        sanction_class=event.sanction_class,
        due_date=event.due_date,
        report_number=event.report_number,
        region=event.region,
        event_date=event.event_date,
        employment=event.employment,
    )


def _verified(matter: Matter, event: Verified) -> Matter:
    possible = _VERIFIED.get(event.status)
    if possible is None:
        raise Malformed("not a status of verification", field="status")
    if matter.state not in possible:
        raise WrongState(
            "{act} is not possible while the matter is {state}", act=event.status, state=matter.state
        )
    after = {
        "CONFORMS": S.COMPLETED,
        "NOT_YET_CONFORMS": S.ACKNOWLEDGED,  # to be reported or decided again; a decree still stands
        "CANNOT_BE_FOLLOWED_UP": S.CANNOT_BE_FOLLOWED_UP,
    }
    return replace(
        matter,
        state=after.get(event.status, matter.state),
        verification=event.status,
        impossibility=event.reason or matter.impossibility,
    )


def _appealed(matter: Matter, event: Appealed) -> Matter:
    """A changed decree is to be reported anew, an annulled one is gone: also after the follow-up was verified."""
    if event.outcome not in ("CHANGED", "ANNULLED"):
        return matter
    return replace(
        matter,
        state=S.DECIDED if event.outcome == "CHANGED" else S.ACKNOWLEDGED,
        decree_number=event.decree_number,
        decree_date=event.decree_date,
        sanction=event.sanction,
        follow_up_kind="",
        follow_up_number="",
        follow_up_date=None,
        decree_digest="",
        open_measures=(),
        verification="",
    )


def _open_measures(command: ReportFollowUp) -> None:
    if (command.kind == "PARTIAL") != bool(command.open_measures):
        raise Malformed("given if, and only if, the follow-up is partial", field="open_measures")
    for number, measure in enumerate(command.open_measures):
        sanctions.family_of(measure, field=f"open_measures[{number}]")


def other_authority(matter: Matter, authority: str) -> None:
    """Refuse as the new authority of a person who moved what is none, or the matter's own.

    Raises:
        Malformed: naming `moved_to`.
    """
    if authority == matter.party or authority not in institutions.personnel_authorities():
        raise Malformed("not another personnel authority", field="moved_to")


def between(earliest: date | None, day: date, today: date, field: str) -> None:
    """Refuse a date after `today`, or before what it follows from.

    Raises:
        Malformed: naming the field.
    """
    if day > today:
        raise Malformed("in the future", field=field)
    if earliest is not None and day < earliest:
        raise Malformed("before what it follows from", field=field)
