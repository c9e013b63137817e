"""The last migrations of folders are those that alembic knows, and a database is up to date once it has run exactly these."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

import audit
from bawaslu.__main__ import HOST as BAWASLU
from host.features import Host
from kasn.__main__ import HOST as KASN
from ppk.__main__ import HOST as PPK
from storage.engines import Database, scripts
from storage.migrations import heads

AUDIT = Path(audit.__file__).parent / "migrations"


@pytest.mark.parametrize("host", [BAWASLU, KASN, PPK], ids=lambda host: host.name)
def test_the_last_migrations_are_those_that_alembic_finds(host: Host) -> None:
    assert heads.of(host.migrations) == set(ScriptDirectory.from_config(scripts(host.migrations)).get_heads())


async def test_a_database_is_up_to_date_only_after_all_of_its_migrations(database_url: str) -> None:
    async def is_up_to_date(*rooms: Path) -> bool:
        async with database.read() as connection:
            return await connection.run_sync(heads.are_reached, rooms)

    database = Database(database_url)
    before = await is_up_to_date(AUDIT)
    await database.migrate_to(["audit_0001"], AUDIT)
    between = await is_up_to_date(AUDIT)
    await database.migrate(AUDIT)
    after, with_more = await is_up_to_date(AUDIT), await is_up_to_date(AUDIT, *PPK.migrations)
    await database.close()

    assert (before, between, after, with_more) == (False, False, True, False)
