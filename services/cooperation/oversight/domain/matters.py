"""A watched matter: the knowledge that an overseer has of a follow-up from its copies (tembusan), its commands and events.

BKN blocks and unblocks personnel data (Perpres 116/2022 art. 20(4), Peraturan BKN 1/2023) and annuls decrees (art. 19(2) e),
Kemendagri warns the heads of region (PP 12/2017), KemenPANRB central authorities, governors and other ministries receive.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class State(StrEnum):
    """State of a watched matter, as far as the copies say."""

    NEW = "NEW"
    RECEIVED = "RECEIVED"  # tembusan masuk, not yet opened by an officer
    OPENED = "OPENED"  # dibuka, dipantau
    WITHDRAWN = "WITHDRAWN"  # rekomendasi dicabut
    COMPLETED = "COMPLETED"  # selesai: sesuai; end
    CANNOT_BE_FOLLOWED_UP = "CANNOT_BE_FOLLOWED_UP"  # tidak dapat ditindaklanjuti; end


@dataclass(frozen=True)
class Watched:
    """One person in one case (perkara) at an overseer's desk, without personal data. Instants are UTC."""

    party: str
    id: str
    case_id: str
    state: State
    created: datetime
    updated: datetime
    heard: str = ""  # the last statement that took effect here
    original: str = ""  # the statement whose copy told of the recommendation
    examiner: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    addressee: str = ""
    act: str = ""
    family: str = ""
    sanction_class: str = ""
    due_date: date | None = None
    report_number: str = ""
    region: str = ""
    verification: str = ""
    verified_date: date | None = None
    impossibility: str = ""
    withdrawal_reason: str = ""
    data_blocked: bool = False
    block_number: str = ""
    block_date: date | None = None
    block_office: str = ""
    block_reason: str = ""
    unblock_number: str = ""
    unblock_date: date | None = None
    unblock_reason: str = ""
    warning_number: str = ""
    warning_date: date | None = None
    warning_due_date: date | None = None
    decree_number: str = ""  # the decree that was verified, as the examiner says
    annulment_number: str = ""
    annulment_date: date | None = None


# --- commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenCopy:
    """Open the copy that arrived, as an officer."""


@dataclass(frozen=True)
class BlockData:
    """Block the person's data and services at the data holder (pemblokiran)."""

    act_number: str
    act_date: date
    office: str
    reason: str


@dataclass(frozen=True)
class UnblockData:
    """Lift the block (pembukaan blokir)."""

    act_number: str
    act_date: date
    office: str
    reason: str


@dataclass(frozen=True)
class AnnulDecree:
    """Annul a decree of the addressee (pembatalan keputusan); `due_date`: until when another one is to be made, if the act says so."""

    act_number: str
    act_date: date
    decree_number: str
    reason: str
    due_date: date | None = None
    coordination_number: str = ""


@dataclass(frozen=True)
class WarnAuthority:
    """Warn the addressee that is overdue (teguran)."""

    letter_number: str
    letter_date: date


# --- events: what happened here, and what others say -------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """The copy was opened by an officer."""


@dataclass(frozen=True)
class Blocked:
    """The person's data are blocked."""

    act_number: str
    act_date: date
    office: str
    reason: str
    recommendation: str


@dataclass(frozen=True)
class Unblocked:
    """The person's data are open again."""

    act_number: str
    act_date: date
    office: str
    reason: str
    recommendation: str
    block_number: str


@dataclass(frozen=True)
class DecreeAnnulled:
    """A decree of the addressee is annulled; by this desk, or by another as a copy says. The act's date is None only if left out."""

    act_number: str
    act_date: date | None
    reason: str
    recommendation: str
    decree_number: str
    due_date: date | None = None
    coordination_number: str = ""


@dataclass(frozen=True)
class Warned:
    """The addressee was warned; by this desk, or by another as a copy says. Dates are None only if left out."""

    letter_number: str
    letter_date: date | None
    comply_by: date | None
    recommendation: str
    addressee: str


@dataclass(frozen=True)
class Recommended:
    """Copy of a recommendation (rekomendasi)."""

    letter_number: str
    letter_date: date | None
    addressee: str
    act: str
    family: str
    sanction_class: str
    due_date: date | None
    report_number: str
    region: str


@dataclass(frozen=True)
class Corrected:
    """Copy of a correction (ralat) of the recommendation that `corrects` names. The date is None only if left out."""

    letter_number: str
    corrects: str
    act: str
    family: str
    sanction_class: str
    due_date: date | None


@dataclass(frozen=True)
class DueDateMoved:
    """Copy: an amended decree on days off moved the due date. The date is None only if left out; then it is refused."""

    letter_number: str
    due_date: date | None


@dataclass(frozen=True)
class Withdrawn:
    """Copy of a withdrawal (pencabutan)."""

    letter_number: str
    reason: str


@dataclass(frozen=True)
class Verified:
    """Copy of a verification."""

    status: str
    reason: str
    verified_date: date | None
    decree_number: str = ""


@dataclass(frozen=True)
class TookOver:
    """Copy of what the next examiner says when a matter passed to it (pengambilalihan)."""

    predecessor: str
    successor: str


Command = OpenCopy | BlockData | UnblockData | AnnulDecree | WarnAuthority
OwnEvent = Opened | Blocked | Unblocked | DecreeAnnulled | Warned
HeardEvent = (
    Recommended | Corrected | DueDateMoved | Withdrawn | Verified | DecreeAnnulled | Warned | TookOver
)
Event = OwnEvent | HeardEvent
