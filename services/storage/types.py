"""Column types of both databases, and the table behind a model."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    Select,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from storage.drivers.found_rows import FoundRow as FoundRow
from storage.drivers.found_rows import FoundRows as FoundRows

Values = dict[str, Any]
"""Values of one row by column name, as bulk statements take them."""
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
"""Values of the parameters of a statement, of one run or of many."""
Query = Select[Any]
"""A query that gives rows."""

_EPOCH, _MICRO = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An instant, UTC with microseconds: TIMESTAMPTZ on PostgreSQL, ISO 8601 text (which sorts) on SQLite.

    Refuses naive datetimes and always gives back aware ones.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.isoformat(" ", "microseconds") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if dialect.name == "sqlite" else value.astimezone(UTC)


class Micros(Instant):
    """An `Instant` in few bytes, for tables with a row for each leaf: on SQLite, microseconds since 1970 as an integer."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return super().load_dialect_impl(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or value.tzinfo is None or dialect.name != "sqlite":
            return super().process_bind_param(value, dialect)
        return (value - _EPOCH) // _MICRO

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return super().process_result_value(value, dialect)
        at: datetime = _EPOCH + value * _MICRO
        return at


# On SQLite an INTEGER key is the row itself; a BIGINT would be an index of its own.
ROW_ID = BigInteger().with_variant(Integer(), "sqlite")


class TableModel(SQLModel):
    """A model of a table. Nothing is validated by it, so that pydantic builds no schema: a tenth of what a host's imports take."""


TableModel.model_config["defer_build"] = True


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for bulk statements."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
