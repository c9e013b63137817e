"""Table of matters at the supervisor's desk."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field

from bawaslu.matters.domain.matter import Matter
from bawaslu.registry import BawasluTable, UsedNumber
from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from storage.types import Instant


class MatterRow(BawasluTable, table=True):
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
    origin: str = Field(default="", max_length=20)
    number: str = Field(default="", max_length=60)
    region: str = Field(default="", max_length=5)
    event_date: date | None = None
    known_date: date | None = None
    employer: str = Field(default="", max_length=40)
    employment: str = Field(default="", max_length=10)
    study_number: str = Field(default="", max_length=60)
    study_date: date | None = None
    conclusion: str = Field(default="", max_length=40)
    suspected_acts: list[str] = Field(default_factory=list, sa_type=JSON)
    study_digest: str = Field(default="", max_length=64)
    referral_number: str = Field(default="", max_length=60)
    referral_date: date | None = None
    examiner: str = Field(default="", max_length=40)
    return_reason: str = Field(default="", max_length=40)
    recommendation_number: str = Field(default="", max_length=60)
    addressee: str = Field(default="", max_length=40)
    act: str = Field(default="", max_length=40)
    family: str = Field(default="", max_length=20)
    sanction_class: str = Field(default="", max_length=40)
    due_date: date | None = None
    verification: str = Field(default="", max_length=40)
    impossibility: str = Field(default="", max_length=40)
    missing: list[str] = Field(default_factory=list, sa_type=JSON)
    completion_number: str = Field(default="", max_length=60)
    informant: str = Field(default="", max_length=40)
    information: str = Field(default="", max_length=36)
    place: int = 0


MATTERS = FactKind(entity_store.MATTER, Matter)
_STORE = entity_store.store(MatterRow, Matter, UsedNumber)
STORES: dict[str, EntityStore] = {entity_store.MATTER: _STORE, entity_store.NUMBER: _STORE}
