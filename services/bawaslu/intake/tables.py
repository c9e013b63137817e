"""Table of intakes."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Dialect, Index, TypeDecorator, select
from sqlmodel import Field

from bawaslu.intake.domain.clarifications import Clarification
from bawaslu.intake.domain.state import Intake
from bawaslu.registry import BawasluTable, UsedNumber
from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from storage.protocols import Connection
from storage.types import Instant, table


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
    """A report, a finding or first information; the fields are those of `domain.state.Intake`."""

    __tablename__ = "intake"
    __table_args__ = (
        Index("intake_case", "party", "case_id"),
        Index("intake_state", "party", "state"),
        Index("intake_updated", "party", "updated", "id"),
    )

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
    form_number: str = Field(default="", max_length=60)
    supervised_date: date | None = None
    form_digest: str = Field(default="", max_length=64)
    subjects: list[str] = Field(default_factory=list, sa_type=JSON)
    plenary_number: str = Field(default="", max_length=60)
    plenary_date: date | None = None
    plenary_digest: str = Field(default="", max_length=64)
    plenary_decisions: list[str] = Field(default_factory=list, sa_type=JSON)


async def intakes_of(connection: Connection, party: str, case_id: str) -> list[tuple[str, list[str]]]:
    """The intakes of a case, each with the matters that came of it: what an intake's file says is of their persons."""
    rows = table(IntakeRow)
    query = select(rows.c.id, rows.c.matters).where(rows.c.party == party, rows.c.case_id == case_id)
    return [(row.id, list(row.matters)) for row in await connection.execute(query) if row.matters]


INTAKES = FactKind("intake", Intake)
STORES: dict[str, EntityStore] = {
    INTAKES.word: entity_store.store(IntakeRow, Intake, UsedNumber, word=INTAKES.word, number_word="")
}
