"""Column types of both databases, and the table behind a model."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Integer,
    Select,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel
from sqlmodel.main import SQLModelMetaclass

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


class _CoreTable(SQLModelMetaclass):
    """Makes a model's table of its fields, and no mapper: rows are written and read by Core statements alone.

    SQLAlchemy's mapper, and pydantic's schema, would be a tenth of what a host's imports take.
    """

    __tablename__: str

    def __init__(cls, name: str, bases: tuple[type, ...], members: Values, **settings: Any) -> None:
        if "table" not in settings:
            super().__init__(name, bases, members, **settings)
            return
        columns: dict[str, Column[Any]] = {field: getattr(cls, field) for field in cls.model_fields}
        for field, column in columns.items():
            column.name = column.key = field
        more: Sequence[SchemaItem | Mapping[str, Any]] | Mapping[str, Any] = members.get("__table_args__", ())
        items = (more,) if isinstance(more, Mapping) else more
        parts = [item for item in items if not isinstance(item, Mapping)]
        options = {name: value for item in items if isinstance(item, Mapping) for name, value in item.items()}
        cls.__table__ = Table(cls.__tablename__, cls.metadata, *columns.values(), *parts, **options)


class TableModel(SQLModel, metaclass=_CoreTable):
    """A model of a table: the names, types and defaults of its columns. It has no instances."""

    @classmethod
    def row(cls, **values: Any) -> Values:
        """Values of a row: those that are given, and the defaults of all others."""
        return {
            name: values[name]
            if name in values or field.is_required()
            else field.get_default(call_default_factory=True)
            for name, field in cls.model_fields.items()
        }


TableModel.model_config["defer_build"] = True


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for bulk statements."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
