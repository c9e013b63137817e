"""Databases fail one way after the other while a season is played: nothing is parked, lost or doubled, and desks are well again by themselves.

Officers repeat a call after UNAVAILABLE only, when the desk asks them to (`RetryInfo`), as clients of gRPC do by default; whatever else
they are told ends the test, but that what they ask for has not arrived yet. Real processes, and databases of either kind on a disk
of their own that is really full: a file system in a file, for PostgreSQL as a tablespace. Who may not mount one plays without.
"""

import asyncio
import os
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import asyncpg
import grpc
import pytest

from exchange.settings import Settings
from operations.local.installation import HOSTS, Installation
from operations.local.patience import patience
from operations.local.processes import ProcessManager, is_serving
from operations.selfcheck.check import check_host
from operations.selfcheck.progress import Progress
from support import pgbouncer, servers, small_disk
from support.invariants import check_stories
from support.pgbouncer import Pooler
from support.postgres import EMPTY, PostgresServer, owner
from support.processes import Databases, Officers, a_small_world, read_all
from support.small_disk import SmallDisk
from support.story import Story
from support.undoing import undone_by
from support.waiting import until, until_true

AT_ONCE = 4
BACK_WITHIN = 5.0
ROLE, CONNECTIONS = "agency", 70
SETTINGS = {
    "max_connections": str(CONNECTIONS),
    "superuser_reserved_connections": "3",
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "autovacuum": "off",
}

READS = {
    "bawaslu": "netral.bawaslu.v1.BawasluReadService",
    "kasn": "netral.kasn.v1.KasnReadService",
    "ppk": "netral.ppk.v1.PpkReadService",
}


@dataclass(frozen=True)
class Fault:
    """A fault of the databases: it lasts for as long as the block that `happens` gives; whether desks can be read meanwhile."""

    name: str
    happens: Callable[[], AbstractAsyncContextManager[None]]
    readable: bool = False


@dataclass
class Season:
    """A world that runs, its databases, and what can befall them."""

    manager: ProcessManager
    databases: Databases
    faults: list[Fault]
    stories: list[Story] = field(default_factory=list)
    ending: bool = False

    async def play(self, officers: Officers) -> None:
        """Play one case after the other until the season ends."""
        while not self.ending:
            number = len(self.stories) + 1
            self.stories.append(Story(number, addressee=("ppk-6202", "ppk-3204")[number % 2]))
            await self.stories[-1].play(officers.call, nothing)

    async def are_serving(self) -> list[bool]:
        """For each host: whether it says that it can do all that it is for."""
        return await asyncio.gather(*(self.manager.is_serving(name) for name in HOSTS))

    async def are_readable(self) -> bool:
        """True if all hosts say that they can be read."""
        addresses = self.manager.addresses
        asked = (is_serving(addresses[name], name, service) for name, service in READS.items())
        return all(await asyncio.gather(*asked))

    def settings(self, name: str) -> Settings:
        """Settings of a host, to look into its databases from the inside."""
        state = self.manager.state
        return Settings(
            parties_file=state.parties_file,
            keys_folder=state.keys(name),
            database_url=self.databases.url(name),
            vault_url=self.databases.url(f"{name}_vault"),
            state_folder=state.host(name),
        )


async def nothing() -> None:
    """The next call is repeated until what it needs is there."""


# --- the faults of PostgreSQL ---------------------------------------------------------------------------------------


