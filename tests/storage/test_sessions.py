"""Connections to PostgreSQL are few, taken in turn, and never used again once their server has gone."""

import asyncio

import pytest
from sqlalchemy import text

from storage import faults
from storage.drivers.sessions import Sessions
from storage.engines import Database
from storage.faults import Fault

PID = text("SELECT pg_backend_pid()")


async def pid_of(database: Database) -> int:
    async with database.read_latest() as connection:
        return int(await connection.scalar(PID))


async def test_the_connection_that_was_given_back_last_is_taken_first(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    async with database.write() as first:
        async with database.write() as second:
            inner = await second.scalar(PID)
        outer = await first.scalar(PID)
    assert outer != inner
    assert await pid_of(database) == outer
    await database.close()


async def test_who_finds_no_connection_waits_for_one_and_is_told_at_last_that_the_database_is_away(
    postgresql_url: str,
) -> None:
    database = Database(postgresql_url)
    sessions: Sessions = database._kind._sessions  # type: ignore[attr-defined]
    sessions._wait_seconds = 0.2
    async with asyncio.TaskGroup() as group:
        end = asyncio.Event()

        async def hold() -> None:
            async with database.write() as connection:
                await connection.scalar(PID)
                await end.wait()

        for _ in range(10):
            group.create_task(hold())
        await asyncio.sleep(0)
        with pytest.raises(Exception, match="in use") as raised:
            await pid_of(database)
        sessions._wait_seconds = 30
        waiting = group.create_task(pid_of(database))
        await asyncio.sleep(0)
        end.set()
    assert faults.sort(raised.value) is Fault.AWAY and waiting.result()
    await database.close()


async def test_a_transaction_that_is_cancelled_leaves_nothing_to_the_next(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE kept (id integer)"))

    async def write() -> None:
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO kept VALUES (1)"))
            await connection.execute(text("SELECT pg_sleep(60)"))

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.2)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    async with database.read_latest() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM kept")) == 0
        assert await connection.scalar(text("SELECT pg_current_xact_id_if_assigned() IS NULL"))
    await database.close()
