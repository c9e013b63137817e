"""Commands and events of an examiner beside deciding: completion, clarification, conflict, correction, withdrawal.

Words only: `examination` has their rules, `matters` what they make of a matter.
"""

from dataclasses import dataclass
from datetime import date

# --- commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RequestCompletion:
    """Ask the supervisor to complete a referral (permintaan kelengkapan)."""

    letter_number: str
    letter_date: date
    missing: tuple[str, ...]


@dataclass(frozen=True)
class RequestClarification:
    """Ask a personnel authority for clarification (klarifikasi)."""

    letter_number: str
    letter_date: date
    addressee: str


@dataclass(frozen=True)
class RecordClarification:
    """Record a clarification with the person: held with minutes (berita acara), or not attended."""

    held_date: date
    attendance: str
    minutes_digest: str


@dataclass(frozen=True)
class DeclareConflict:
    """Declare that a personnel authority cannot decide (benturan kepentingan)."""

    institution: str
    ground: str


@dataclass(frozen=True)
class CorrectRecommendation:
    """Correct a recommendation (ralat): what is right, whether it changes or not."""

    letter_number: str
    letter_date: date
    act: str
    family: str
    sanction_class: str
    due_date: date


@dataclass(frozen=True)
class WithdrawRecommendation:
    """Withdraw a recommendation for a listed reason (pencabutan)."""

    letter_number: str
    letter_date: date
    reason: str


# --- events: what happened here ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CompletionRequested:
    """The supervisor is asked for what is missing."""

    letter_number: str
    letter_date: date
    missing: tuple[str, ...]


@dataclass(frozen=True)
class ClarificationRequested:
    """A personnel authority is asked."""

    letter_number: str
    letter_date: date
    addressee: str
    report_number: str
    region: str


@dataclass(frozen=True)
class ClarificationHeld:
    """The person was heard, or did not come."""

    held_date: date
    attendance: str
    minutes_digest: str


@dataclass(frozen=True)
class ConflictDeclared:
    """A personnel authority cannot decide."""

    institution: str
    ground: str


@dataclass(frozen=True)
class Corrected:
    """The recommendation was corrected; it keeps its number."""

    letter_number: str
    letter_date: date
    corrects: str
    act: str
    family: str
    sanction_class: str
    due_date: date


@dataclass(frozen=True)
class Withdrawn:
    """A recommendation no longer stands; without a letter of its own if it is addressed to another."""

    letter_number: str
    addressee: str
    reason: str
    withdrawal_number: str = ""
    withdrawal_date: date | None = None


# --- events: what supervisor and authority answer ------------------------------------------------------------------


@dataclass(frozen=True)
class Completed:
    """The supervisor completed the referral."""

    letter_number: str
    letter_date: date | None
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]


@dataclass(frozen=True)
class Clarified:
    """The authority that was asked has answered."""

    letter_number: str
    letter_date: date | None


Command = (
    RequestCompletion
    | RequestClarification
    | RecordClarification
    | DeclareConflict
    | CorrectRecommendation
    | WithdrawRecommendation
)
OwnEvent = (
    CompletionRequested
    | ClarificationRequested
    | ClarificationHeld
    | ConflictDeclared
    | Corrected
    | Withdrawn
)