@dataclass
class Server:
    """A PostgreSQL of the test's own, which it may stop."""

    postgres: PostgresServer
    alive: Path
    guarded: servers.Guarded

    @classmethod
    def start(cls, folder: Path, until: ExitStack) -> "Server":
        """Start it; it is stopped at the end of `until`."""
        postgres, alive = PostgresServer(folder / "postgres"), folder / "alive"
        until.callback(lambda: until_true(lambda: not server.guarded.is_running))
        until.enter_context(servers.hold(alive))
        server = cls(postgres, alive, postgres.start(while_locked=alive, settings=SETTINGS))
        return server

    async def sql(self, statement: str) -> str:
        return await asyncio.to_thread(self.postgres.sql, statement)

    @asynccontextmanager
    async def set_to(self, name: str, value: str) -> AsyncIterator[None]:
        """A setting that holds for every session, those that are there too."""
        await self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        await self.sql("SELECT pg_reload_conf()")
        yield
        await self.sql(f"ALTER SYSTEM RESET {name}")
        await self.sql("SELECT pg_reload_conf()")

    @asynccontextmanager
    async def too_slow(self, name: str) -> AsyncIterator[None]:
        """Statements may take a tenth of a second, and a table of one database is locked for longer."""
        spared = {"statement_timeout": "0"}
        holder = await asyncpg.connect(
            user="postgres", database=name, host=str(self.postgres.folder), server_settings=spared
        )
        try:
            async with self.set_to("statement_timeout", "100ms"):
                await holder.execute("BEGIN; LOCK TABLE leaf IN ACCESS EXCLUSIVE MODE")
                yield
                await holder.execute("ROLLBACK")
        finally:
            holder.terminate()

    @asynccontextmanager
    async def ended_sessions(self) -> AsyncIterator[None]:
        """Sessions are ended, and those that follow them."""
        for _ in range(8):
            await self.end_sessions()
            await asyncio.sleep(0.1)
        yield

    async def end_sessions(self) -> None:
        await self.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ROLE}' AND datname <> 'postgres'"
        )

    @asynccontextmanager
    async def too_many_clients(self) -> AsyncIterator[None]:
        """Others have all connections that the role may have."""
        most, held = CONNECTIONS - 3, []
        while len(held) < most:
            try:
                held.append(
                    await asyncpg.connect(user=ROLE, database="postgres", host=str(self.postgres.folder))
                )
            except asyncpg.TooManyConnectionsError:
                await self.end_sessions()
        try:
            yield
        finally:
            for each in held:
                each.terminate()

    @asynccontextmanager
    async def restart(self) -> AsyncIterator[None]:
        """The server is stopped, is away for a second, and starts."""
        os.kill(self.guarded.pid, signal.SIGINT)
        await until(lambda: not self.guarded.is_running)
        await asyncio.sleep(1)
        yield
        await asyncio.to_thread(self._start_again)

    def _start_again(self) -> None:
        self.guarded = self.postgres.start_again(while_locked=self.alive, settings=SETTINGS)

    @asynccontextmanager
    async def crash(self) -> AsyncIterator[None]:
        """A session's process is killed, so the server ends all and recovers."""
        pid = await self.sql(f"SELECT pid FROM pg_stat_activity WHERE usename = '{ROLE}' LIMIT 1")
        os.kill(int(pid), signal.SIGKILL)
        yield

    @asynccontextmanager
    async def read_only(self, name: str) -> AsyncIterator[None]:
        """One database takes no writes; its sessions are ended, so that new ones know."""
        await self.sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        await self.end_sessions()
        yield
        await self.sql(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')

    @asynccontextmanager
    async def denied(self, name: str) -> AsyncIterator[None]:
        """The role has lost the right to write a table of a database."""
        table = "REVOKE INSERT ON leaf FROM"
        await asyncio.to_thread(self.postgres.sql, f"{table} {ROLE}", name)
        yield
        await asyncio.to_thread(self.postgres.sql, f"GRANT INSERT ON leaf TO {ROLE}", name)


def of_postgresql(server: Server, databases: Databases, disk: SmallDisk | None) -> list[Fault]:
    read_only = partial(server.set_to, "default_transaction_read_only", "on")
    # Where every case begins, so that callers meet it sooner or later.
    first, vault = databases.prefix + "bawaslu", databases.prefix + "bawaslu_vault"
    faults = [
        Fault("statements time out (57014)", partial(server.too_slow, first)),
        Fault("no writes are taken (25006)", read_only, readable=True),
        Fault("too many clients (53300)", server.too_many_clients),
        Fault("a right is missing (42501)", partial(server.denied, first), readable=True),
        Fault("the vault takes no writes (25006)", partial(server.read_only, vault), readable=True),
        Fault("sessions are ended (57P01)", server.ended_sessions),
        Fault("the server restarts (57P03)", server.restart),
        Fault("the server crashes (57P02)", server.crash),
    ]
    return faults + ([Fault("the disk is full (53100)", partial(full, disk), readable=True)] if disk else [])


def of_a_pooler(server: Server, pooler: Pooler) -> list[Fault]:
    read_only = partial(server.set_to, "default_transaction_read_only", "on")
    return [
        Fault("the pooler is killed", partial(killed, pooler)),
        Fault("no writes are taken behind it (25006)", read_only, readable=True),
        Fault("the server restarts behind it (08)", server.restart),
    ]


@asynccontextmanager
async def killed(pooler: Pooler) -> AsyncIterator[None]:
    """A pooler that is away for a second."""
    await asyncio.to_thread(pooler.kill)
    await asyncio.sleep(1)
    yield
    await asyncio.to_thread(pooler.start)


@asynccontextmanager
async def full(disk: SmallDisk) -> AsyncIterator[None]:
    """A disk without room."""
    await asyncio.to_thread(disk.fill)
    yield
    disk.make_room()


# --- the faults of SQLite -------------------------------------------------------------------------------------------


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Another process has the lock of a file."""
    other = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    yield
    other.close()


@asynccontextmanager
async def not_to_be_written(path: Path) -> AsyncIterator[None]:
    """Files that nobody may write, not even who has them open (`chattr +i`)."""
    files = [path, path.with_name(f"{path.name}-wal")]
    set_flag("+i", files)
    try:
        yield
    finally:
        set_flag("-i", files)


def set_flag(flag: str, files: list[Path]) -> None:
    subprocess.run(["chattr", flag, *files], check=True)


def of_sqlite(databases: Databases, disk: SmallDisk | None) -> list[Fault]:
    kasn, bawaslu = (Path(databases.url(name).removeprefix("sqlite:///")) for name in ("kasn", "bawaslu"))
    faults = [Fault("another process has the lock (SQLITE_BUSY)", partial(locked, kasn), readable=True)]
    if disk is not None:
        faults += [
            Fault("the disk is full (SQLITE_FULL)", partial(full, disk), readable=True),
            Fault(
                "a file may not be written (SQLITE_IOERR)", partial(not_to_be_written, bawaslu), readable=True
            ),
        ]
    return faults


# --- the season -----------------------------------------------------------------------------------------------------


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for a server that is another user's, and for its socket, whose path must be short."""
    folder = Path(tempfile.mkdtemp(prefix="netral-", dir="/tmp"))
    with undone_by(["rm", "-rf", str(folder)]):
        folder.chmod(0o711)
        yield folder


@pytest.fixture(
    params=["sqlite", "postgresql", pytest.param("pgbouncer", marks=[pgbouncer.needed, pytest.mark.soak])]
)
async def season(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Season]:
    """NATS and three hosts that run, on databases of either kind with a small disk."""
    state = a_small_world(tmp_path / "world")
    with ExitStack() as held:
        folder = held.enter_context(short_folder())
        disk = held.enter_context(small_disk.mounted(folder / "disk", 128))
        if request.param != "sqlite":
            server = Server.start(folder, held)
            databases = on_a_server(server, state, disk)
            faults = of_postgresql(server, databases, disk)
            if request.param == "pgbouncer":
                databases.pooler = held.enter_context(pgbouncer.before(server.postgres, ROLE))
                faults = of_a_pooler(server, databases.pooler)
        else:
            databases = Databases(state, folder=disk.folder if disk else state.folder)
            faults = of_sqlite(databases, disk)
        settings = {
            "NETRAL_RESEND_SECONDS": "1",
            "NETRAL_PAIRING_SECONDS": "0",
            "NETRAL_DEFAULT_DEADLINE": "600",
        }
        manager = ProcessManager(state, databases.template, settings, say=print)
        await manager.start()
        yield Season(manager, databases, faults)
        await manager.stop()


def on_a_server(server: Server, state: Installation, disk: SmallDisk | None) -> Databases:
    """Databases of a role that is no superuser, on the small disk."""
    server.postgres.sql(f"CREATE ROLE {ROLE} LOGIN")
    databases = Databases(state, server.postgres, role=ROLE)
    if disk is not None:
        place = disk.folder / "tables"
        place.mkdir()
        user, group = owner()
        os.chown(place, -1 if user is None else user, -1 if group is None else group)
        server.postgres.sql(f"CREATE TABLESPACE small LOCATION '{place}'")
        databases.options = f"TABLESPACE small {EMPTY}"
    databases.make()
    return databases


async def play_through(season: Season, rounds: int) -> None:
    """Play cases while each fault comes in its turn; after each the hosts are well again within seconds, and cases go on."""
    # On a busy machine a call takes long; a deadline that passes is no fault of a database.
    only = frozenset({grpc.StatusCode.UNAVAILABLE})
    officers = Officers(season.manager, deadline=patience(30), repeats=only)
    async with officers, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(season.play(officers))
        for fault in season.faults * rounds:
            await goes_on(officers)
            before = officers.repeated
            async with fault.happens():
                await felt(season, officers, before)
                await asyncio.sleep(0.5)
                if fault.readable:
                    await until(season.are_readable)
            await back(season, fault.name, officers.repeated - before)
        await goes_on(officers)
        season.ending = True
    # No host went away: whoever was told to come again was told when.
    assert officers.delays and all(0 < delay <= 5 for delay in officers.delays)
    async with officers:
        await until(lambda: settled(officers))


async def goes_on(officers: Officers) -> None:
    """Wait until a few more calls are answered."""
    answered = officers.answered
    await until(lambda: officers.answered >= answered + AT_ONCE)


async def felt(season: Season, officers: Officers, repeated: int) -> None:
    """Wait until a caller was told to come again, or a host says that it is not well."""

    async def is_felt() -> bool:
        return officers.repeated > repeated or not all(await season.are_serving())

    await until(is_felt)


async def back(season: Season, name: str, told: int) -> None:
    """Wait for all hosts to be well again, within seconds on a quiet machine."""
    began = time.monotonic()

    async def serving() -> bool:
        return all(await season.are_serving())

    await until(serving)
    took = time.monotonic() - began
    print(f"{name}: {told} told to come again, well again after {took:.1f} s")
    assert took < patience(BACK_WITHIN), name


async def settled(officers: Officers) -> bool:
    return await officers.on_their_way() == 0


async def check_whole(season: Season) -> None:
    """Nothing is parked, lost or doubled, by the books of all desks and by their check from the inside."""

    async def books_agree() -> bool:
        check_stories(await read_all(season.databases), season.stories)
        return True

    # What was delivered is settled; its last receipt may still be on its way, and has to arrive.
    await until(books_agree)
    assert not [child.name for child in season.manager.children.values() if child.restarts]
    for name in HOSTS:
        assert not (await check_host(name, season.settings(name), Progress())).findings


async def test_databases_fail_under_a_running_season_and_nothing_is_parked_lost_or_doubled(
    season: Season,
) -> None:
    await play_through(season, rounds=1)
    await check_whole(season)


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_databases_fail_again_and_again_under_a_running_season(season: Season) -> None:
    await play_through(season, rounds=20)
    await check_whole(season)
