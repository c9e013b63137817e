"""The tables of supervision, in the database of the host that serves it."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Dialect, Index
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from cooperation.supervision.indications.domain import Answer, Indication
from cooperation.supervision.plans.domain import Note, Plan
from exchange.context import EntityStore, FactKey
from exchange.delivery import entity_store
from storage.types import Instant

INDICATION, NUMBER, PLAN = "indication", "indication_number", "supervision_plan"


class SupervisionTable(SQLModel, registry=registry()):
    """The registry of these tables."""


class Listed(TypeDecorator[list[Any]]):
    """Dataclasses of one kind (what Bawaslu told, field notes) as JSON: dates in ISO form."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[Any]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return [
            {name: str(found) if isinstance(found, date) else found for name, found in asdict(each).items()}
            for each in value or []
        ]

    def process_result_value(self, value: Any, dialect: Dialect) -> list[Any]:
        return [self.kind(**{name: _day(name, found) for name, found in each.items()}) for each in value]


def _day(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name.endswith("_date") and value else value


class IndicationRow(SupervisionTable, table=True):
    """A first indication; the fields are those of `domain.indications.Indication`."""

    __tablename__ = "indication"
    __table_args__ = (Index("indication_state", "party", "state"),)

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    state: str = Field(max_length=20)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    team_number: str = Field(max_length=60)
    act: str = Field(max_length=40)
    channel: str = Field(max_length=40)
    region: str = Field(max_length=5)
    seen_date: date
    material_digests: list[str] = Field(sa_type=JSON)
    guidance: str = Field(default="", max_length=40)
    settled_date: date | None = None
    minutes_digest: str = Field(default="", max_length=64)
    letter_number: str = Field(default="", max_length=60)
    letter_date: date | None = None
    election: str = Field(default="", max_length=20)
    office: str = Field(default="", max_length=20)
    supervisor: str = Field(default="", max_length=40)
    statement: str = Field(default="", max_length=36)
    stage: str = Field(default="", max_length=30)
    answers: list[Any] = Field(default_factory=list, sa_type=Listed(Answer))


class PlanRow(SupervisionTable, table=True):
    """A plan of joint supervision; the fields are those of `domain.plans.Plan`."""

    __tablename__ = "supervision_plan"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    state: str = Field(max_length=20)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    proposer: str = Field(max_length=40)
    partner: str = Field(max_length=40)
    number: str = Field(max_length=60)
    start_date: date
    end_date: date
    regions: list[str] = Field(sa_type=JSON)
    acts: list[str] = Field(sa_type=JSON)
    document_digest: str = Field(max_length=64)
    letter_number: str = Field(default="", max_length=60)
    agreed_date: date | None = None
    heard: str = Field(default="", max_length=36)
    notes: list[Any] = Field(default_factory=list, sa_type=Listed(Note))


class SupervisionNumber(SupervisionTable, table=True):
    """A number that a party gave out, for good: letters, plans."""

    __tablename__ = "supervision_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


def indication_key(party: str, id: str) -> FactKey:
    """The fact that is an indication."""
    return (INDICATION, party, id)


def plan_key(party: str, id: str) -> FactKey:
    """The fact that is a plan."""
    return (PLAN, party, id)


def number_key(party: str, kind: str, number: str) -> FactKey:
    """The fact that a number is used."""
    return (NUMBER, party, kind, number)


_INDICATIONS = entity_store.store(
    IndicationRow, Indication, SupervisionNumber, word=INDICATION, number_word=NUMBER
)

# By the first word of a key, in the order of locking; a host puts its rooms' together.
STORES: dict[str, EntityStore] = {
    INDICATION: _INDICATIONS,
    NUMBER: _INDICATIONS,
    PLAN: entity_store.store(PlanRow, Plan, SupervisionNumber, word=PLAN, number_word=""),
}
