"""`make bench`: what the exchange does, beside what a user would write instead, in one run on one machine.

1. backlog: outbox rows to stored outcome receipts, through real processes, statements per second;
2. callers: 1, 8 and 64 concurrent gRPC callers, command to settled;
3. latency: command → committed at the recipient, p50 and p99 at 50 commands per second;
4. baseline: a FastStream pull consumer with SQLModel that stores one row and acks, 1 and 16 workers.

All of it on SQLite and on PostgreSQL, with NATS at `sync_interval: always`. The machine is shared and noisy: each round measures
everything once, one after the other, and the table has the medians; read the ratios. `PYTHONPATH=tests python -m bench.run [--count N]
[--rounds N] [--databases sqlite,postgresql] [--parts backlog,callers,latency]` prints a table and writes `.bench/results.json`.
"""

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import grpc
import nats
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig
from rich.console import Console
from rich.table import Table

from exchange.bus import subjects
from netral.bawaslu.v1 import service_pb2_grpc
from operations.local import die_with_parent
from support.keys import make_keys
from support.nats import NatsServer
from support.postgres import DURABLE, PostgresServer, TestRun
from support.story import Story

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HOSTS = {"bawaslu": [("bawaslu", "supervisor")], "kasn": [("kasn", "examiner")]}
METADATA = (("netral-party", "bawaslu"), ("netral-officer", "bench"), ("netral-role", "officer"))
WARM_UP = 0.05


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

    async def rows(self, name: str, query: str) -> list[tuple[Any, ...]]:
        """One look at a database."""
        if self.postgres is None:
            return await asyncio.to_thread(self._sqlite_rows, name, query)
        connection = await asyncpg.connect(
            host=str(self.postgres.folder), user="postgres", database=self.made[name]
        )
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    def _sqlite_rows(self, name: str, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / f"{name}.sqlite", timeout=30) as connection:
            return connection.execute(query).fetchall()


@dataclass
class Machine:
    """A folder, a NATS server and databases for one measurement."""

    folder: Path
    nats: NatsServer
    databases: Databases

    def environment(self, name: str) -> dict[str, str]:
        return os.environ | {
            "PYTHONPATH": str(ROOT / "tests"),
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
        command = [sys.executable, "-m", "bench.load", str(count), *words]
        done = subprocess.run(
            command,
            env=self.environment("bawaslu") | {"PYTHONPATH": str(HERE.parent)},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )
        return done.stdout.split()

    @asynccontextmanager
    async def running(self, *names: str) -> AsyncIterator[dict[str, str]]:
        """These services as processes of their own; gives their addresses."""
        processes = []
        try:
            for name in names:
                (self.folder / "state" / name).mkdir(parents=True, exist_ok=True)
                processes.append(
                    subprocess.Popen(
                        die_with_parent.command(sys.executable, "-m", name),
                        env=self.environment(name),
                        stderr=(self.folder / f"{name}.log").open("a"),
                    )
                )
            addresses = [self.folder / "state" / name / f"{name}.address" for name in names]
            await wait(lambda: _all(path.exists() for path in addresses), 60)
            yield {name: path.read_text() for name, path in zip(names, addresses, strict=True)}
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(30)


async def _all(conditions: Any) -> bool:
    return all(conditions)


async def wait(condition: Callable[[], Awaitable[bool]], within: float) -> None:
    deadline = time.monotonic() + within
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within} s")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def machine(databases: Callable[[Path], Databases]) -> AsyncIterator[Machine]:
    folder = ROOT / ".bench" / uuid.uuid4().hex[:8]
    folder.mkdir(parents=True)
    make_keys(folder, HOSTS)
    server = NatsServer(folder / "nats")
    (folder / "nats").mkdir()
    await server.start()
    client = await nats.connect(server.url)
    js = client.jetstream()
    await js.add_stream(StreamConfig(name=subjects.STREAM, subjects=subjects.IN_STREAM, duplicate_window=120))
    for name, parties in HOSTS.items():
        filters = [subjects.to_party(party) for party, _ in parties]
        config = ConsumerConfig(
            durable_name=name, ack_policy=AckPolicy.EXPLICIT, filter_subjects=filters, max_ack_pending=4096
        )
        await js.add_consumer(subjects.STREAM, config)
    await js.add_stream(StreamConfig(name="BENCH", subjects=["bench.>"], duplicate_window=120))
    await client.close()
    try:
        yield Machine(folder, server, databases(folder))
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def rate(count: int, done: Callable[[], Awaitable[int]]) -> float:
    """Per second, from the first look that finds some done until all are."""
    first: tuple[float, int] | None = None
    while True:
        now, seen = time.perf_counter(), await done()
        if first is None and seen > count * WARM_UP:
            first = (now, seen)
        if seen >= count:
            assert first is not None
            return (count - first[1]) / max(now - first[0], 1e-9)
        await asyncio.sleep(0.02)


