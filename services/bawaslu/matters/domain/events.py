"""Events of a matter: the supervisor's own, and those that the examiner tells it."""

from dataclasses import dataclass
from datetime import date

# --- what happened here ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Registered:
    """A report or finding was registered; `informant`, `information` and `place` if first information led to it.

    `office` is the office of Bawaslu that its number names.
    """

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
    office: str = ""


@dataclass(frozen=True)
class StudyConcluded:
    """The study has its conclusion."""

    study_number: str
    study_date: date
    conclusion: str
    suspected_acts: tuple[str, ...]
    study_digest: str
    plenary_number: str = ""


@dataclass(frozen=True)
class PlenaryHeld:
    """A plenary decided on the matter."""

    minutes_number: str
    plenary_date: date | None
    minutes_digest: str
    decisions: tuple[str, ...]


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
    office: str = ""
    plenary_number: str = ""


@dataclass(frozen=True)
class Completed:
    """The referral was completed."""

    letter_number: str
    letter_date: date
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]
    post_category: str = ""


@dataclass(frozen=True)
class OffenceForwarded:
    """An election offence was forwarded to the police, who received it on `received_date` under their own number."""

    letter_number: str
    letter_date: date | None
    police_number: str
    received_date: date | None
    offences: tuple[str, ...]
    minutes_digest: str
    due_date: date | None
    due_rule: str
    due_calendar: str


@dataclass(frozen=True)
class OffenceProgressed:
    """Police, prosecutor or court did a step; the limit that runs from it, if one does."""

    step: str
    document_number: str
    step_date: date | None
    due_date: date | None
    due_rule: str
    due_calendar: str


# --- what the examiner says --------------------------------------------------------------------------------


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
class DecreeAnnulled:
    """Our copy: BKN annulled the authority's decree (dibatalkan), and another one is awaited. The date is None only if left out."""

    act_number: str
    act_date: date | None
    due_date: date | None = None


@dataclass(frozen=True)
class TookOver:
    """The next examiner has the matter (SE MenPANRB 4/2024): the supervisor turns to it."""

    predecessor: str
    successor: str


Event = (
    Registered
    | StudyConcluded
    | PlenaryHeld
    | Referred
    | Completed
    | OffenceForwarded
    | OffenceProgressed
    | Accepted
    | Returned
    | CompletionRequested
    | NotProven
    | Recommended
    | Corrected
    | DueDateMoved
    | Withdrawn
    | Verified
    | DecreeAnnulled
    | TookOver
)
