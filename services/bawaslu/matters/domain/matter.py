"""A matter at the supervisor's desk, as it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


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


def blank(party: str, id: str, case_id: str, now: datetime) -> Matter:
    """A matter before anything happened to it."""
    return Matter(party, id, case_id, State.NEW, now, now)
