"""Faults of databases are told apart by their codes, on the real servers: what passes is waited for, what is ours is loud."""

import asyncio
import errno
import itertools
import secrets
import socket
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from storage import faults
from storage.engines import Database
from storage.faults import Fault
from support import servers
from support.postgres import PostgresServer
from support.waiting import until, until_true

END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
ACTIVE = "SELECT query FROM pg_stat_activity WHERE datname = '{}' AND state = 'active'"
ADD = text("INSERT INTO kept VALUES (:id, :filling)")


@asynccontextmanager
async def opened(url: str, **settings: str) -> AsyncIterator[Database]:
    if settings:
        url += ("&" if "?" in url else "?") + urlencode(settings)
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


async def add(database: Database, number: int, filling: str = "") -> None:
    async with database.write() as connection:
        await connection.execute(ADD, {"id": number, "filling": filling})


async def fault_of(database: Database, number: int, filling: str = "") -> Fault | None:
    """The fault of an insert; None if it worked."""
    try:
        await add(database, number, filling)
    except Exception as error:
        return faults.sort(error)
    return None


async def error_of(database: Database, *statements: str) -> Exception:
    """Error that a transaction of these statements raises."""
    try:
        async with database.write() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    except Exception as error:
        return error
    raise AssertionError("it was taken")


