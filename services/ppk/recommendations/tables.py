"""Tables of recommendations at an authority."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field

from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from ppk.recommendations.domain.matter import Matter
from ppk.registry import PpkTable, UsedNumber
from storage.types import Instant


class MatterRow(PpkTable, table=True):
    """A matter; the fields are those of `domain.matter.Matter`."""

    __tablename__ = "matter"
    __table_args__ = (Index("matter_case", "party", "case_id"), Index("matter_state", "party", "state"))

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    case_id: str = Field(max_length=36)
    state: str = Field(max_length=40)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    heard: str = Field(default="", max_length=36)
    examiner: str = Field(default="", max_length=40)
    letter_number: str = Field(default="", max_length=60)
    letter_date: date | None = None
    act: str = Field(default="", max_length=40)
    family: str = Field(default="", max_length=20)
    sanction_class: str = Field(default="", max_length=40)
    due_date: date | None = None
    report_number: str = Field(default="", max_length=60)
    region: str = Field(default="", max_length=5)
    event_date: date | None = None
    employment: str = Field(default="", max_length=20)
    register_number: str = Field(default="", max_length=60)
    rejection_reason: str = Field(default="", max_length=40)
    objection_number: str = Field(default="", max_length=60)
    objection_date: date | None = None
    decree_number: str = Field(default="", max_length=60)
    decree_date: date | None = None
    sanction: str = Field(default="", max_length=40)
    follow_up_kind: str = Field(default="", max_length=40)
    follow_up_number: str = Field(default="", max_length=60)
    follow_up_date: date | None = None
    decree_digest: str = Field(default="", max_length=64)
    verification: str = Field(default="", max_length=40)
    impossibility: str = Field(default="", max_length=40)
    withdrawal_reason: str = Field(default="", max_length=40)
    moved_to: str = Field(default="", max_length=40)
    open_measures: list[str] = Field(default_factory=list, sa_type=JSON)
    reports_to: str = Field(default="", max_length=40)
    clarification_number: str = Field(default="", max_length=60)
    clarification_date: date | None = None
    clarification_answer: str = Field(default="", max_length=60)
    correction_number: str = Field(default="", max_length=60)
    data_blocked: bool = False
    block_number: str = Field(default="", max_length=60)
    block_date: date | None = None
    unblock_number: str = Field(default="", max_length=60)
    unblock_date: date | None = None
    warning_number: str = Field(default="", max_length=60)
    warning_date: date | None = None
    warning_due_date: date | None = None


MATTERS = FactKind(entity_store.MATTER, Matter)
_STORE = entity_store.store(MatterRow, Matter, UsedNumber)
STORES: dict[str, EntityStore] = {entity_store.MATTER: _STORE, entity_store.NUMBER: _STORE}
