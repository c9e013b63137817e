"""Events of an intake. Codes and dates in the trail; it stays at Bawaslu, but for the answers to an authority's team."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ReportReceived:
    """A report came in; `reporter` is a pseudonym, empty if the reporter's identity was not given."""

    number: str
    election: str
    office: str
    reporter: str
    region: str
    event_date: date
    known_date: date
    received_date: date


@dataclass(frozen=True)
class InformationReceived:
    """First information came in; `reporter` is the pseudonym of a person who gave it."""

    number: str
    election: str
    office: str
    source: str
    authority: str
    reporter: str
    region: str
    received_date: date
    statement: str = ""  # from here on: what the statement of an authority's own team says
    informant_number: str = ""
    informant_date: date | None = None
    suspected_act: str = ""
    channel: str = ""
    seen_date: date | None = None
    evidence_digests: tuple[str, ...] = ()


@dataclass(frozen=True)
class SupervisionRecorded:
    """A supervision act was recorded by its Form A."""

    number: str
    election: str
    office: str
    region: str
    supervised_date: date
    subjects: tuple[str, ...]
    form_digest: str


@dataclass(frozen=True)
class FindingRecorded:
    """A finding was set; `form_number` is the Form A that it rests on, empty if none is named."""

    number: str
    election: str
    office: str
    region: str
    event_date: date
    known_date: date
    found_date: date
    form_number: str = ""


@dataclass(frozen=True)
class TracingStarted:
    """First information is traced."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class InformationClosed:
    """First information led to no finding."""

    reason: str
    closed_date: date


@dataclass(frozen=True)
class ReportAssessed:
    """The preliminary study has its category."""

    category: str
    missing: tuple[str, ...]
    assessed_date: date
    assessment_digest: str
    notice_number: str
    notice_date: date | None


@dataclass(frozen=True)
class ReportCompleted:
    """The reporter completed the report."""

    completed: tuple[str, ...]
    completed_date: date
    evidence_digests: tuple[str, ...]


@dataclass(frozen=True)
class IntakePlenaryHeld:
    """A plenary decided on the intake."""

    minutes_number: str
    plenary_date: date
    minutes_digest: str
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class IntakeDelegated:
    """Another office has it now."""

    letter_number: str
    letter_date: date
    former_office: str
    office: str


@dataclass(frozen=True)
class IntakeRegistered:
    """Registered; a matter for each reported person."""

    registration_number: str
    registered_date: date
    matters: tuple[str, ...]


@dataclass(frozen=True)
class RegistrationDeclined:
    """Not registered."""

    reason: str
    notice_number: str
    notice_date: date


@dataclass(frozen=True)
class ClarificationInvited:
    """Somebody was invited."""

    invitation_number: str
    invitation_date: date
    session_date: date
    whom: str
    matter: str


@dataclass(frozen=True)
class ClarificationRecorded:
    """A clarification was held, or nobody came."""

    invitation_number: str
    outcome: str
    held_date: date
    minutes_digest: str


@dataclass(frozen=True)
class StudyExtended:
    """The study takes the longer limit."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class IntakeConcluded:
    """The study of the whole has its conclusion."""

    study_number: str
    study_date: date
    study_digest: str
    routes: tuple[str, ...]
    plenary_number: str = ""


Event = (
    ReportReceived
    | InformationReceived
    | SupervisionRecorded
    | FindingRecorded
    | TracingStarted
    | InformationClosed
    | ReportAssessed
    | ReportCompleted
    | IntakePlenaryHeld
    | IntakeDelegated
    | IntakeRegistered
    | RegistrationDeclined
    | ClarificationInvited
    | ClarificationRecorded
    | StudyExtended
    | IntakeConcluded
)
