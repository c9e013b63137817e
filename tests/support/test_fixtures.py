"""The servers that other tests rely on are real, fresh for each test, and do not outlive the run."""

from pathlib import Path

import nats
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.engines import Database
from support.nats import NatsServer
from support.postgres import PostgresServer
from support.waiting import until


async def test_a_fresh_database_answers_and_is_empty(database_url: str) -> None:
    database = Database(database_url)
    async with database.write() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
        await connection.execute(text("CREATE TABLE only_here (id INTEGER)"))
    await database.close()


async def test_another_test_does_not_see_the_table_of_the_last(database_url: str) -> None:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE only_here (id INTEGER)"))
    await database.close()


async def test_a_postgresql_database_can_be_dropped_while_someone_is_connected(
    postgres_server: PostgresServer,
) -> None:
    name = postgres_server.create_database()
    engine = create_async_engine(postgres_server.url(name))
    connection = await engine.connect()
    await connection.execute(text("SELECT 1"))

    postgres_server.drop_database(name)

    assert postgres_server.sql(f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == "0"
    await connection.invalidate()
    await connection.close()
    await engine.dispose()


async def test_a_published_message_survives_kill_9_and_a_restart(tmp_path: Path) -> None:
    async with NatsServer(tmp_path / "nats") as server:
        url = server.url
        client = await nats.connect(url, reconnect_time_wait=0.05)
        await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
        await client.jetstream().publish("kept", b"still here")

        await server.kill()
        assert not server.is_running
        await server.start()

        assert server.url == url
        await until(lambda: client.is_connected)
        message = await client.jetstream().get_msg("KEPT", 1)
        assert message.data == b"still here"
        await client.close()


async def test_a_server_has_the_configuration_it_was_given(tmp_path: Path) -> None:
    users = 'authorization { users: [ { user: "kasn", password: "secret" } ] }'
    async with NatsServer(tmp_path / "nats", users) as server:
        client = await nats.connect(server.url, user="kasn", password="secret")
        await client.close()

        with pytest.raises(nats.errors.Error, match="Authorization Violation"):
            await nats.connect(server.url, allow_reconnect=False)


async def test_two_servers_run_side_by_side(nats_server: NatsServer, tmp_path: Path) -> None:
    async with NatsServer(tmp_path / "other") as other:
        assert nats_server.url != other.url


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="authorisation"):
        await NatsServer(tmp_path / "nats", "authorisation { }").start()