async def backlog(place: Machine, count: int) -> float:
    place.load(count)

    async def settled() -> int:
        ((found,),) = await place.databases.rows("bawaslu", "select count(*) from outbox where outcome <> ''")
        return int(found)

    async with place.running("kasn", "bawaslu"):
        return await rate(count, settled)


async def baseline(place: Machine, count: int, workers: int) -> float:
    parcel = await a_parcel(place)
    client = await nats.connect(place.nats.url)
    js = client.jetstream()
    for start in range(0, count, 200):
        await asyncio.gather(
            *(
                js.publish("bench.statement", parcel, headers={"Nats-Msg-Id": str(number)})
                for number in range(start, min(start + 200, count))
            )
        )
    await client.close()
    url = place.databases.url("baseline")
    process = subprocess.Popen(
        die_with_parent.command(sys.executable, "-m", "bench.baseline", place.nats.url, url, str(workers)),
        env=os.environ | {"PYTHONPATH": str(HERE.parent)},
        stdout=subprocess.DEVNULL,
        stderr=(place.folder / "baseline.log").open("a"),
    )

    async def stored() -> int:
        try:
            ((found,),) = await place.databases.rows("baseline", "select count(*) from storedmessage")
        except (sqlite3.OperationalError, asyncpg.UndefinedTableError):
            return 0
        return int(found)

    try:
        return await rate(count, stored)
    finally:
        process.terminate()
        process.wait(30)


async def a_parcel(place: Machine) -> bytes:
    """As many bytes as one referral has on the wire."""
    return os.urandom(1100)


async def callers(place: Machine, count: int, concurrent: int) -> float:
    matters = place.load(count, "study")
    requests = [_referral(number, matter) for number, matter in enumerate(matters, 1)]
    async with (
        place.running("kasn", "bawaslu") as addresses,
        grpc.aio.insecure_channel(addresses["bawaslu"]) as channel,
    ):
        stub = service_pb2_grpc.BawasluServiceStub(channel)
        waiting = list(reversed(requests))

        async def caller() -> None:
            while waiting:
                await stub.ReferMatter(waiting.pop(), metadata=METADATA, timeout=60)

        async def all_settled() -> bool:
            query = "select count(*) from outbox where outcome <> ''"
            ((found,),) = await place.databases.rows("bawaslu", query)
            return int(found) >= count

        await at_rest(place, channel)
        started = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(concurrent)))
        await wait(all_settled, 300)
        return count / (time.perf_counter() - started)


async def at_rest(place: Machine, channel: grpc.aio.Channel) -> None:
    """Wait until all that filled the database has its place in the log, and the desk answers."""

    async def sequenced() -> bool:
        ((pending,),) = await place.databases.rows("bawaslu", "select count(*) from pending_leaf")
        return not pending

    await channel.channel_ready()
    await wait(sequenced, 120)


