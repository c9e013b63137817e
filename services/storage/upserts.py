"""Writes of many rows by one statement, repeats included: ON CONFLICT is not part of plain SQL, and each dialect has its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from storage.protocols import Connection
from storage.types import table

Rows = Sequence[Mapping[str, Any]]
_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def into(model: type[SQLModel], dialect: str) -> Any:
    """INSERT into the table of a model, as the dialect of this name has it."""
    return _INSERT[dialect](table(model))


@dataclass(frozen=True, slots=True)
class OnConflict:
    """An INSERT that says what becomes of a row that is there already, as each dialect has it."""

    sqlite: Insert
    postgresql: Insert

    def of(self, dialect: str) -> Insert:
        return self.sqlite if dialect == "sqlite" else self.postgresql


@cache
def insert_of(model: type[SQLModel]) -> Insert:
    """INSERT of rows that are new."""
    return table(model).insert()


@cache
def upsert_of(model: type[SQLModel]) -> OnConflict:
    """INSERT that replaces the rows with the same primary key."""

    def upsert(dialect: str) -> Insert:
        target, statement = table(model), into(model, dialect)
        keys = [column.name for column in target.primary_key]
        rest = {c.name: statement.excluded[c.name] for c in target.columns if c.name not in keys}
        replacing: Insert = statement.on_conflict_do_update(index_elements=keys, set_=rest)
        return replacing

    return OnConflict(upsert("sqlite"), upsert("postgresql"))


@cache
def increment_of(model: type[SQLModel], column: str) -> OnConflict:
    """INSERT that adds the column's number to that of the row with the same primary key if there is one."""

    def increment(dialect: str) -> Insert:
        target, statement = table(model), into(model, dialect)
        added = {column: target.c[column] + statement.excluded[column]}
        keys = [key.name for key in target.primary_key]
        adding: Insert = statement.on_conflict_do_update(index_elements=keys, set_=added)
        return adding

    return OnConflict(increment("sqlite"), increment("postgresql"))


@cache
def insert_new_of(model: type[SQLModel]) -> OnConflict:
    """INSERT that leaves the rows whose primary key exists as they are."""

    def insert_new(dialect: str) -> Insert:
        leaving: Insert = into(model, dialect).on_conflict_do_nothing()
        return leaving

    return OnConflict(insert_new("sqlite"), insert_new("postgresql"))


async def insert(connection: Connection, model: type[SQLModel], rows: Rows) -> None:
    """Insert many rows by one statement; nothing if there are none."""
    if rows:
        await connection.execute(insert_of(model), rows)


async def upsert(connection: Connection, model: type[SQLModel], rows: Rows) -> None:
    """Insert many rows, replacing those with the same primary key."""
    if rows:
        await connection.execute(upsert_of(model).of(connection.dialect.name), rows)


async def increment(connection: Connection, model: type[SQLModel], column: str, rows: Rows) -> None:
    """Insert many rows, adding the column's number to that of the row with the same primary key if there is one."""
    if rows:
        await connection.execute(increment_of(model, column).of(connection.dialect.name), rows)


async def insert_new(connection: Connection, model: type[SQLModel], rows: Rows) -> None:
    """Insert many rows, leaving those whose primary key exists as they are."""
    if rows:
        await connection.execute(insert_new_of(model).of(connection.dialect.name), rows)
