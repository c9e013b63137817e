"""A matter at the supervisor's desk, as it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from agreement.lengths import Code, Digest, Id, Length, Number, Party, Region, Word


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

    party: Party
    id: Id
    case_id: Id
    state: Annotated[State, Length(40)]
    created: datetime
    updated: datetime
    heard: Id = ""  # the last statement that took effect here
    origin: Word = ""
    number: Number = ""
    region: Region = ""
    event_date: date | None = None
    known_date: date | None = None
    employer: Party = ""
    employment: Annotated[str, Length(10)] = ""
    study_number: Number = ""
    study_date: date | None = None
    conclusion: Code = ""
    suspected_acts: tuple[str, ...] = ()
    study_digest: Digest = ""
    referral_number: Number = ""
    referral_date: date | None = None
    examiner: Party = ""
    return_reason: Code = ""
    recommendation_number: Number = ""
    addressee: Party = ""
    act: Code = ""
    family: Word = ""
    sanction_class: Code = ""
    due_date: date | None = None
    verification: Code = ""
    impossibility: Code = ""
    missing: tuple[str, ...] = ()
    completion_number: Number = ""
    informant: Code = ""  # the authority whose team saw it first
    information: Id = ""  # its first information, which is the intake too
    place: int = 0  # among the persons of the intake, from 1
    annulment_number: Number = ""  # the last act by which BKN annulled the authority's decree
    annulment_date: date | None = None
    plenary_number: Number = ""  # of the minutes of the last plenary
    plenary_date: date | None = None
    plenary_digest: Digest = ""
    plenary_decisions: tuple[str, ...] = ()
    # The criminal track (Sentra Gakkumdu) beside discipline: the last offence that was forwarded, and its last step.
    offence_number: Number = ""
    offence_date: date | None = None
    offence_received_date: date | None = None
    offence_police_number: Number = ""
    offences: tuple[str, ...] = ()
    offence_minutes_digest: Digest = ""
    offence_step: Word = ""
    offence_step_number: Number = ""
    offence_step_date: date | None = None
    offence_due_date: date | None = None
    offence_due_rule: Code = ""
    offence_due_calendar: Number = ""
    office: Word = ""  # of Bawaslu, as the number names it


def blank(party: str, id: str, case_id: str, now: datetime) -> Matter:
    """A matter before anything happened to it."""
    return Matter(party, id, case_id, State.NEW, now, now)
