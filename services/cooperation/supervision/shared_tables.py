"""Registry of supervision's tables, and the parts of tables that its topics share."""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import JSON, Dialect
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from storage.types import TableModel

NUMBER = "indication_number"


class SupervisionTable(TableModel, registry=registry()):
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


class SupervisionNumber(SupervisionTable, table=True):
    """A number that a party gave out, for good: letters, plans."""

    __tablename__ = "supervision_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)
