"""An intake as it stands, and what an event makes of it. Which command is possible when is said in `states`."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from agreement.entities import replace
from bawaslu.intake.domain.clarifications import Clarification
from bawaslu.intake.domain.events import (
    ClarificationInvited,
    ClarificationRecorded,
    Event,
    FindingRecorded,
    InformationClosed,
    InformationReceived,
    IntakeConcluded,
    IntakeDelegated,
    IntakePlenaryHeld,
    IntakeRegistered,
    RegistrationDeclined,
    ReportAssessed,
    ReportCompleted,
    ReportReceived,
    StudyExtended,
    SupervisionRecorded,
    TracingStarted,
)


class State(StrEnum):
    """State of an intake."""

    NEW = "NEW"
    RECEIVED = "RECEIVED"  # laporan diterima, kajian awal
    COMPLETION_REQUESTED = "COMPLETION_REQUESTED"  # perbaikan: the reporter may complete it
    FOR_ANOTHER_OFFICE = "FOR_ANOTHER_OFFICE"  # untuk dilimpahkan
    READY = "READY"  # memenuhi syarat
    NOT_FIT = "NOT_FIT"  # tidak memenuhi syarat
    INFORMATION_RECEIVED = "INFORMATION_RECEIVED"  # informasi awal
    TRACING = "TRACING"  # penelusuran
    SUPERVISED = "SUPERVISED"  # hasil pengawasan (Formulir Model A)
    FOUND = "FOUND"  # temuan
    REGISTERED = "REGISTERED"  # diregistrasi: clarifications and study
    CONCLUDED = "CONCLUDED"  # kajian selesai; end, its matters go on
    NOT_REGISTERED = "NOT_REGISTERED"  # tidak diregistrasi; end
    CLOSED = "CLOSED"  # informasi awal or a supervision act without a finding; end


@dataclass(frozen=True)
class Intake:
    """A report, a finding or first information, without personal data. Instants are UTC, dates legal dates of the desk.

    `reporter` is the pseudonym under which the reporter's identity (pelapor) is kept; it never leaves the desk. `office` is
    who handles it now, by level and Bawaslu's own area code. `missing` are the requirements that are not met.
    """

    party: str
    id: str
    case_id: str
    state: State
    created: datetime
    updated: datetime
    origin: str = ""  # REPORT, FINDING; empty while it is first information
    election: str = ""
    office: str = ""
    number: str = ""
    information_number: str = ""
    information_source: str = ""
    informant: str = ""
    reporter: str = ""
    region: str = ""
    event_date: date | None = None
    known_date: date | None = None
    received_date: date | None = None
    tracing_number: str = ""
    tracing_date: date | None = None
    category: str = ""
    missing: tuple[str, ...] = ()
    assessed_date: date | None = None
    assessment_digest: str = ""
    notice_number: str = ""
    notice_date: date | None = None
    completed_date: date | None = None
    reason: str = ""
    delegation_number: str = ""
    delegation_date: date | None = None
    former_offices: tuple[str, ...] = ()
    registration_number: str = ""
    registered_date: date | None = None
    matters: tuple[str, ...] = ()
    clarifications: tuple[Clarification, ...] = ()
    study_number: str = ""
    study_date: date | None = None
    study_digest: str = ""
    routes: tuple[str, ...] = ()
    extension_number: str = ""
    extension_date: date | None = None
    statement: str = ""  # by which an authority's own team informed
    informant_number: str = ""
    informant_date: date | None = None
    suspected_act: str = ""
    channel: str = ""
    seen_date: date | None = None
    evidence_digests: tuple[str, ...] = ()
    form_number: str = ""  # of the Form A
    supervised_date: date | None = None
    form_digest: str = ""
    subjects: tuple[str, ...] = ()
    plenary_number: str = ""  # of the minutes of the last plenary
    plenary_date: date | None = None
    plenary_digest: str = ""
    plenary_decisions: tuple[str, ...] = ()


S = State
ASSESSED = {
    "REGISTER": S.READY,
    "COMPLETE": S.COMPLETION_REQUESTED,
    "DELEGATE": S.FOR_ANOTHER_OFFICE,
    "DO_NOT_REGISTER": S.NOT_FIT,
}


def blank(party: str, id: str, case_id: str, now: datetime) -> Intake:
    """An intake before anything happened to it."""
    return Intake(party, id, case_id, State.NEW, now, now)


def apply(subject: Intake, event: Event) -> Intake:
    """The intake after an event."""
    match event:
        case ReportReceived():
            return _report_received(subject, event)
        case InformationReceived():
            return _information_received(subject, event)
        case SupervisionRecorded():
            return replace(
                subject,
                state=S.SUPERVISED,
                form_number=event.number,
                election=event.election,
                office=event.office,
                region=event.region,
                received_date=event.supervised_date,
                supervised_date=event.supervised_date,
                subjects=event.subjects,
                form_digest=event.form_digest,
            )
        case FindingRecorded():
            return replace(
                subject,
                state=S.FOUND,
                form_number=event.form_number,
                origin="FINDING",
                number=event.number,
                election=event.election,
                office=event.office,
                region=event.region,
                event_date=event.event_date,
                known_date=event.known_date,
                received_date=event.found_date,
            )
        case TracingStarted():
            return replace(
                subject,
                state=S.TRACING,
                tracing_number=event.letter_number,
                tracing_date=event.letter_date,
            )
        case InformationClosed():
            return replace(subject, state=S.CLOSED, reason=event.reason)
        case ReportAssessed():
            return replace(
                subject,
                state=ASSESSED[event.category],
                category=event.category,
                missing=event.missing,
                assessed_date=event.assessed_date,
                assessment_digest=event.assessment_digest,
                notice_number=event.notice_number,
                notice_date=event.notice_date,
            )
        case ReportCompleted():
            left = tuple(code for code in subject.missing if code not in event.completed)
            return replace(subject, state=S.RECEIVED, missing=left, completed_date=event.completed_date)
        case IntakePlenaryHeld():
            return replace(
                subject,
                plenary_number=event.minutes_number,
                plenary_date=event.plenary_date,
                plenary_digest=event.minutes_digest,
                plenary_decisions=event.decisions,
            )
        case IntakeDelegated():
            return replace(
                subject,
                state=S.RECEIVED if subject.state == S.FOR_ANOTHER_OFFICE else subject.state,
                office=event.office,
                former_offices=(*subject.former_offices, event.former_office),
                delegation_number=event.letter_number,
                delegation_date=event.letter_date,
            )
        case IntakeRegistered():
            return replace(
                subject,
                state=S.REGISTERED,
                registration_number=event.registration_number,
                registered_date=event.registered_date,
                matters=event.matters,
            )
        case RegistrationDeclined():
            return replace(
                subject,
                state=S.NOT_REGISTERED,
                reason=event.reason,
                notice_number=event.notice_number,
                notice_date=event.notice_date,
            )
        case ClarificationInvited():
            invited = Clarification(
                event.invitation_number, event.invitation_date, event.session_date, event.whom, event.matter
            )
            return replace(subject, clarifications=(*subject.clarifications, invited))
        case ClarificationRecorded():
            return replace(
                subject,
                clarifications=tuple(_with_outcome(each, event) for each in subject.clarifications),
            )
        case StudyExtended():
            return replace(subject, extension_number=event.letter_number, extension_date=event.letter_date)
        case IntakeConcluded():
            return replace(
                subject,
                state=S.CONCLUDED,
                study_number=event.study_number,
                study_date=event.study_date,
                study_digest=event.study_digest,
                routes=event.routes,
            )


def _report_received(subject: Intake, event: ReportReceived) -> Intake:
    return replace(
        subject,
        state=S.RECEIVED,
        origin="REPORT",
        number=event.number,
        election=event.election,
        office=event.office,
        reporter=event.reporter,
        region=event.region,
        event_date=event.event_date,
        known_date=event.known_date,
        received_date=event.received_date,
    )


def _information_received(subject: Intake, event: InformationReceived) -> Intake:
    return replace(
        subject,
        state=S.INFORMATION_RECEIVED,
        information_number=event.number,
        election=event.election,
        office=event.office,
        information_source=event.source,
        informant=event.authority,
        reporter=event.reporter,
        region=event.region,
        received_date=event.received_date,
        statement=event.statement,
        informant_number=event.informant_number,
        informant_date=event.informant_date,
        suspected_act=event.suspected_act,
        channel=event.channel,
        seen_date=event.seen_date,
        evidence_digests=event.evidence_digests,
    )


def _with_outcome(clarification: Clarification, event: ClarificationRecorded) -> Clarification:
    if clarification.invitation_number != event.invitation_number:
        return clarification
    return replace(
        clarification,
        outcome=event.outcome,
        held_date=event.held_date,
        minutes_digest=event.minutes_digest,
    )
