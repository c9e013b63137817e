"""The supervisor's tables."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from audit.tables import Instant
from bawaslu.domain.matters import Matter
from exchange import matters


class BawasluTable(SQLModel, registry=registry()):
    """The registry of this desk's tables."""


class MatterRow(BawasluTable, table=True):
    """A matter; the fields are those of `domain.matters.Matter`."""

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


class UsedNumber(BawasluTable, table=True):
    """A number that a party gave out, for good: report numbers, study numbers, referral letters, cases."""

    __tablename__ = "used_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


STORE = matters.store(MatterRow, Matter, UsedNumber)
