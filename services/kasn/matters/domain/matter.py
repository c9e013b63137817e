"""A matter at the examiner's desk, as it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from agreement.lengths import Code, Digest, Id, Length, Number, Party, Region, Word


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

    party: Party
    id: Id
    case_id: Id
    state: Annotated[State, Length(40)]
    created: datetime
    updated: datetime
    heard: Id = ""  # the last statement that took effect here
    supervisor: Party = ""
    report_number: Number = ""
    referral_number: Number = ""
    referral_date: date | None = None
    region: Region = ""
    event_date: date | None = None
    employer: Party = ""
    employment: Annotated[str, Length(10)] = ""
    study_number: Number = ""
    study_digest: Digest = ""
    evidence_digests: tuple[str, ...] = ()
    suspected_acts: tuple[str, ...] = ()
    register_number: Number = ""
    decision_number: Number = ""
    decision_date: date | None = None
    return_reason: Code = ""
    letter_number: Number = ""
    letter_date: date | None = None
    addressee: Party = ""
    former_addressees: tuple[str, ...] = ()
    act: Code = ""
    family: Word = ""
    sanction_class: Code = ""
    due_date: date | None = None
    due_rule: Code = ""
    rejection_reason: Code = ""
    objection_number: Number = ""
    decree_number: Number = ""
    decree_date: date | None = None
    sanction: Code = ""
    follow_up_number: Number = ""
    follow_up_date: date | None = None
    verification: Code = ""
    impossibility: Code = ""
    missing: tuple[str, ...] = ()
    completion_number: Number = ""
    clarification_number: Number = ""
    clarification_date: date | None = None
    clarification_addressee: Party = ""
    clarification_answer: Number = ""
    held_date: date | None = None
    attendance: Code = ""
    minutes_digest: Digest = ""
    conflicted: Party = ""
    conflict_ground: Code = ""
    reason_codes: tuple[str, ...] = ()
    correction_number: Number = ""
    objection_date: date | None = None
    withdrawal_reason: Code = ""
    data_blocked: bool = False
    block_number: Number = ""
    block_date: date | None = None
    unblock_number: Number = ""
    unblock_date: date | None = None
    warning_number: Number = ""
    warning_date: date | None = None
    warning_due_date: date | None = None
    moved_to: Party = ""
    last_step: Word = ""  # of the addressee's discipline procedure
    last_step_date: date | None = None
    appeal: Word = ""
    appeal_date: date | None = None
    follow_up_kind: Code = ""
    open_measures: tuple[str, ...] = ()
    due_calendar: Number = ""  # the version of the calendar on which the rule was counted
    pauses: tuple[str, ...] = ()  # `since/until`: days for which an objection stopped the clock
    successor: Party = ""
    predecessor: Party = ""
    passed_in: Code = ""
    succession_rule: Code = ""
    handover_number: Number = ""
    handover_date: date | None = None
    reports_to: Party = ""
    # The criminal track (Sentra Gakkumdu) beside discipline, as the supervisor tells it.
    offence_number: Number = ""
    offence_date: date | None = None
    offences: tuple[str, ...] = ()
    offence_step: Word = ""
    offence_step_date: date | None = None
    offence_due_date: date | None = None
    office: Word = ""  # of the examiner, to which it was assigned
    supervisor_office: Word = ""
    # After a succession: which field was last changed by which statement of others, as `field id`; see `overtaken`.
    said_last: tuple[str, ...] = ()
    annulment_number: Number = ""  # the last act by which the data holder annulled the addressee's decree
    annulment_date: date | None = None


def blank(party: str, id: str, case_id: str, now: datetime) -> Matter:
    """A matter before anything happened to it."""
    return Matter(party, id, case_id, State.NEW, now, now)
