"""A matter at the supervisor's desk: which command is possible when, and what it makes of the matter.

Commands and what the examiner says go through one table of states (domain notes: UU 7/2017 art. 454-455, PKS, SKB).
Each command gives back the event that happened or raises a refusal; `apply` is the only thing that changes a matter.

The origin of a matter (authority, first information, place) is part of its registration: a later step knows whom to
tell without loading more, and replaying the log gives it again.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from agreement.enforcement import violations
from agreement.parties import identifiers, institutions, posts, regions
from bawaslu.matters.domain.reported_person import Person
from refusals import Malformed, NotAllowed, WrongState


class State(StrEnum):
    """State of a matter at this desk."""

    NEW = "NEW"
    REGISTERED = "REGISTERED"  # diregistrasi
    STUDIED = "STUDIED"  # kajian: other-law violation, ready to refer
    NOT_A_VIOLATION = "NOT_A_VIOLATION"  # bukan pelanggaran; end
    REFERRED = "REFERRED"  # diteruskan
    INCOMPLETE = "INCOMPLETE"  # diminta dilengkapi
    UNDER_EXAMINATION = "UNDER_EXAMINATION"  # diperiksa
    RETURNED = "RETURNED"  # dikembalikan
    NOT_PROVEN = "NOT_PROVEN"  # tidak terbukti; end
    RECOMMENDED = "RECOMMENDED"  # direkomendasikan
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
    origin: str = ""
    number: str = ""
    region: str = ""
    event_date: date | None = None
    known_date: date | None = None
    employer: str = ""
    employment: str = ""
    study_number: str = ""
    study_date: date | None = None
    conclusion: str = ""
    suspected_acts: tuple[str, ...] = ()
    study_digest: str = ""
    referral_number: str = ""
    referral_date: date | None = None
    examiner: str = ""
    return_reason: str = ""
    recommendation_number: str = ""
    addressee: str = ""
    act: str = ""
    family: str = ""
    sanction_class: str = ""
    due_date: date | None = None
    verification: str = ""
    impossibility: str = ""
    missing: tuple[str, ...] = ()
    completion_number: str = ""
    informant: str = ""  # the authority whose team saw it first
    information: str = ""  # its first information, which is the intake too
    place: int = 0  # among the persons of the intake, from 1


# --- commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RegisterMatter:
    """Register a report (laporan) or finding (temuan)."""

    origin: str
    number: str
    region: str
    event_date: date
    known_date: date
    employer: str


@dataclass(frozen=True)
class ConcludeStudy:
    """Enter the study (kajian) and its conclusion."""

    study_number: str
    study_date: date
    conclusion: str
    suspected_acts: tuple[str, ...]
    study_digest: str


@dataclass(frozen=True)
class ReferMatter:
    """Refer to the examiner (penerusan)."""

    letter_number: str
    letter_date: date
    evidence_digests: tuple[str, ...]
    post_category: str = ""


@dataclass(frozen=True)
class CompleteReferral:
    """Complete a referral as the examiner asked (kelengkapan)."""

    letter_number: str
    letter_date: date
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]
    post_category: str = ""


# --- events: what happened here ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Registered:
    """A report or finding was registered; `informant`, `information` and `place` if first information led to it."""

    origin: str
    number: str
    region: str
    event_date: date
    known_date: date
    employer: str
    employment: str
    informant: str = ""
    information: str = ""
    place: int = 0


@dataclass(frozen=True)
class StudyConcluded:
    """The study has its conclusion."""

    study_number: str
    study_date: date
    conclusion: str
    suspected_acts: tuple[str, ...]
    study_digest: str


@dataclass(frozen=True)
class Referred:
    """The matter was referred to the examiner."""

    letter_number: str
    letter_date: date
    report_number: str
    origin: str
    region: str
    event_date: date
    employer: str
    employment: str
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]
    suspected_acts: tuple[str, ...]
    examiner: str
    post_category: str = ""


@dataclass(frozen=True)
class Completed:
    """The referral was completed."""

    letter_number: str
    letter_date: date
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]
    post_category: str = ""


# --- events: what the examiner says --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Accepted:
    """The examiner examines it."""

    register_number: str


@dataclass(frozen=True)
class Returned:
    """The examiner sent it back."""

    reason: str


@dataclass(frozen=True)
class CompletionRequested:
    """The examiner asked for what is missing."""

    letter_number: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class NotProven:
    """Nothing was proven."""

    decision_number: str
    decision_date: date | None


@dataclass(frozen=True)
class Recommended:
    """Our copy (tembusan) of a recommendation."""

    letter_number: str
    addressee: str
    act: str
    family: str
    sanction_class: str
    due_date: date | None


@dataclass(frozen=True)
class Corrected:
    """Our copy of a correction (ralat)."""

    act: str
    family: str
    sanction_class: str
    due_date: date | None


@dataclass(frozen=True)
class DueDateMoved:
    """Our copy: an amended decree on days off moved the due date."""

    letter_number: str
    due_date: date | None


@dataclass(frozen=True)
class Withdrawn:
    """Our copy of a withdrawal."""

    letter_number: str
    reason: str


@dataclass(frozen=True)
class Verified:
    """Our copy of a verification of the follow-up."""

    status: str
    reason: str


@dataclass(frozen=True)
class TookOver:
    """The next examiner has the matter (SE MenPANRB 4/2024): the supervisor turns to it."""

    predecessor: str
    successor: str


Command = RegisterMatter | ConcludeStudy | ReferMatter | CompleteReferral
Event = (
    Registered
    | StudyConcluded
    | Referred
    | Completed
    | Accepted
    | Returned
    | CompletionRequested
    | NotProven
    | Recommended
    | Corrected
    | DueDateMoved
    | Withdrawn
    | Verified
    | TookOver
)

S = State
POSSIBLE: dict[type[Command | Event], frozenset[State]] = {
    RegisterMatter: frozenset({S.NEW}),
    ConcludeStudy: frozenset({S.REGISTERED, S.RETURNED}),
    ReferMatter: frozenset({S.STUDIED}),
    Accepted: frozenset({S.REFERRED}),
    CompleteReferral: frozenset({S.INCOMPLETE}),
    Returned: frozenset({S.REFERRED, S.INCOMPLETE}),
    CompletionRequested: frozenset({S.REFERRED}),
    NotProven: frozenset({S.UNDER_EXAMINATION}),
    Recommended: frozenset({S.UNDER_EXAMINATION, S.RECOMMENDED}),
    Corrected: frozenset({S.RECOMMENDED}),
    DueDateMoved: frozenset({S.RECOMMENDED}),
    Withdrawn: frozenset({S.RECOMMENDED}),
    Verified: frozenset({S.RECOMMENDED, S.COMPLETED}),  # an appeal may take a completed matter back
    TookOver: frozenset(State) - {S.NEW, S.REGISTERED},
}


def require(matter: Matter, what: Command | Event) -> None:
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


def register(matter: Matter, command: RegisterMatter, employment: str, today: date) -> Registered:
    """Register a matter. `today` is the legal date at the desk.

    Raises:
        Malformed: number, region, employer or dates cannot be right.
    """
    require(matter, command)
    number = identifiers.bawaslu_number(command.number, field="number")
    if ("/LP/" in number) != (command.origin == "REPORT"):
        raise Malformed("a report has an LP number and a finding a TM number", field="origin")
    regions.region(command.region, field="region")
    if command.employer not in institutions.personnel_authorities():
        raise Malformed("not a personnel authority", field="employer")
    _not_future(command.known_date, today, "known_date")
    if command.event_date > command.known_date:
        raise Malformed("known before it happened", field="event_date")
    return Registered(
        origin=command.origin,
        number=number,
        region=command.region,
        event_date=command.event_date,
        known_date=command.known_date,
        employer=command.employer,
        employment=employment,
    )


def conclude_study(matter: Matter, command: ConcludeStudy, today: date) -> StudyConcluded:
    """Conclude the study; again after the examiner returned it.

    Raises:
        Malformed: number, date or acts cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.study_number, field="study_number")
    _not_future(command.study_date, today, "study_date")
    if matter.known_date and command.study_date < matter.known_date:
        raise Malformed("before the report or finding", field="study_date")
    if (command.conclusion == "OTHER_LAW_VIOLATION") != bool(command.suspected_acts):
        raise Malformed("acts are named if, and only if, there is a violation", field="suspected_acts")
    for index, act in enumerate(command.suspected_acts):
        violations.act_of(act, matter.event_date or today, field=f"suspected_acts[{index}]")
    return StudyConcluded(
        study_number=number,
        study_date=command.study_date,
        conclusion=command.conclusion,
        suspected_acts=command.suspected_acts,
        study_digest=command.study_digest,
    )