async def latency(place: Machine, count: int, per_second: float) -> tuple[float, float]:
    """Milliseconds from the call until the statement can be seen in the recipient's database, p50 and p99."""
    matters = place.load(count, "study")
    called: dict[str, float] = {}
    seen: dict[str, float] = {}
    async with (
        place.running("kasn", "bawaslu") as addresses,
        grpc.aio.insecure_channel(addresses["bawaslu"]) as channel,
    ):
        stub = service_pb2_grpc.BawasluServiceStub(channel)
        await at_rest(place, channel)
        watching = asyncio.create_task(_watch(place, seen, count))
        calls = []
        started = time.perf_counter()
        for number, matter in enumerate(matters, 1):
            await asyncio.sleep(max(0.0, started + number / per_second - time.perf_counter()))
            called[matter] = time.perf_counter()
            calls.append(asyncio.create_task(_call(stub, _referral(number, matter))))
        await asyncio.gather(*calls)
        await asyncio.wait_for(watching, 60)
    taken = sorted((seen[matter] - called[matter]) * 1000 for matter in list(matters)[count // 10 :])
    return statistics.median(taken), taken[int(len(taken) * 0.99)]


async def _call(stub: Any, request: Any) -> None:
    await stub.ReferMatter(request, metadata=METADATA, timeout=30)


async def _watch(place: Machine, seen: dict[str, float], count: int) -> None:
    """Look at the recipient's database every few milliseconds, through one connection kept open."""
    # A batch of the inbox is at most 128.
    query = "select matter from inbox order by id desc limit 200"
    if place.databases.postgres is None:
        path = place.folder / "kasn.sqlite"
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        look: Callable[[], Awaitable[Any]] = lambda: _now(connection.execute(query).fetchall())  # noqa: E731
    else:
        server = place.databases.postgres
        link = await asyncpg.connect(
            host=str(server.folder), user="postgres", database=place.databases.made["kasn"]
        )
        look = lambda: link.fetch(query)  # noqa: E731
    while len(seen) < count:
        for (matter,) in await look():
            seen.setdefault(matter, time.perf_counter())
        await asyncio.sleep(0.002)


async def _now(value: Any) -> Any:
    return value


def _referral(number: int, matter: str) -> Any:
    story = Story(number)
    story.matter = matter
    return next(request for _, method, request in story.steps() if method == "ReferMatter")


async def measure(kind: str, count: int, rounds: int, parts: Sequence[str]) -> dict[str, list[float]]:
    run = TestRun.make()
    held = run.hold()
    server = None
    if kind == "postgresql":
        server = PostgresServer(run.postgres)
        server.start(while_locked=run.folder / "alive", remove=run.folder, settings=DURABLE)
    figures: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        figures.setdefault(name, []).append(value)

    try:

        async def on(work: Callable[[Machine], Awaitable[Any]]) -> Any:
            async with machine(lambda folder: Databases(kind, folder, server)) as place:
                return await work(place)

        for _ in range(rounds):
            for workers in (1, 16):
                note(f"baseline {workers}", await on(lambda place, w=workers: baseline(place, count, w)))
            if "backlog" in parts:
                note("backlog", await on(lambda place: backlog(place, count)))
            if "callers" in parts:
                for concurrent, share in ((1, 10), (8, 3), (64, 1)):
                    some = max(count // share, 50)
                    note(
                        f"callers {concurrent}",
                        await on(lambda place, c=concurrent, n=some: callers(place, n, c)),
                    )
            if "latency" in parts:
                p50, p99 = await on(lambda place: latency(place, 500, 50))
                note("p50 ms", p50)
                note("p99 ms", p99)
    finally:
        run.let_go(held)
    return figures


def show(results: dict[str, dict[str, list[float]]]) -> None:
    """Medians over the rounds; ratios to the better baseline of the same round, their median and range."""
    table = Table(title="statements per second; in brackets: times the better baseline of the same round")
    table.add_column("what")
    for kind in results:
        table.add_column(kind, justify="right")
    for name in next(iter(results.values())):
        cells = []
        for figures in results.values():
            values = figures[name]
            text = f"{statistics.median(values):,.0f}"
            if not name.endswith("ms"):
                best = map(max, figures["baseline 1"], figures["baseline 16"])
                ratios = sorted(value / other for value, other in zip(values, best, strict=True))
                text += f" ({statistics.median(ratios):.2f}; {ratios[0]:.2f}–{ratios[-1]:.2f})"
            cells.append(text)
        table.add_row(name, *cells)
    Console().print(table)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--count", type=int, default=3000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--databases", default="sqlite,postgresql")
    arguments.add_argument("--parts", default="backlog,callers,latency")
    asked = arguments.parse_args()
    results = {
        kind: asyncio.run(measure(kind, asked.count, asked.rounds, asked.parts.split(",")))
        for kind in asked.databases.split(",")
    }
    show(results)
    (ROOT / ".bench").mkdir(exist_ok=True)
    (ROOT / ".bench" / "results.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
