"""The servers that other tests rely on are real, fresh for each test, and do not outlive the run."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import nats
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from operations.local import die_with_parent
from storage.engines import Database
from support.nats import NatsServer
from support.postgres import PostgresServer
from support.waiting import until

TESTS = Path(__file__).parents[1]


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


STUCK = """
import asyncio
from operations.local.installation import Installation
from support import desks
from support.alone import Alone
from support.netral import Netral
from support.processes import a_small_world

async def test_stuck(postgres_server, nats_server, tmp_path):
    postgres = (postgres_server.folder / "data" / "postmaster.pid").read_text().split()[0]
    host = Alone(tmp_path)
    desks.write_trust(tmp_path)
    await asyncio.to_thread(host.start)
    state = a_small_world(tmp_path / "world")
    up = await asyncio.to_thread(Netral(tmp_path), "up", "--detach", "--state", str(state.folder))
    assert up.code == 0, up.err
    running = state.running()
    world = [running["supervisor"], *(each["pid"] for each in running["processes"].values())]
    print("PROCESSES", postgres_server.folder, postgres, nats_server._server.pid, host.process.pid, *world, flush=True)
    await asyncio.Event().wait()
"""


async def test_a_killed_test_run_leaves_no_process_behind(tmp_path: Path) -> None:
    """The tests of another run are killed while servers, a host and a detached world are up.

    pytest-timeout ends a run in the same way, where it cannot interrupt the test: without a word to any fixture.
    """
    (tmp_path / "test_stuck.py").write_text(STUCK)
    (tmp_path / "conftest.py").write_text("from conftest_of_all import *\n")
    (tmp_path / "conftest_of_all.py").write_text((TESTS / "conftest.py").read_text())
    words = ("-s", "-p", "no:cacheprovider", "--asyncio-mode=auto", f"--basetemp={tmp_path / 'its'}")
    run = await asyncio.create_subprocess_exec(
        *die_with_parent.command(sys.executable, "-m", "pytest", *words, "test_stuck.py"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{tmp_path}"},
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None
    told = []
    async for line in run.stdout:
        told.append(line.decode())
        if b"PROCESSES" in line:
            break
    else:
        pytest.fail(f"the other run did not start its processes:\n{''.join(told)}")
    folder, *pids = told[-1].split("PROCESSES")[1].split()
    assert len(pids) == 8 and all(_runs(int(pid)) for pid in pids)

    run.send_signal(signal.SIGKILL)
    await run.wait()

    await until(lambda: not any(_runs(int(pid)) for pid in pids), within=20)
    await until(lambda: not Path(folder).exists())


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
