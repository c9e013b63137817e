"""Commands of an authority's officers on a recommendation. Dates are legal dates at the authority, digests lower-case hex."""

from dataclasses import dataclass
from datetime import date


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
    """Impose a sanction by decree (keputusan), with what the authority's own rule adds to it."""

    decree_number: str
    decree_date: date
    sanction: str
    measure: str = ""
    measure_basis: str = ""
    measure_amount: str = ""
    measure_months: int = 0
    decided_by: str = ""
    council_number: str = ""
    council_date: date | None = None


@dataclass(frozen=True)
class ReportFollowUp:
    """Report what was done (laporan tindak lanjut)."""

    kind: str
    letter_number: str
    letter_date: date
    decree_digest: str
    reason: str
    open_measures: tuple[str, ...] = ()


Command = (
    AnswerClarification
    | OpenRecommendation
    | AcknowledgeRecommendation
    | RejectRecommendation
    | ObjectToRecommendation
    | ImposeSanction
    | ReportFollowUp
)