def refer(matter: Matter, command: ReferMatter, examiner: str, today: date) -> Referred:
    """Refer the matter to whoever holds the examiner role, with the digests of study and evidence.

    Raises:
        Malformed: number or date cannot be right; a category of post that there is not, or that would tell who it is.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    _not_future(command.letter_date, today, "letter_date")
    if matter.study_date is None or matter.event_date is None:
        raise WrongState("there is no study")
    if command.letter_date < matter.study_date:
        raise Malformed("before the study", field="letter_date")
    posts.check(command.post_category, matter.employer, field="post_category")
    return Referred(
        letter_number=number,
        letter_date=command.letter_date,
        report_number=matter.number,
        origin=matter.origin,
        region=matter.region,
        event_date=matter.event_date,
        employer=matter.employer,
        employment=matter.employment,
        study_number=matter.study_number,
        study_digest=matter.study_digest,
        evidence_digests=command.evidence_digests,
        suspected_acts=matter.suspected_acts,
        examiner=examiner,
        post_category=command.post_category,
    )


def hear_succession(matter: Matter, event: Event, sender: str) -> Matter:
    """The matter after the next examiner took it over.

    Raises:
        NotAllowed: the sender speaks of another, or it was not at the examiner that it names.
        WrongState: it was never referred.
    """
    if (
        not isinstance(event, TookOver)
        or event.successor != sender
        or matter.examiner not in (event.predecessor, sender)
    ):
        raise NotAllowed("the matter was not the predecessor's", reason="NOT_THE_EXAMINER")
    return apply(matter, event)


def complete(matter: Matter, command: CompleteReferral, person: Person | None, today: date) -> Completed:
    """Complete a referral: everything that the examiner asked for, in one letter. `person` is the person as it should be.

    Raises:
        Malformed: what was asked for is not given; number, digest, date or category of post cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    _not_future(command.letter_date, today, "letter_date")
    if matter.referral_date and command.letter_date < matter.referral_date:
        raise Malformed("before the referral", field="letter_date")
    if {"POST", "GRADE", "IDENTITY"} & set(matter.missing) and person is None:
        raise Malformed("the examiner asked for it", field="person")
    if "GRADE" in matter.missing and not (person and person.grade):
        raise Malformed("the examiner asked for it", field="person.grade")
    if "EVIDENCE" in matter.missing and not command.evidence_digests:
        raise Malformed("the examiner asked for it", field="evidence_digests")
    if "STUDY" in matter.missing and not command.study_number:
        raise Malformed("the examiner asked for it", field="study_number")
    if bool(command.study_number) != bool(command.study_digest):
        raise Malformed("a study has a number and a digest", field="study_digest")
    if command.study_number:
        identifiers.decree_number(command.study_number, field="study_number")
        identifiers.sha256_hex(command.study_digest, field="study_digest")
    posts.check(command.post_category, matter.employer, field="post_category")
    return Completed(
        letter_number=number,
        letter_date=command.letter_date,
        study_number=command.study_number,
        study_digest=command.study_digest,
        evidence_digests=command.evidence_digests,
        post_category=command.post_category,
    )


