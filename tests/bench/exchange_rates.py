"""Rates of the exchange and of two baselines: what one would write instead.

1. backlog: outbox rows to stored outcome receipts, through real processes, statements per second;
2. callers: 1, 8 and 64 concurrent gRPC callers, command to settled;
3. latency: command → committed at the recipient, p50 and p99 at 50 commands per second;
4. baseline: a FastStream pull consumer with SQLModel that stores one row and acks, 1 and 16 workers (`bench.baseline`);
5. the other baseline: the same gRPC call, one row and one publish, for 64 callers (`bench.baseline_calls`).

A round measures everything once, one after the other, so that its ratios compare what ran on the same machine at the same time.
"""

import asyncio
import os
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import grpc
import nats

from bench.places import Databases, Machine, end, machine, wait
from netral.bawaslu.v1 import service_pb2_grpc
from support.postgres import PostgresServer
from support.story import Story

METADATA = (("netral-party", "bawaslu"), ("netral-officer", "bench"), ("netral-role", "officer"))
WARM_UP = 0.05
PER_SECOND = 50
CALLERS = {1: 10, 8: 3, 64: 1}
"""Concurrent callers, and the part of the statements that they send: one is slow."""


async def exchange_round(
    kind: str, server: PostgresServer | None, count: int, commands: int
) -> dict[str, float]:
    """Every figure of the exchange once: rates, and times their baselines."""

    async def on(work: Callable[[Machine], Awaitable[Any]]) -> Any:
        async with machine(lambda folder: Databases(kind, folder, server)) as place:
            return await work(place)

    found: dict[str, float] = {}
    for workers in (1, 16):
        found[f"baseline {workers}"] = await on(lambda place, w=workers: baseline(place, count, w))
    for connections in (1, 16):
        found[f"baseline calls {connections}"] = await on(
            lambda place, c=connections: baseline_calls(place, count, c)
        )
    found["backlog"] = await on(lambda place: backlog(place, count))
    for concurrent, share in CALLERS.items():
        some = max(count // share, 50)
        found[f"callers {concurrent}"] = await on(lambda place, c=concurrent, n=some: callers(place, n, c))
    found["p50"], found["p99"] = await on(lambda place: latency(place, commands))
    return found | ratios(found)


def ratios(found: dict[str, float]) -> dict[str, float]:
    """Rates of a round, times the better baseline of the same round."""
    better = max(found["baseline 1"], found["baseline 16"])
    calls = max(found["baseline calls 1"], found["baseline calls 16"])
    times = {
        f"{name} ratio": found[name] / better for name in ("backlog", *map("callers {}".format, CALLERS))
    }
    return times | {"callers 64 beside calls": found["callers 64"] / calls}


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
    async with place.running("kasn", "bawaslu"):
        return await rate(count, lambda: place.databases.count("bawaslu", "outbox where outcome <> ''"))


async def baseline(place: Machine, count: int, workers: int) -> float:
    # As many bytes as one referral has on the wire.
    parcel = os.urandom(1100)
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
    process = place.start("bench.baseline", place.nats.url, place.databases.url("baseline"), str(workers))

    async def stored() -> int:
        try:
            return await place.databases.count("baseline", "storedmessage")
        except (sqlite3.OperationalError, asyncpg.UndefinedTableError):
            return 0

    try:
        return await rate(count, stored)
    finally:
        end(process)


async def baseline_calls(place: Machine, count: int, connections: int) -> float:
    """Calls per second of 64 callers to the server that one would write instead, of which nothing is left to settle."""
    address = place.folder / "baseline.address"
    url = place.databases.url("calls")
    process = place.start("bench.baseline_calls", place.nats.url, url, str(connections), str(address))
    try:
        await wait(lambda: _exists(address), 60)
        requests = [
            referral(number, f"00000000-0000-7000-8000-{number:012d}") for number in range(1, count + 1)
        ]
        async with grpc.aio.insecure_channel(address.read_text()) as channel:
            await channel.channel_ready()
            started = time.perf_counter()
            await call_all(channel, requests, 64)
            return count / (time.perf_counter() - started)
    finally:
        end(process)


async def _exists(path: Any) -> bool:
    return bool(path.exists())


async def call_all(channel: grpc.aio.Channel, requests: Sequence[Any], concurrent: int) -> None:
    """Send every request, so many at a time."""
    stub = service_pb2_grpc.BawasluServiceStub(channel)
    waiting = list(reversed(requests))

    async def caller() -> None:
        while waiting:
            await stub.ReferMatter(waiting.pop(), metadata=METADATA, timeout=60)

    await asyncio.gather(*(caller() for _ in range(concurrent)))


async def callers(
    place: Machine, count: int, concurrent: int, *, first: int = 1, cpu: dict[str, float] | None = None
) -> float:
    """Commands per second until the last is settled. `first`: the number of the first story. `cpu`: takes the CPU seconds of each
    process for one statement.
    """
    matters = place.load(count, "study", str(first))
    requests = [referral(number, matter) for number, matter in enumerate(matters, first)]
    async with (
        place.running("kasn", "bawaslu") as addresses,
        grpc.aio.insecure_channel(addresses["bawaslu"]) as channel,
        place.databases.looking("bawaslu") as look,
    ):

        async def all_settled() -> bool:
            # What is not settled yet has a row here: no look at what is.
            return not await look("select 1 from delivery limit 1")

        await at_rest(place, channel)
        before, started = place.cpu(), time.perf_counter()
        await call_all(channel, requests, concurrent)
        await wait(all_settled, 300)
        took = time.perf_counter() - started
        if cpu is not None:
            cpu |= {name: (used - before[name]) / count for name, used in place.cpu().items()}
        return count / took


async def at_rest(place: Machine, channel: grpc.aio.Channel) -> None:
    """Wait until all that filled the database has its place in the log, and the desk answers."""

    async def sequenced() -> bool:
        return not await place.databases.count("bawaslu", "pending_leaf")

    await channel.channel_ready()
    await wait(sequenced, 300)


async def latency(place: Machine, count: int, *, first: int = 1) -> tuple[float, float]:
    """Milliseconds from the call until the statement can be seen in the recipient's database, p50 and p99."""
    matters = place.load(count, "study", str(first))
    called: dict[str, float] = {}
    seen: dict[str, float] = {}
    async with (
        place.running("kasn", "bawaslu") as addresses,
        grpc.aio.insecure_channel(addresses["bawaslu"]) as channel,
    ):
        stub = service_pb2_grpc.BawasluServiceStub(channel)
        await at_rest(place, channel)
        watching = asyncio.create_task(_watch(place, seen, frozenset(matters)))
        calls = []
        started = time.perf_counter()
        for number, matter in enumerate(matters):
            await asyncio.sleep(max(0.0, started + number / PER_SECOND - time.perf_counter()))
            called[matter] = time.perf_counter()
            calls.append(asyncio.create_task(_call(stub, referral(first + number, matter))))
        await asyncio.gather(*calls)
        await asyncio.wait_for(watching, 60)
    taken = sorted((seen[matter] - called[matter]) * 1000 for matter in matters[count // 10 :])
    return statistics.median(taken), taken[int(len(taken) * 0.99)]


async def _call(stub: Any, request: Any) -> None:
    await stub.ReferMatter(request, metadata=METADATA, timeout=30)


async def _watch(place: Machine, seen: dict[str, float], wanted: frozenset[str]) -> None:
    """Look at the recipient's database every few milliseconds, through one connection kept open."""
    # A batch of the inbox is at most 128.
    query = "select matter from inbox where party = 'kasn' order by id desc limit 200"
    async with place.databases.looking("kasn") as look:
        while len(seen) < len(wanted):
            for (matter,) in await look(query):
                if matter in wanted:
                    seen.setdefault(matter, time.perf_counter())
            await asyncio.sleep(0.002)


def referral(number: int, matter: str) -> Any:
    """The request that refers the matter of a story."""
    story = Story(number)
    story.matter = matter
    return next(request for _, method, request in story.steps() if method == "ReferMatter")
