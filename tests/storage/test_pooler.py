"""Behind a pgbouncer in transaction mode everything works, named in the URL as guides write it or not at all."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storage.engines import Database
from support import pgbouncer
from support.pgbouncer import Pooler
from support.postgres import PostgresServer

pytestmark = pgbouncer.needed


@pytest.fixture
def pooler(postgres_server: PostgresServer) -> Iterator[Pooler]:
    with pgbouncer.before(postgres_server) as pooler:
        yield pooler


@pytest.fixture
def name(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create_database()
    yield name
    postgres_server.drop_database(name)


async def use(database: Database, times: int) -> int:
    """Write and read from many transactions at once, a few statements over and over; gives the number of rows."""
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE kept (id integer PRIMARY KEY, filling text)"))

    async def write(id: int) -> None:
        async with database.write() as connection:
            await connection.execute(
                text("INSERT INTO kept VALUES (:id, :filling)"), {"id": id, "filling": "x"}
            )
            await connection.execute(text("SELECT * FROM kept WHERE id = :id FOR UPDATE"), {"id": id})

    async def read(id: int) -> None:
        async with database.read_latest() as connection:
            await connection.scalar(text("SELECT count(*) FROM kept WHERE id < :id"), {"id": id})
        async with database.read() as connection:
            assert await connection.scalar(text("SHOW transaction_isolation")) == "repeatable read"

    # More at once than the pooler has sessions, and no more than we have connections: nobody waits for one in vain.
    places = asyncio.Semaphore(3 * pgbouncer.SESSIONS)

    async def use_once(id: int) -> None:
        async with places:
            await write(id)
            await read(id)

    await asyncio.gather(*map(use_once, range(times)))
    async with database.read() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM kept")))


@pytest.mark.parametrize(
    "words",
    [
        "pgbouncer=true",
        "prepared_statement_cache_size=0",
        "statement_cache_size=0",
        "sslmode=disable&pgbouncer=true",
        "",
    ],
)
async def test_many_transactions_over_few_sessions_lose_no_statement(
    pooler: Pooler, name: str, words: str
) -> None:
    """Without a word the pooler is noticed as we connect."""
    database = Database(f"{pooler.url(name)}&{words}".rstrip("&"))
    try:
        assert await use(database, 100) == 100
        assert await database.can_write()
    finally:
        await database.close()
