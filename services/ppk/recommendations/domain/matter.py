"""A matter at a personnel authority's desk, as it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from agreement.lengths import Code, Digest, Id, Length, Number, Party, Region, Word


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

    party: Party
    id: Id
    case_id: Id
    state: Annotated[State, Length(40)]
    created: datetime
    updated: datetime
    heard: Id = ""  # the last statement that took effect here
    examiner: Party = ""
    letter_number: Number = ""
    letter_date: date | None = None
    act: Code = ""
    family: Word = ""
    sanction_class: Code = ""
    due_date: date | None = None
    report_number: Number = ""
    region: Region = ""
    event_date: date | None = None
    employment: Word = ""
    register_number: Number = ""
    rejection_reason: Code = ""
    objection_number: Number = ""
    objection_date: date | None = None
    decree_number: Number = ""
    decree_date: date | None = None
    sanction: Code = ""
    follow_up_kind: Code = ""
    follow_up_number: Number = ""
    follow_up_date: date | None = None
    decree_digest: Digest = ""
    verification: Code = ""
    impossibility: Code = ""
    withdrawal_reason: Code = ""
    clarification_number: Number = ""
    clarification_date: date | None = None
    clarification_answer: Number = ""
    correction_number: Number = ""
    data_blocked: bool = False
    block_number: Number = ""
    block_date: date | None = None
    unblock_number: Number = ""
    unblock_date: date | None = None
    warning_number: Number = ""
    warning_date: date | None = None
    warning_due_date: date | None = None
    moved_to: Party = ""
    open_measures: tuple[str, ...] = ()
    reports_to: Party = ""  # beside the examiner, after the examiner's role passed on
    annulment_number: Number = ""  # the last act by which the data holder annulled a decree
    annulment_date: date | None = None


def blank(party: str, id: str, case_id: str, now: datetime) -> Matter:
    """A matter before anything happened to it."""
    return Matter(party, id, case_id, State.NEW, now, now)
