"""The tables of supervision, in the database of the host that serves it."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Dialect, Index
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from audit.tables import Instant
from exchange import matters
from exchange.transaction import Key, Store
from supervision.domain.indications import Answer, Indication

INDICATION, NUMBER = "indication", "indication_number"


class SupervisionTable(SQLModel, registry=registry()):
    """The registry of these tables."""


class Answers(TypeDecorator[list[Answer]]):
    """What Bawaslu told, as JSON: dates in ISO form."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: list[Answer] | None, dialect: Dialect) -> Any:
        return [
            {name: str(found) if isinstance(found, date) else found for name, found in asdict(each).items()}
            for each in value or []
        ]

    def process_result_value(self, value: Any, dialect: Dialect) -> list[Answer]:
        return [Answer(**(each | {"stage_date": _day(each["stage_date"])})) for each in value]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


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
    answers: list[Any] = Field(default_factory=list, sa_type=Answers)


class SupervisionNumber(SupervisionTable, table=True):
    """A number that a party gave out, for good: letters."""

    __tablename__ = "supervision_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


def indication_key(party: str, id: str) -> Key:
    """The fact that is an indication."""
    return (INDICATION, party, id)


def number_key(party: str, kind: str, number: str) -> Key:
    """The fact that a number is used."""
    return (NUMBER, party, kind, number)


_INDICATIONS = matters.store(
    IndicationRow, Indication, SupervisionNumber, word=INDICATION, number_word=NUMBER
)

# By the first word of a key, in the order of locking; a host puts its rooms' together.
STORES: dict[str, Store] = {INDICATION: _INDICATIONS, NUMBER: _INDICATIONS}