async def make_table(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE kept (id integer PRIMARY KEY, filling text)"))


async def rows(database: Database) -> int:
    async with database.read_latest() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM kept")))


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


@pytest.fixture
def small_server() -> Iterator[PostgresServer]:
    """A server that takes ten connections, three of them the superuser's."""
    with tempfile.TemporaryDirectory(prefix="netral-", dir="/tmp") as folder:  # a socket's path is short
        alive = Path(folder) / "alive"
        Path(folder).chmod(0o711)
        server = PostgresServer(Path(folder) / "postgres")
        with servers.hold(alive):
            guarded = server.start(while_locked=alive, settings=SMALL)
            yield server
        until_true(lambda: not guarded.is_running)


SMALL = {"max_connections": "10", "listen_addresses": "", "fsync": "off", "shared_buffers": "16MB"}


async def test_a_statement_that_takes_too_long_is_tried_again_later_on_the_same_connection(
    postgresql_url: str,
) -> None:
    async with opened(postgresql_url) as database:
        await make_table(database)
        async with database.write() as connection:
            first = await connection.scalar(text("SELECT pg_backend_pid()"))

        error = await error_of(database, "SET LOCAL statement_timeout = 20", "SELECT pg_sleep(60)")

        async with database.write() as connection:
            assert await connection.scalar(text("SELECT pg_backend_pid()")) == first
    assert faults.sort(error) is Fault.AWAY
    assert faults.is_passing(error)


async def test_a_server_that_takes_no_writes_is_found_by_a_write_and_by_the_probe_and_comes_back(
    postgres_server: PostgresServer, postgresql_url: str
) -> None:
    name = make_url(postgresql_url).database
    async with opened(postgresql_url) as database:
        await make_table(database)
        assert await database.can_write()

        postgres_server.sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        postgres_server.sql(END_SESSIONS.format(name))
        # The sessions of before are gone; the one that found out is not used again.
        await fault_of(database, 1)
        assert await fault_of(database, 1) is Fault.READ_ONLY
        assert not await database.can_write()
        assert await rows(database) == 0

        postgres_server.sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = off')
        # A session of before stays as it was: the probe finds out, and the next one is new.
        await until(database.can_write)
        assert await fault_of(database, 1) is None


async def test_sessions_that_were_ended_are_away_and_the_next_transaction_has_a_new_one(
    postgres_server: PostgresServer, postgresql_url: str
) -> None:
    name = make_url(postgresql_url).database
    async with opened(postgresql_url) as database:
        await make_table(database)
        async with asyncio.TaskGroup() as group:
            ended = group.create_task(error_of(database, "SELECT pg_sleep(60)"))
            await until(lambda: "pg_sleep" in postgres_server.sql(ACTIVE.format(name)))
            postgres_server.sql(END_SESSIONS.format(name))
        assert faults.sort(ended.result()) is Fault.AWAY
        assert await fault_of(database, 3) is None
        assert await rows(database) == 1


async def test_whenever_a_session_is_ended_who_uses_it_is_told_that_the_server_is_away(
    postgres_server: PostgresServer, postgresql_url: str
) -> None:
    """Between two statements too, where the driver meets the server's good-bye by chance and says so in words of its own."""
    name, found = make_url(postgresql_url).database or "", set()
    async with opened(postgresql_url) as database:
        await make_table(database)
        ending = asyncio.create_task(asyncio.to_thread(end_again_and_again, postgres_server, name))

        async def write_on(first: int) -> None:
            for number in itertools.count(first, 8):
                if ending.done():
                    return
                found.add(await fault_of(database, number))

        await asyncio.gather(*(write_on(first) for first in range(8)))
        await until(database.can_write)
        assert await fault_of(database, -1) is None
    assert found == {None, Fault.AWAY}


def end_again_and_again(server: PostgresServer, name: str) -> None:
    for _ in range(40):
        server.sql(END_SESSIONS.format(name))


@pytest.mark.parametrize(
    "said", ["connection is closed", "cannot switch to state 15; another operation (2) is in progress"]
)
def test_what_the_driver_says_of_a_session_that_has_gone_is_away_and_the_connection_is_dropped(
    said: str,
) -> None:
    error = DBAPIError("SELECT 1", None, Exception(said))

    assert faults.sort(error) is Fault.AWAY
    assert faults.breaks_connection(error.orig)


async def test_a_server_with_too_many_clients_is_away_until_it_has_room(small_server: PostgresServer) -> None:
    server = small_server
    server.sql("CREATE ROLE agency LOGIN")
    server.sql("CREATE DATABASE kept OWNER agency")
    url = server.url("kept").replace("postgres@", "agency@")
    async with opened(url) as database, opened(url) as other:
        await make_table(database)
        async with asyncio.TaskGroup() as group:
            for _ in range(6):
                group.create_task(hold_open(other))
            await until(lambda: connections(server) == 7)
            assert await fault_of(database, 1) is None  # its own connection is kept
            async with opened(url) as third:
                assert await fault_of(third, 2) is Fault.AWAY

        server.sql("ALTER ROLE agency CONNECTION LIMIT 0")
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'agency'")
        assert [await fault_of(database, 3) for _ in range(3)] == [Fault.AWAY] * 3
        assert not await database.can_write()
        assert database.retry_after >= 0.5
        server.sql("ALTER ROLE agency CONNECTION LIMIT -1")
        assert await database.can_write()
        assert await fault_of(database, 3) is None


async def test_a_right_that_is_missing_stays_so_for_the_probe_until_it_is_given_back(
    postgres_server: PostgresServer, postgresql_url: str
) -> None:
    name, role = make_url(postgresql_url).database or "", f"role_{secrets.token_hex(4)}"
    postgres_server.sql(f"CREATE ROLE {role} LOGIN")
    postgres_server.sql(f'ALTER DATABASE "{name}" OWNER TO {role}')
    async with opened(postgres_server.url(name, role)) as database:
        await make_table(database)
        async with database.write() as connection:
            await connection.execute(text("CREATE TABLE other (id integer)"))
        postgres_server.sql(f"REVOKE INSERT ON kept FROM {role}", name)

        assert await fault_of(database, 1) is Fault.DENIED
        for _ in range(3):
            async with database.write() as connection:
                await connection.execute(text("INSERT INTO other VALUES (1)"))
            assert not await database.can_write()
        assert await rows(database) == 0

        postgres_server.sql(f"GRANT INSERT ON kept TO {role}", name)
        assert await database.can_write()
        assert await fault_of(database, 1) is None
    postgres_server.sql(f"DROP OWNED BY {role} CASCADE", name)
    postgres_server.sql(f'ALTER DATABASE "{name}" OWNER TO postgres')
    postgres_server.sql(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/desk",
        "postgresql://nobody@127.0.0.1:1/desk?sslmode=disable",
        "postgresql://nobody@/desk?host=/nowhere",
    ],
)
async def test_a_server_that_cannot_be_reached_is_away(url: str) -> None:
    async with opened(url) as database:
        with pytest.raises(faults.Unreachable) as raised:
            await make_table(database)
        assert faults.sort(raised.value) is Fault.AWAY
        assert not await database.can_write()


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), Fault.OUTSIDE),
        (ConnectionResetError(errno.ECONNRESET, "reset"), Fault.OUTSIDE),
        (socket.gaierror(socket.EAI_AGAIN, "no such name yet"), Fault.OUTSIDE),
        (FileNotFoundError(errno.ENOENT, "no such file"), None),
        (PermissionError(errno.EACCES, "denied"), None),
        (ValueError("wrong"), None),
    ],
)
def test_other_errors_of_files_and_networks_are_no_databases(error: Exception, fault: Fault | None) -> None:
    assert faults.of_database(error) is None
    assert faults.sort(error) is fault
    assert faults.is_passing(error) is (fault is not None)


