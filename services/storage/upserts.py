"""Writes of many rows by one statement, repeats included: ON CONFLICT is not part of plain SQL, and each dialect has its own."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from storage.protocols import Connection
from storage.types import table

Rows = Sequence[Mapping[str, Any]]
_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def into(model: type[SQLModel], dialect: str) -> Any:
    """INSERT into the table of a model, as the dialect of this name has it."""
    return _INSERT[dialect](table(model))


async def insert(connection: Connection, model: type[SQLModel], rows: Rows) -> None:
    """Insert many rows by one statement; nothing if there are none."""
    if rows:
        await connection.execute(table(model).insert(), rows)


async def upsert(connection: Connection, model: type[SQLModel], rows: Rows) -> None:
    """Insert many rows, replacing those with the same primary key."""
    if rows:
        await connection.execute(_upsert(model, connection.dialect.name), rows)


@cache
def _upsert(model: type[SQLModel], dialect: str) -> Executable:
    target = table(model)
    statement = into(model, dialect)
    keys = [column.name for column in target.primary_key]
    rest = {c.name: statement.excluded[c.name] for c in target.columns if c.name not in keys}
    upsert: Executable = statement.on_conflict_do_update(index_elements=keys, set_=rest)
    return upsert


async def increment(connection: Connection, model: type[SQLModel], column: str, rows: Rows) -> None:
    """Insert many rows, adding the column's number to that of the row with the same primary key if there is one."""
    if rows:
        await connection.execute(_add(model, column, connection.dialect.name), rows)


@cache
def _add(model: type[SQLModel], column: str, dialect: str) -> Executable:
    target = table(model)
    statement = into(model, dialect)
    added = {column: target.c[column] + statement.excluded[column]}
    keys = [key.name for key in target.primary_key]
    adding: Executable = statement.on_conflict_do_update(index_elements=keys, set_=added)
    return adding


async def insert_new(connection: Connection, model: type[SQLModel], rows: Rows) -> None:
    """Insert many rows, leaving those whose primary key exists as they are."""
    if not rows:
        return
    await connection.execute(_insert_new(model, connection.dialect.name), rows)


@cache
def _insert_new(model: type[SQLModel], dialect: str) -> Executable:
    statement: Executable = into(model, dialect).on_conflict_do_nothing()
    return statement
