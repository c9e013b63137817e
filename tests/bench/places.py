"""Places in which the exchange is measured: a folder, a NATS that keeps what it acknowledges, databases, hosts as processes.

Each measurement has a place of its own under `.bench`, which goes away after it.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import nats
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from bench.idle import cpu_seconds
from exchange.bus import subjects
from operations.local import die_with_parent
from support.keys import make_keys
from support.nats import NatsServer
from support.postgres import DURABLE, PostgresServer, TestRun

TESTS = Path(__file__).parents[1]
STORE = TESTS.parent / ".bench"
HOSTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
}


@dataclass
class Databases:
    """Databases of one kind: makes them, and looks at them from outside."""

    kind: str
    folder: Path
    postgres: PostgresServer | None
    made: dict[str, str] = field(default_factory=dict)

    def url(self, name: str) -> str:
        if self.postgres is None:
            return f"sqlite:///{self.folder / name}.sqlite"
        if name not in self.made:
            self.made[name] = self.postgres.create_database()
        return self.postgres.url(self.made[name])

    @asynccontextmanager
    async def looking(self, name: str) -> AsyncIterator[Callable[[str], Awaitable[list[tuple[Any, ...]]]]]:
        """A connection of our own, kept open, and a way to ask it."""
        if self.postgres is None:
            kept = sqlite3.connect(
                self.folder / f"{name}.sqlite", timeout=30, isolation_level=None, check_same_thread=False
            )

            async def look(query: str) -> list[tuple[Any, ...]]:
                return await asyncio.to_thread(lambda: kept.execute(query).fetchall())

            try:
                yield look
            finally:
                kept.close()
            return
        self.url(name)
        link = await asyncpg.connect(
            host=str(self.postgres.folder), user="postgres", database=self.made[name]
        )

        async def ask(query: str) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await link.fetch(query)]

        try:
            yield ask
        finally:
            await link.close()

    async def rows(self, name: str, query: str) -> list[tuple[Any, ...]]:
        """One look at a database."""
        async with self.looking(name) as look:
            return await look(query)

    async def count(self, name: str, counted: str) -> int:
        """The rows of a table that a condition leaves: `delivery`, `outbox where outcome <> ''`."""
        ((found,),) = await self.rows(name, f"select count(*) from {counted}")
        return int(found)


@dataclass
class Machine:
    """A folder, a NATS server and databases for one measurement; the hosts that run on it, by the ids of their processes."""

    folder: Path
    nats: NatsServer
    databases: Databases
    running_hosts: dict[str, int] = field(default_factory=dict)

    def environment(self, name: str) -> dict[str, str]:
        return os.environ | {
            "PYTHONPATH": str(TESTS),
            "NETRAL_PARTIES_FILE": str(self.folder / "parties.json"),
            "NETRAL_KEYS_FOLDER": str(self.folder / name),
            "NETRAL_DATABASE_URL": self.databases.url(name),
            "NETRAL_VAULT_URL": self.databases.url(f"{name}_vault"),
            "NETRAL_STATE_FOLDER": str(self.folder / "state" / name),
            "NETRAL_NATS_URL": self.nats.url,
            "NETRAL_LOG_LEVEL": "WARNING",
            "NETRAL_CLOCK_SECONDS": "0",
            "NETRAL_PAIRING_SECONDS": "0",
        }

    def load(self, count: int, *words: str) -> list[str]:
        """Enter matters at the supervisor's desk (`bench.load`)."""
        done = subprocess.run(
            [sys.executable, "-m", "bench.load", str(count), *words],
            env=self.environment("bawaslu"),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )
        return done.stdout.split()

    def start(self, module: str, *words: str, environment: Mapping[str, str] | None = None) -> Any:
        """Start a Python program that dies with us; what it complains of is in a log of its own."""
        return subprocess.Popen(
            die_with_parent.command(sys.executable, "-m", module, *words),
            env=environment or os.environ | {"PYTHONPATH": str(TESTS)},
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"{module}.log").open("a"),
        )

    @asynccontextmanager
    async def running(self, *names: str) -> AsyncIterator[dict[str, str]]:
        """These hosts as processes of their own; gives their addresses."""
        processes = {}
        try:
            for name in names:
                (self.folder / "state" / name).mkdir(parents=True, exist_ok=True)
                processes[name] = self.start(name, environment=self.environment(name))
            self.running_hosts = {name: process.pid for name, process in processes.items()}
            addresses = {name: self.folder / "state" / name / f"{name}.address" for name in names}
            await wait(lambda: _all_there(addresses.values()), 300)
            yield {name: path.read_text() for name, path in addresses.items()}
        finally:
            end(*processes.values())

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far: of each host, and of PostgreSQL with all its sessions."""
        used = {name: cpu_seconds(pid) for name, pid in self.running_hosts.items()}
        if self.databases.postgres is not None:
            used["postgresql"] = _with_children(self.databases.postgres)
        return used


def _with_children(server: PostgresServer) -> float:
    """CPU seconds of a server's processes, those that have ended too."""
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, fields = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[1]) == postmaster:
            ticks += int(fields[11]) + int(fields[12])
        if pid == postmaster:  # and what it waited for: cutime, cstime
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def end(*processes: Any) -> None:
    """Let processes end, and wait for it."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(60)


async def _all_there(paths: Any) -> bool:
    return all(path.exists() for path in paths)


async def wait(condition: Callable[[], Awaitable[bool]], within: float) -> None:
    deadline = time.monotonic() + within
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within} s")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def machine(
    databases: Callable[[Path], Databases], *, hosts: Mapping[str, Sequence[tuple[str, str]]] = HOSTS
) -> AsyncIterator[Machine]:
    """A fresh machine; its folder goes away at the end."""
    folder = STORE / uuid.uuid4().hex[:8]
    folder.mkdir(parents=True)
    make_keys(folder, hosts)
    try:
        async with machine_in(folder, databases(folder), hosts) as place:
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def machine_in(
    folder: Path, databases: Databases, hosts: Mapping[str, Sequence[tuple[str, str]]] = HOSTS
) -> AsyncIterator[Machine]:
    """A machine over keys and databases that are there, with an empty stream."""
    async with NatsServer(folder / "nats") as server:
        client = await nats.connect(server.url)
        js = client.jetstream()
        await js.add_stream(
            StreamConfig(name=subjects.STREAM, subjects=subjects.IN_STREAM, duplicate_window=120)
        )
        for name, parties in hosts.items():
            config = ConsumerConfig(
                durable_name=name,
                ack_policy=AckPolicy.EXPLICIT,
                filter_subjects=[subjects.to_party(party) for party, _ in parties],
                max_ack_pending=4096,
            )
            await js.add_consumer(subjects.STREAM, config)
        await js.add_stream(StreamConfig(name="BENCH", subjects=["bench.>"], duplicate_window=120))
        await client.close()
        yield Machine(folder, server, databases)


@contextmanager
def database_server(kind: str, keep: Path | None = None) -> Iterator[PostgresServer | None]:
    """A PostgreSQL that keeps what it committed, for as long as it is needed; none for SQLite. `keep`: where its data stay."""
    if kind != "postgresql":
        yield None
        return
    run = TestRun.make()
    held = run.hold()
    try:
        server = PostgresServer(run.postgres)
        server.start(while_locked=run.folder / "alive", remove=run.folder, settings=DURABLE, keep=keep)
        yield server
    finally:
        run.let_go(held)
    while keep is not None and (keep / "postmaster.pid").exists():  # whoever comes next finds it at rest
        time.sleep(0.1)
