"""The migrated schema of each host's database and of the vault is the golden one, on SQLite and on PostgreSQL.

`make golden` writes it again. Stored data are read by it: a table or column changes by a migration only.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, make_url, text

from storage.engines import Database
from support import golden, migrated
from support.desks import BUILT


@pytest.mark.parametrize("name", sorted(BUILT))
async def test_the_schema_of_a_host_is_the_golden_one(name: str, database_url: str, tmp_path: Path) -> None:
    vault_url = f"sqlite:///{tmp_path / 'vault.sqlite'}"
    await migrated.desk(name, golden.host(name).HOST.migrations, database_url, vault_url)

    await compare(name, database_url)


async def test_the_schema_of_the_vault_is_the_golden_one(database_url: str, tmp_path: Path) -> None:
    name = sorted(BUILT)[0]
    desk_url = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    await migrated.desk(name, golden.host(name).HOST.migrations, desk_url, database_url)

    await compare("vault", database_url)


async def compare(name: str, url: str) -> None:
    database = Database(url)
    try:
        async with database.read() as connection:
            lines = await connection.run_sync(lambda sync: list(schema(sync)))
    finally:
        await database.close()
    kind = make_url(url).get_backend_name()
    golden.compare(f"schema_{name}_{kind}.txt", "\n".join(lines) + "\n")


def schema(connection: Connection) -> Iterator[str]:
    """Each table with its columns, keys and indexes; then what is no table, and the migrations that are at the end."""
    found, kinds = inspect(connection), connection.dialect.type_compiler_instance
    for table in sorted(found.get_table_names()):
        options = [f"{option}={value}" for option, value in sorted(found.get_table_options(table).items())]
        yield " ".join([table, *options])
        for column in found.get_columns(table):
            null = "" if column["nullable"] else " not null"
            default = f" default {column['default']}" if column["default"] is not None else ""
            yield f"    {column['name']} {kinds.process(column['type'])}{null}{default}"
        yield f"    primary key {in_words(found.get_pk_constraint(table))}"
        yield from sorted(f"    foreign key {in_words(key)}" for key in found.get_foreign_keys(table))
        yield from sorted(f"    unique {in_words(key)}" for key in found.get_unique_constraints(table))
        yield from sorted(f"    check {in_words(key)}" for key in found.get_check_constraints(table))
        yield from sorted(f"    index {in_words(index)}" for index in found.get_indexes(table))
    yield from sorted(f"view {name}" for name in found.get_view_names())
    if connection.dialect.name == "sqlite":
        yield from (f"trigger {row.sql}" for row in connection.execute(_TRIGGERS))
    else:
        yield from (f"sequence {name}" for name in sorted(found.get_sequence_names()))
    yield from (f"migration {row.version_num}" for row in connection.execute(_MIGRATIONS))


_TRIGGERS = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
_MIGRATIONS = text("SELECT version_num FROM alembic_version ORDER BY version_num")


def in_words(reflected: Any) -> str:
    """A key or an index as SQLAlchemy reflects it, with what it leaves empty left out."""
    if not isinstance(reflected, dict):
        return ", ".join(map(str, reflected)) if isinstance(reflected, list) else str(reflected)
    said = {name: in_words(value) for name, value in sorted(reflected.items()) if value is not None}
    return " ".join(f"{name}=({value})" for name, value in said.items() if value)
