"""Table of notices of lateness."""

from datetime import date, datetime

from sqlmodel import Field

from exchange.context import EntityStore
from exchange.delivery import delivery_evidence, entity_store
from host.facts import FactKind
from ppk.lateness.domain import Notice
from ppk.registry import PpkTable, UsedNumber
from storage.types import Instant


class NoticeRow(PpkTable, table=True):
    """Row of the notices of lateness; the fields are those of `domain.Notice`."""

    __tablename__ = "notice"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    case_id: str = Field(max_length=36)
    updated: datetime = Field(sa_type=Instant)
    examiner: str = Field(default="", max_length=40)
    letter_number: str = Field(default="", max_length=60)
    due_date: date | None = None
    reminded_date: date | None = None
    silence: str = Field(default="", max_length=40)
    silence_date: date | None = None
    claim: str = Field(default="", max_length=36)
    refuted_by: str = Field(default="", max_length=64)
    escalation_number: str = Field(default="", max_length=60)
    authority: str = Field(default="", max_length=40)


NOTICES = FactKind("notice", Notice)
STORES: dict[str, EntityStore] = {
    NOTICES.word: entity_store.store(NoticeRow, Notice, UsedNumber, word=NOTICES.word, number_word=""),
    delivery_evidence.RECEIPTS: delivery_evidence.STORE,
}
