"""The examiner's tables."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from audit.tables import Instant
from exchange import matters
from kasn.domain.matters import Matter


class KasnTable(SQLModel, registry=registry()):
    """The registry of this desk's tables."""


class MatterRow(KasnTable, table=True):
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
    supervisor: str = Field(default="", max_length=40)
    report_number: str = Field(default="", max_length=60)
    referral_number: str = Field(default="", max_length=60)
    referral_date: date | None = None
    region: str = Field(default="", max_length=5)
    event_date: date | None = None
    employer: str = Field(default="", max_length=40)
    employment: str = Field(default="", max_length=10)
    study_number: str = Field(default="", max_length=60)
    study_digest: str = Field(default="", max_length=64)
    evidence_digests: list[str] = Field(default_factory=list, sa_type=JSON)
    suspected_acts: list[str] = Field(default_factory=list, sa_type=JSON)
    register_number: str = Field(default="", max_length=60)
    decision_number: str = Field(default="", max_length=60)
    decision_date: date | None = None
    return_reason: str = Field(default="", max_length=40)
    letter_number: str = Field(default="", max_length=60)
    letter_date: date | None = None
    addressee: str = Field(default="", max_length=40)
    former_addressees: list[str] = Field(default_factory=list, sa_type=JSON)
    act: str = Field(default="", max_length=40)
    family: str = Field(default="", max_length=20)
    sanction_class: str = Field(default="", max_length=40)
    due_date: date | None = None
    rejection_reason: str = Field(default="", max_length=40)
    objection_number: str = Field(default="", max_length=60)
    decree_number: str = Field(default="", max_length=60)
    decree_date: date | None = None
    sanction: str = Field(default="", max_length=40)
    follow_up_number: str = Field(default="", max_length=60)
    follow_up_date: date | None = None
    verification: str = Field(default="", max_length=40)
    impossibility: str = Field(default="", max_length=40)
    successor: str = Field(default="", max_length=40)
    predecessor: str = Field(default="", max_length=40)
    passed_in: str = Field(default="", max_length=40)
    succession_rule: str = Field(default="", max_length=40)
    handover_number: str = Field(default="", max_length=60)
    handover_date: date | None = None
    reports_to: str = Field(default="", max_length=40)


class UsedNumber(KasnTable, table=True):
    """A number that a party gave out, for good: register, decision and letter numbers."""

    __tablename__ = "used_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


STORE = matters.store(MatterRow, Matter, UsedNumber)
