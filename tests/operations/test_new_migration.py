"""A migration is made from the tables: what a database at its last migration lacks of them."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, MetaData, String, Table

import ppk
from operations.new_migration import next_migration
from ppk.__main__ import HOST
from ppk.registry import PpkTable
from storage.engines import Database
from storage.new_migration import text_of_migration
from storage.types import Instant
from support.desks import BUILT

ROOM = Path(ppk.__path__[0]) / "migrations"


@pytest.mark.parametrize("agency", sorted(BUILT))
async def test_tables_that_did_not_change_give_no_migration(agency: str) -> None:
    assert await next_migration(agency, "nothing") is None


async def test_a_new_column_is_added_after_the_last_migration_with_a_default_for_the_rows_that_are_there(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'database'}")
    await database.migrate(*HOST.migrations)

    async with database.write() as connection:
        found = await connection.run_sync(text_of_migration, grown(), ROOM, "ppk_grown")
    await database.close()

    assert found is not None
    head, _, upgrade = found.partition("\ndef upgrade() -> None:\n")
    assert "Tables: notice (words, number, day, flag, at)" in head
    assert "from storage.types import Instant" in head
    assert 'revision = "ppk_grown"' in head
    assert [ast.unparse(each) for each in ast.parse(f"def upgrade():\n{upgrade}").body[0].body] == [
        "op.add_column('notice', sa.Column('words', sa.JSON(), server_default='[]', nullable=False))",
        "op.add_column('notice', sa.Column('number', sa.String(length=60), server_default='', nullable=False))",
        "op.add_column('notice', sa.Column('day', sa.Date(), nullable=True))",
        "op.add_column('notice', sa.Column('flag', sa.Boolean(), server_default=sa.false(), nullable=False))",
        "op.add_column('notice', sa.Column('at', Instant(), nullable=True))",
    ]


def grown() -> MetaData:
    """The tables of the authorities' desk, with columns that no migration makes."""
    tables = MetaData()
    for each in PpkTable.metadata.tables.values():
        each.to_metadata(tables)
    notice: Table = tables.tables["notice"]
    for column in (
        Column("words", JSON, nullable=False),
        Column("number", String(60), nullable=False),
        Column("day", Date),
        Column("flag", Boolean, nullable=False),
        Column("at", Instant),
    ):
        notice.append_column(column)
    return tables
