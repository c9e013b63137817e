"""The personnel authorities' tables."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from exchange.context import EntityStore, FactKey
from exchange.delivery import delivery_evidence, entity_store
from ppk.discipline.domain.proceedings import Proceeding
from ppk.lateness.domain import Notice
from ppk.recommendations.domain.rules import Matter
from storage.types import Instant


class PpkTable(SQLModel, registry=registry()):
    """The registry of this desk's tables."""


class MatterRow(PpkTable, table=True):
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


class ProceedingRow(PpkTable, table=True):
    """A matter's discipline procedure; the fields are those of `domain.proceedings.Proceeding`."""

    __tablename__ = "proceeding"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    stage: str = Field(max_length=20)
    employee_status: str = Field(default="", max_length=20)
    employee_date: date | None = None
    moved_to: str = Field(default="", max_length=40)
    team_number: str = Field(default="", max_length=60)
    team_date: date | None = None
    team_digest: str = Field(default="", max_length=64)
    team_units: list[str] = Field(default_factory=list, sa_type=JSON)
    summons_number: str = Field(default="", max_length=60)
    summons_date: date | None = None
    summoned_for: date | None = None
    absences: int = 0
    examined_date: date | None = None
    minutes_digest: str = Field(default="", max_length=64)
    signature: str = Field(default="", max_length=20)
    mode: str = Field(default="", max_length=20)
    report_number: str = Field(default="", max_length=60)
    report_date: date | None = None
    report_digest: str = Field(default="", max_length=64)
    decree_number: str = Field(default="", max_length=60)
    decree_date: date | None = None
    sanction_class: str = Field(default="", max_length=40)
    delivered_date: date | None = None
    delivery_way: str = Field(default="", max_length=40)
    appeal_kind: str = Field(default="", max_length=20)
    appeal_number: str = Field(default="", max_length=60)
    appeal_date: date | None = None
    appeal_outcome: str = Field(default="", max_length=20)
    appeal_decision_number: str = Field(default="", max_length=60)
    appeal_decision_date: date | None = None


class UsedNumber(PpkTable, table=True):
    """A number that a party gave out, for good: register numbers, letters, decrees, examination reports."""

    __tablename__ = "used_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


class NoticeRow(PpkTable, table=True):
    """What was said of lateness; the fields are those of `domain.notices.Notice`."""

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


PROCEEDING, NOTICE = "proceeding", "notice"
_MATTERS = entity_store.store(MatterRow, Matter, UsedNumber)
_PROCEEDINGS = entity_store.store(ProceedingRow, Proceeding, UsedNumber, word=PROCEEDING, number_word="")
_NOTICES = entity_store.store(NoticeRow, Notice, UsedNumber, word=NOTICE, number_word="")


def proceeding_key(party: str, matter: str) -> FactKey:
    """The fact that is a matter's discipline procedure."""
    return (PROCEEDING, party, matter)


def notice_key(party: str, matter: str) -> FactKey:
    """The fact that is what was said of lateness on a matter."""
    return (NOTICE, party, matter)


# By the first word of a key, in the order of locking; a host puts its rooms' together.
STORES: dict[str, EntityStore] = {
    entity_store.MATTER: _MATTERS,
    entity_store.NUMBER: _MATTERS,
    PROCEEDING: _PROCEEDINGS,
    NOTICE: _NOTICES,
    delivery_evidence.RECEIPTS: delivery_evidence.STORE,
}
