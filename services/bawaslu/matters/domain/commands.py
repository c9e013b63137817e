"""Commands of the supervisor's officers on a matter. Dates are legal dates, digests lower-case hex."""

from dataclasses import dataclass
from datetime import date


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
    plenary_number: str = ""


@dataclass(frozen=True)
class ReferMatter:
    """Refer to the examiner (penerusan)."""

    letter_number: str
    letter_date: date
    evidence_digests: tuple[str, ...]
    post_category: str = ""
    plenary_number: str = ""


@dataclass(frozen=True)
class RecordPlenary:
    """Record a plenary (rapat pleno) on the matter by its minutes (berita acara)."""

    minutes_number: str
    plenary_date: date
    minutes_digest: str
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class CompleteReferral:
    """Complete a referral as the examiner asked (kelengkapan)."""

    letter_number: str
    letter_date: date
    study_number: str
    study_digest: str
    evidence_digests: tuple[str, ...]
    post_category: str = ""


@dataclass(frozen=True)
class ForwardOffence:
    """Forward an election offence to the police through Sentra Gakkumdu (penerusan dugaan tindak pidana)."""

    letter_number: str
    letter_date: date
    police_number: str
    received_date: date
    offences: tuple[str, ...]
    minutes_digest: str


@dataclass(frozen=True)
class RecordOffenceStep:
    """Enter what police, prosecutor or court did with the offence."""

    step: str
    document_number: str
    step_date: date


Command = (
    RegisterMatter
    | ConcludeStudy
    | RecordPlenary
    | ReferMatter
    | CompleteReferral
    | ForwardOffence
    | RecordOffenceStep
)