def apply(matter: Matter, event: Event) -> Matter:
    """The matter after an event. The examiner's events are checked against the state; our own were before."""
    match event:
        case Registered():
            return replace(
                matter,
                state=S.REGISTERED,
                origin=event.origin,
                number=event.number,
                region=event.region,
                event_date=event.event_date,
                known_date=event.known_date,
                employer=event.employer,
                employment=event.employment,
                informant=event.informant,
                information=event.information,
                place=event.place,
            )
        case StudyConcluded():
            return replace(
                matter,
                state=S.STUDIED if event.conclusion == "OTHER_LAW_VIOLATION" else S.NOT_A_VIOLATION,
                study_number=event.study_number,
                study_date=event.study_date,
                conclusion=event.conclusion,
                suspected_acts=event.suspected_acts,
                study_digest=event.study_digest,
            )
        case Referred():
            return replace(
                matter,
                state=S.REFERRED,
                referral_number=event.letter_number,
                referral_date=event.letter_date,
                examiner=event.examiner,
                return_reason="",
                missing=(),
            )
        case Completed():
            return replace(
                matter,
                state=S.REFERRED,
                missing=(),
                study_number=event.study_number or matter.study_number,
                study_digest=event.study_digest or matter.study_digest,
            )
    require(matter, event)
    match event:
        case Accepted():
            return replace(matter, state=S.UNDER_EXAMINATION)
        case Returned():
            return replace(matter, state=S.RETURNED, return_reason=event.reason)
        case CompletionRequested():
            return replace(
                matter,
                state=S.INCOMPLETE,
                missing=event.missing,
                completion_number=event.letter_number,
            )
        case NotProven():
            return replace(matter, state=S.NOT_PROVEN)
        case Recommended():
            return replace(
                matter,
                state=S.RECOMMENDED,
                recommendation_number=event.letter_number,
                addressee=event.addressee,
                act=event.act,
                family=event.family,
                sanction_class=event.sanction_class,
                due_date=event.due_date,
                verification="",  # the last one was of a former addressee
            )
        case Corrected():
            return replace(
                matter,
                act=event.act,
                family=event.family,
                sanction_class=event.sanction_class,
                due_date=event.due_date,
            )
        case DueDateMoved():
            return replace(matter, due_date=event.due_date)
        case Withdrawn():
            return replace(matter, state=S.WITHDRAWN)
        case Verified():
            if not event.status:
                raise Malformed("not a status of verification", field="status")
            ends = {"CONFORMS": S.COMPLETED, "CANNOT_BE_FOLLOWED_UP": S.CANNOT_BE_FOLLOWED_UP}
            return replace(
                matter,
                state=ends.get(event.status, S.RECOMMENDED),
                verification=event.status,
                impossibility=event.reason,
            )
        case TookOver():
            return replace(matter, examiner=event.successor)


def _not_future(day: date, today: date, field: str) -> None:
    if day > today:
        raise Malformed("in the future", field=field)
