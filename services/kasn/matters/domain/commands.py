"""Commands of the examiner's officers on a matter. Dates are legal dates, digests lower-case hex."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class AcceptReferral:
    """Accept a referral and examine it."""

    register_number: str


@dataclass(frozen=True)
class ReturnReferral:
    """Return a referral (dikembalikan)."""

    reason: str


@dataclass(frozen=True)
class AssignMatter:
    """Assign a matter to an office of the examiner (penugasan kantor regional)."""

    office: str


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


Command = (
    AcceptReferral
    | ReturnReferral
    | AssignMatter
    | DecideNotProven
    | Recommend
    | AnswerObjection
    | VerifyFollowUp
    | RequestCompletion
    | RequestClarification
    | RecordClarification
    | DeclareConflict
    | CorrectRecommendation
    | WithdrawRecommendation
)
