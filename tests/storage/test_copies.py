"""Copies of databases: several as of one moment while their hosts write, and back into empty ones only."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

import audit
from audit.formats.leaf import Kind, leaf_row
from audit.tables import Leaf
from storage import copies
from storage.copies import NotEmpty
from storage.engines import Database
from storage.types import table
from support import pgbouncer
from support.postgres import PostgresServer
from support.waiting import until

ROOMS = [Path(audit.__path__[0]) / "migrations"]
WORDS = ["one", 'two "quoted"\tand\\n', "né\n"]


@pytest.fixture(params=["sqlite", "postgresql", pytest.param("pgbouncer", marks=pgbouncer.needed)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each of a fresh SQLite file, a fresh database of PostgreSQL, and one behind a pooler."""
    if request.param != "pgbouncer":
        yield request.getfixturevalue(f"{request.param}_url")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with pgbouncer.before(server) as pooler:
        name = server.create_database()
        yield pooler.url(name)
        server.drop_database(name)


@pytest.fixture
def other_url(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another empty database of the same kind."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'again.sqlite'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


async def write(database: Database, first: int, words: Sequence[str]) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    rows = [
        leaf_row(
            number,
            "kasn",
            Kind.RECORD,
            bytes([number % 256, 0, 255]),
            ref=str(number),
            matter="",
            type=word,
            actor="",
            author="kasn",
            time=now,
        )
        for number, word in enumerate(words, first)
    ]
    async with database.write() as connection:
        await connection.execute(table(Leaf).insert(), rows)


async def words(url: str) -> list[tuple[str, bytes]]:
    database = Database(url)
    try:
        async with database.read() as connection:
            leaves = table(Leaf)
            found = await connection.execute(select(leaves.c.type, leaves.c.body).order_by(leaves.c.id))
            return [(row.type, bytes(row.body)) for row in found]
    finally:
        await database.close()


async def copied(urls: Sequence[str], folder: Path) -> list[list[str]]:
    """Copy databases into the folder, as 0, 1, …; gives their revisions."""
    await asyncio.to_thread(folder.mkdir)
    async with copies.snapshots(urls) as found:
        for number, each in enumerate(found):
            await each.write(folder, str(number))
        return [copies.revisions_of(await each.rows(copies.REVISIONS)) for each in found]


async def test_a_copy_put_back_has_the_same_rows_and_the_schema_of_its_time(
    database_url: str, other_url: str, tmp_path: Path
) -> None:
    database = Database(database_url)
    await database.migrate(*ROOMS)
    await write(database, 1, WORDS)
    await database.close()

    (revisions,) = await copied([database_url], tmp_path / "copy")
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    await copies.put_back(other_url, kind, tmp_path / "copy", "0", revisions, ROOMS)

    assert await words(other_url) == await words(database_url)
    again = Database(other_url)
    await again.migrate(*ROOMS)
    await write(again, 9, ["it goes on"])
    await again.close()
    assert len(await words(other_url)) == len(WORDS) + 1


async def test_nothing_is_put_over_a_database_that_has_something(
    database_url: str, other_url: str, tmp_path: Path
) -> None:
    database = Database(database_url)
    await database.migrate(*ROOMS)
    await database.close()
    (revisions,) = await copied([database_url], tmp_path / "copy")
    await copies.require_empty(other_url)

    with pytest.raises(NotEmpty):
        await copies.put_back(database_url, "sqlite", tmp_path / "copy", "0", revisions, ROOMS)


async def test_no_copy_has_what_was_written_after_the_copy_of_another_began(
    database_url: str, other_url: str, tmp_path: Path
) -> None:
    """A writer that writes into one database and then into the other: the second is never ahead of the first."""
    first, second = Database(database_url), Database(other_url)
    (tmp_path / "elsewhere").mkdir()
    for each in (first, second):
        await each.migrate(*ROOMS)

    written, enough = 0, asyncio.Event()

    async def keep_writing() -> None:
        nonlocal written
        while not enough.is_set():
            written += 1
            await write(first, written, ["sent"])
            await write(second, written, ["received"])

    writing = asyncio.create_task(keep_writing())
    await until(lambda: written > 5)
    async with copies.snapshots([other_url, database_url]) as (later, earlier):
        before = written
        await until(lambda: written > before + 5)
        received = await later.rows("SELECT max(id) FROM leaf")
        sent = await earlier.rows("SELECT max(id) FROM leaf")
    enough.set()
    await writing
    for each in (first, second):
        await each.close()

    assert 5 <= received[0][0] <= sent[0][0] <= received[0][0] + 1
