"""A matter at the examiner's desk, as it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class State(StrEnum):
    """State of a matter at this desk."""

    NEW = "NEW"
    REFERRED = "REFERRED"  # diterima dari pengawas
    INCOMPLETE = "INCOMPLETE"  # menunggu kelengkapan
    EXAMINING = "EXAMINING"  # diperiksa
    RETURNED = "RETURNED"  # dikembalikan
    NOT_PROVEN = "NOT_PROVEN"  # tidak terbukti; end
    RECOMMENDED = "RECOMMENDED"  # direkomendasikan
    OPENED = "OPENED"  # dibuka oleh PPK
    ACKNOWLEDGED = "ACKNOWLEDGED"  # diterima PPK
    REJECTED = "REJECTED"  # salah alamat
    CONFLICTED = "CONFLICTED"  # benturan kepentingan: to be addressed to the superior
    OBJECTED = "OBJECTED"  # disanggah
    DECIDED = "DECIDED"  # disanksi
    FOLLOWED_UP = "FOLLOWED_UP"  # dilaporkan
    WITHDRAWN = "WITHDRAWN"  # dicabut; end
    COMPLETED = "COMPLETED"  # selesai: sesuai; end
    CANNOT_BE_FOLLOWED_UP = "CANNOT_BE_FOLLOWED_UP"  # tidak dapat ditindaklanjuti; end
    TRANSFERRED = "TRANSFERRED"  # dialihkan: passed to the next examiner, which has not said that it has it
    HANDED_OVER = "HANDED_OVER"  # diserahterimakan: the next examiner has it; end here


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
    supervisor: str = ""
    report_number: str = ""
    referral_number: str = ""
    referral_date: date | None = None
    region: str = ""
    event_date: date | None = None
    employer: str = ""
    employment: str = ""
    study_number: str = ""
    study_digest: str = ""
    evidence_digests: tuple[str, ...] = ()
    suspected_acts: tuple[str, ...] = ()
    register_number: str = ""
    decision_number: str = ""
    decision_date: date | None = None
    return_reason: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    addressee: str = ""
    former_addressees: tuple[str, ...] = ()
    act: str = ""
    family: str = ""
    sanction_class: str = ""
    due_date: date | None = None
    due_rule: str = ""
    rejection_reason: str = ""
    objection_number: str = ""
    decree_number: str = ""
    decree_date: date | None = None
    sanction: str = ""
    follow_up_number: str = ""
    follow_up_date: date | None = None
    verification: str = ""
    impossibility: str = ""
    missing: tuple[str, ...] = ()
    completion_number: str = ""
    clarification_number: str = ""
    clarification_date: date | None = None
    clarification_addressee: str = ""
    clarification_answer: str = ""
    held_date: date | None = None
    attendance: str = ""
    minutes_digest: str = ""
    conflicted: str = ""
    conflict_ground: str = ""
    reason_codes: tuple[str, ...] = ()
    correction_number: str = ""
    objection_date: date | None = None
    withdrawal_reason: str = ""
    data_blocked: bool = False
    block_number: str = ""
    block_date: date | None = None
    unblock_number: str = ""
    unblock_date: date | None = None
    warning_number: str = ""
    warning_date: date | None = None
    warning_due_date: date | None = None
    moved_to: str = ""
    last_step: str = ""  # of the addressee's discipline procedure
    last_step_date: date | None = None
    appeal: str = ""
    appeal_date: date | None = None
    follow_up_kind: str = ""
    open_measures: tuple[str, ...] = ()
    due_calendar: str = ""  # the version of the calendar on which the rule was counted
    pauses: tuple[str, ...] = ()  # `since/until`: days for which an objection stopped the clock
    successor: str = ""
    predecessor: str = ""
    passed_in: str = ""
    succession_rule: str = ""
    handover_number: str = ""
    handover_date: date | None = None
    reports_to: str = ""
    # After a succession: which field was last changed by which statement of others, as `field id`; see `overtaken`.
    said_last: tuple[str, ...] = ()


def blank(party: str, id: str, case_id: str, now: datetime) -> Matter:
    """A matter before anything happened to it."""
    return Matter(party, id, case_id, State.NEW, now, now)
