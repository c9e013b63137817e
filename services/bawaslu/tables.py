"""The supervisor's tables."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Dialect, Index, TypeDecorator, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from bawaslu.intake.domain.clarifications import Clarification
from bawaslu.intake.domain.rules import Intake
from bawaslu.matters.domain.rules import Matter
from bawaslu.silence.domain import Silence
from exchange.context import EntityStore, FactKey
from exchange.delivery import delivery_evidence
from exchange.delivery import entity_store as matters
from host.facts import FactKind
from storage.protocols import Connection
from storage.types import Instant, table

INTAKE, SILENCE = "intake", "silence"


MATTERS = FactKind(matters.MATTER, Matter)
INTAKES = FactKind(INTAKE, Intake)


def silence_key(party: str, matter: str) -> FactKey:
    """The fact that is what was claimed of the examiner's silence on a matter."""
    return (SILENCE, party, matter)


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
    informant: str = Field(default="", max_length=40)
    information: str = Field(default="", max_length=36)
    place: int = 0


class UsedNumber(BawasluTable, table=True):
    """A number that a party gave out, for good: report numbers, study numbers, referral letters, cases."""

    __tablename__ = "used_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


class SilenceRow(BawasluTable, table=True):
    """Row of a claim of the examiner's silence; the fields are those of `bawaslu.silence.domain.Silence`."""

    __tablename__ = "silence"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    silence: str = Field(default="", max_length=40)
    silence_date: date | None = None
    claim: str = Field(default="", max_length=36)
    refuted_by: str = Field(default="", max_length=64)


class Clarifications(TypeDecorator[list[Clarification]]):
    """Clarifications of an intake as JSON: dates in ISO form."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: list[Clarification] | None, dialect: Dialect) -> Any:
        return [
            {name: str(found) if isinstance(found, date) else found for name, found in asdict(each).items()}
            for each in value or []
        ]

    def process_result_value(self, value: Any, dialect: Dialect) -> list[Clarification]:
        return [Clarification(**{name: _day(name, found) for name, found in each.items()}) for each in value]


def _day(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name.endswith("_date") and value else value


class IntakeRow(BawasluTable, table=True):
    """A report, a finding or first information; the fields are those of `domain.intake.Intake`."""

    __tablename__ = "intake"
    __table_args__ = (Index("intake_case", "party", "case_id"), Index("intake_state", "party", "state"))

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    case_id: str = Field(max_length=36)
    state: str = Field(max_length=40)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    origin: str = Field(default="", max_length=20)
    election: str = Field(default="", max_length=20)
    office: str = Field(default="", max_length=20)
    number: str = Field(default="", max_length=60)
    information_number: str = Field(default="", max_length=60)
    information_source: str = Field(default="", max_length=40)
    informant: str = Field(default="", max_length=40)
    reporter: str = Field(default="", max_length=36)
    region: str = Field(default="", max_length=5)
    event_date: date | None = None
    known_date: date | None = None
    received_date: date | None = None
    tracing_number: str = Field(default="", max_length=60)
    tracing_date: date | None = None
    category: str = Field(default="", max_length=40)
    missing: list[str] = Field(default_factory=list, sa_type=JSON)
    assessed_date: date | None = None
    assessment_digest: str = Field(default="", max_length=64)
    notice_number: str = Field(default="", max_length=60)
    notice_date: date | None = None
    completed_date: date | None = None
    reason: str = Field(default="", max_length=40)
    delegation_number: str = Field(default="", max_length=60)
    delegation_date: date | None = None
    former_offices: list[str] = Field(default_factory=list, sa_type=JSON)
    registration_number: str = Field(default="", max_length=60)
    registered_date: date | None = None
    matters: list[str] = Field(default_factory=list, sa_type=JSON)
    clarifications: list[Any] = Field(default_factory=list, sa_type=Clarifications)
    study_number: str = Field(default="", max_length=60)
    study_date: date | None = None
    study_digest: str = Field(default="", max_length=64)
    routes: list[str] = Field(default_factory=list, sa_type=JSON)
    extension_number: str = Field(default="", max_length=60)
    extension_date: date | None = None
    statement: str = Field(default="", max_length=36)
    informant_number: str = Field(default="", max_length=60)
    informant_date: date | None = None
    suspected_act: str = Field(default="", max_length=40)
    channel: str = Field(default="", max_length=40)
    seen_date: date | None = None
    evidence_digests: list[str] = Field(default_factory=list, sa_type=JSON)


async def intakes_of(connection: Connection, party: str, case_id: str) -> list[tuple[str, list[str]]]:
    """The intakes of a case, each with the matters that came of it: what an intake's file says is of their persons."""
    rows = table(IntakeRow)
    query = select(rows.c.id, rows.c.matters).where(rows.c.party == party, rows.c.case_id == case_id)
    return [(row.id, list(row.matters)) for row in await connection.execute(query) if row.matters]


_MATTERS = matters.store(MatterRow, Matter, UsedNumber)
# By the first word of a key, in the order of locking; a host puts its rooms' together.
STORES: dict[str, EntityStore] = {
    matters.MATTER: _MATTERS,
    matters.NUMBER: _MATTERS,
    INTAKE: matters.store(IntakeRow, Intake, UsedNumber, word=INTAKE, number_word=""),
    SILENCE: matters.store(SilenceRow, Silence, UsedNumber, word=SILENCE, number_word=""),
    delivery_evidence.SENT: delivery_evidence.STORE,
}
