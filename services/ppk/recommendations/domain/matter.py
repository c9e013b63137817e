"""A matter at a personnel authority's desk, as it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class State(StrEnum):
    """State of a matter at this desk."""

    NEW = "NEW"
    CLARIFICATION_REQUESTED = "CLARIFICATION_REQUESTED"  # dimintai klarifikasi; nothing is recommended yet
    CLARIFIED = "CLARIFIED"  # sudah memberi klarifikasi
    RECEIVED = "RECEIVED"  # masuk, not yet opened by an officer
    OPENED = "OPENED"  # dibuka
    ACKNOWLEDGED = "ACKNOWLEDGED"  # diterima, proses disiplin
    REJECTED = "REJECTED"  # salah alamat; the examiner withdraws it
    OBJECTED = "OBJECTED"  # sanggahan
    DECIDED = "DECIDED"  # dijatuhi sanksi
    REPORTED = "REPORTED"  # dilaporkan
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
    examiner: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    act: str = ""
    family: str = ""
    sanction_class: str = ""
    due_date: date | None = None
    report_number: str = ""
    region: str = ""
    event_date: date | None = None
    employment: str = ""
    register_number: str = ""
    rejection_reason: str = ""
    objection_number: str = ""
    objection_date: date | None = None
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""
    follow_up_kind: str = ""
    follow_up_number: str = ""
    follow_up_date: date | None = None
    decree_digest: str = ""
    verification: str = ""
    impossibility: str = ""
    withdrawal_reason: str = ""
    clarification_number: str = ""
    clarification_date: date | None = None
    clarification_answer: str = ""
    correction_number: str = ""
    data_blocked: bool = False
    block_number: str = ""
    block_date: date | None = None
    unblock_number: str = ""
    unblock_date: date | None = None
    warning_number: str = ""
    warning_date: date | None = None
    warning_due_date: date | None = None
    moved_to: str = ""
    open_measures: tuple[str, ...] = ()
    reports_to: str = ""  # beside the examiner, after the examiner's role passed on


def blank(party: str, id: str, case_id: str, now: datetime) -> Matter:
    """A matter before anything happened to it."""
    return Matter(party, id, case_id, State.NEW, now, now)
