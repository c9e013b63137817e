"""Commands of an officer of Bawaslu before there is a matter. Dates are legal dates of the desk, digests lower-case hex."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ReceiveReport:
    """Take in a report (laporan, form B.1) under its LP number."""

    number: str
    region: str
    event_date: date
    known_date: date
    received_date: date


@dataclass(frozen=True)
class ReceiveInformation:
    """Take in first information (informasi awal) under its number in the register (nomor agenda)."""

    number: str
    election: str
    office: str
    source: str
    authority: str
    region: str
    received_date: date


@dataclass(frozen=True)
class RecordSupervision:
    """Record a supervision act under the number of its Form A (laporan hasil pengawasan, LHP)."""

    number: str
    election: str
    office: str
    region: str
    supervised_date: date
    subjects: tuple[str, ...]
    form_digest: str


@dataclass(frozen=True)
class RecordFinding:
    """Set a finding (temuan) of the office's own supervision under its TM number."""

    number: str
    region: str
    event_date: date
    known_date: date
    found_date: date
    form_number: str = ""


@dataclass(frozen=True)
class StartTracing:
    """Trace first information (penelusuran)."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class EstablishFinding:
    """Make a finding of what was traced, or of a recorded supervision act."""

    number: str
    event_date: date
    known_date: date
    found_date: date


@dataclass(frozen=True)
class CloseInformation:
    """Close first information, or a supervision act, without a finding."""

    reason: str
    closed_date: date


@dataclass(frozen=True)
class AssessReport:
    """Enter the preliminary study (kajian awal) and its category; `missing` are the requirements that are not met."""

    category: str
    missing: tuple[str, ...]
    assessed_date: date
    assessment_digest: str
    notice_number: str
    notice_date: date | None


@dataclass(frozen=True)
class CompleteReport:
    """The reporter completed the report (melengkapi)."""

    completed: tuple[str, ...]
    completed_date: date
    evidence_digests: tuple[str, ...]


@dataclass(frozen=True)
class RecordIntakePlenary:
    """Record a plenary (rapat pleno) on the intake by its minutes (berita acara)."""

    minutes_number: str
    plenary_date: date
    minutes_digest: str
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class DelegateIntake:
    """Hand over to another office (pelimpahan)."""

    letter_number: str
    letter_date: date
    office: str


@dataclass(frozen=True)
class RegisterIntake:
    """Register under a number with Reg."""

    registration_number: str
    registered_date: date


@dataclass(frozen=True)
class DeclineRegistration:
    """Do not register (tidak diregistrasi), and notify the reporter of the status."""

    reason: str
    notice_number: str
    notice_date: date


@dataclass(frozen=True)
class InviteToClarification:
    """Invite to a clarification (klarifikasi)."""

    invitation_number: str
    invitation_date: date
    session_date: date
    whom: str
    matter: str


@dataclass(frozen=True)
class RecordClarification:
    """Enter what came of an invitation."""

    invitation_number: str
    outcome: str
    held_date: date
    minutes_digest: str


@dataclass(frozen=True)
class MatterConclusion:
    """Conclusion of the study on one reported person; no act: not a violation of other law."""

    matter: str
    suspected_acts: tuple[str, ...]


@dataclass(frozen=True)
class ExtendStudy:
    """Take the longer limit, for more information (keterangan tambahan)."""

    letter_number: str
    letter_date: date


@dataclass(frozen=True)
class ConcludeIntake:
    """Enter the study (kajian) of the whole report or finding."""

    study_number: str
    study_date: date
    study_digest: str
    routes: tuple[str, ...]
    conclusions: tuple[MatterConclusion, ...]
    plenary_number: str = ""


Command = (
    ReceiveReport
    | ReceiveInformation
    | RecordSupervision
    | RecordFinding
    | StartTracing
    | EstablishFinding
    | CloseInformation
    | AssessReport
    | CompleteReport
    | RecordIntakePlenary
    | DelegateIntake
    | RegisterIntake
    | DeclineRegistration
    | InviteToClarification
    | RecordClarification
    | ExtendStudy
    | ConcludeIntake
)