async def hold_open(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("SELECT pg_sleep(1)"))


def connections(server: PostgresServer) -> int:
    return int(server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'agency'"))


async def test_what_two_transactions_change_at_once_is_run_again_and_a_wrong_statement_is_ours(
    postgresql_url: str,
) -> None:
    async with opened(postgresql_url) as database:
        await make_table(database)
        await add(database, 1)
        assert await fault_of(database, 1) is Fault.TAKEN
        error = await error_of(database, "SELECT nothing FROM kept")
        assert faults.sort(error) is Fault.OURS
        assert not faults.is_passing(error)
        assert await database.can_write()


# --- SQLite -------------------------------------------------------------------------------------------------------


async def test_a_full_sqlite_file_is_full_until_the_probe_finds_room(sqlite_url: str) -> None:
    async with opened(sqlite_url) as database:
        await make_table(database)
        async with database.write() as connection:
            pages = await connection.scalar(text("PRAGMA page_count"))
            await connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
        assert await fault_of(database, 1, "x" * 100_000) is Fault.FULL
        assert await fault_of(database, 1) is None
        assert database.retry_after > 0
        async with database.write() as connection:
            await connection.execute(text("PRAGMA max_page_count = 100000"))
        assert await database.can_write()
        assert await fault_of(database, 2, "x" * 100_000) is None


async def test_room_is_found_by_the_probe_while_others_write_all_the_time(sqlite_url: str) -> None:
    async with opened(sqlite_url) as database:
        await make_table(database)
        async with database.write() as connection:
            pages = await connection.scalar(text("PRAGMA page_count"))
            await connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
        assert await fault_of(database, 1, "x" * 100_000) is Fault.FULL

        async def write_on() -> None:
            while True:
                async with database.write():
                    await asyncio.sleep(0.01)

        writers = [asyncio.create_task(write_on()) for _ in range(2)]
        await asyncio.sleep(0.1)
        assert await database.can_write()
        for writer in writers:
            writer.cancel()
        await asyncio.wait(writers)


async def test_a_sqlite_file_that_another_process_holds_is_away_and_reads_go_on(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.drivers.sqlite._BUSY_SECONDS", 0.2)
    async with opened(sqlite_url) as database:
        await make_table(database)
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert await fault_of(database, 1) is Fault.AWAY
        assert not await database.can_write()
        assert await rows(database) == 0
        other.execute("ROLLBACK")
        assert await database.can_write()
        assert await fault_of(database, 1) is None
        other.close()


async def test_a_sqlite_file_that_may_only_be_read_is_read_only(sqlite_url: str) -> None:
    async with opened(sqlite_url) as database:
        await make_table(database)
        async with database.write() as connection:
            await connection.execute(text("PRAGMA query_only = on"))
        assert await fault_of(database, 1) is Fault.READ_ONLY
        assert await rows(database) == 0


async def test_a_sqlite_file_that_may_be_written_again_is_opened_anew(sqlite_url: str) -> None:
    """A file that was opened while it may only be read stays so: the connection is not used again."""
    async with opened(sqlite_url) as database:
        await make_table(database)
        async with database.write() as connection:
            await connection.execute(text("PRAGMA query_only = on"))  # of this connection only
        assert await fault_of(database, 1) is Fault.READ_ONLY
        assert await fault_of(database, 1) is None
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    async with opened(f"sqlite:///file:{path}?mode=ro&uri=true") as database:
        assert [await fault_of(database, 1) for _ in range(3)] == [Fault.READ_ONLY] * 3


async def test_who_waits_behind_a_lock_that_lasts_does_not_wait_as_long_again(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.drivers.sqlite._BUSY_SECONDS", 1.0)
    async with opened(sqlite_url) as database:
        await make_table(database)
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert await asyncio.gather(*(fault_of(database, id) for id in range(8))) == [Fault.AWAY] * 8
        assert time.monotonic() - began < 8  # each for itself: eight seconds
        other.execute("ROLLBACK")
        assert await fault_of(database, 1) is None
        other.close()


async def test_a_file_that_is_no_database_and_a_folder_that_is_not_there_are_no_faults_of_a_message(
    tmp_path: Path,
) -> None:
    stray = tmp_path / "stray.sqlite"
    stray.write_bytes(b"no database" * 1000)
    async with opened(f"sqlite:///{stray}") as database:
        assert await fault_of(database, 1) is Fault.AWAY
    async with opened(f"sqlite:///{tmp_path / 'none' / 'x.sqlite'}") as database:
        assert await fault_of(database, 1) is Fault.AWAY
