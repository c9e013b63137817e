"""Reads of a desk while it makes evidence packs: their p99, times that of a quiet desk.

    PYTHONPATH=tests .venv/bin/python -m bench.packs [--databases sqlite,postgresql] [--matters N] [--seconds N]

Eight packs of up to 200 matters each are asked for at once. An officer's reads (one matter, by its name) go on all the while, 50
a second: each begins at its time whether the one before has been answered or not, so that a desk which stands still is seen.
"""

import argparse
import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence

import grpc

from bench.exchange_rates import METADATA, at_rest
from bench.places import Databases, Machine, database_server, machine, wait
from netral.audit.v1 import events_pb2, service_pb2, service_pb2_grpc
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1 import service_pb2_grpc as bawaslu_grpc
from support.postgres import PostgresServer

PACKS = 8
PER_SECOND = 50
IN_VAIN = {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE}
AUDITOR = (("netral-party", "bawaslu"), ("netral-officer", "bench"), ("netral-role", "auditor"))


async def reads_beside_packs(
    kind: str, server: PostgresServer | None, matters: int, seconds: float
) -> dict[str, float]:
    """Milliseconds of reads at a quiet desk and beside packs, the ratio of their p99, and seconds until the packs are there."""
    async with machine(lambda folder: Databases(kind, folder, server)) as place:
        return await _measure(place, place.load(matters, "study"), seconds)


async def _measure(place: Machine, names: Sequence[str], seconds: float) -> dict[str, float]:
    async with (
        place.running("bawaslu") as addresses,
        # The packs' bytes come over a connection of their own, as another caller's do.
        grpc.aio.insecure_channel(addresses["bawaslu"]) as channel,
        grpc.aio.insecure_channel(addresses["bawaslu"], [("grpc.use_local_subchannel_pool", 1)]) as other,
    ):
        await at_rest(place, channel)
        await wait(lambda: _whole(other, names[0]), 60)
        stub = bawaslu_grpc.BawasluReadServiceStub(channel)

        async def read(number: int) -> None:
            name = f"institutions/bawaslu/matters/{names[number % len(names)]}"
            await stub.GetMatter(bawaslu.GetMatterRequest(name=name), metadata=METADATA, timeout=120)

        await reads(read, lambda: False, 1)  # warms up
        quiet = await reads(read, lambda: False, seconds)
        began = time.perf_counter()
        making = asyncio.gather(*(_pack(other, names[turn::PACKS][:200]) for turn in range(PACKS)))
        beside = await reads(read, making.done, 600)
        await making
        took = time.perf_counter() - began
    return {
        "reads beside packs": p99(beside) / p99(quiet),
        "reads, quiet: p99 ms": p99(quiet),
        "reads beside packs: p99 ms": p99(beside),
        "eight packs: s": took,
    }


async def reads(
    read: Callable[[int], Awaitable[None]], ended: Callable[[], bool], seconds: float
) -> list[float]:
    """Milliseconds of each read, from when it was due; until that time has passed or something has ended."""
    took: list[float] = []

    async def one(number: int, due: float) -> None:
        try:
            await read(number)
        except grpc.aio.AioRpcError as error:  # the caller waited in vain, and for so long
            if error.code() not in IN_VAIN:
                raise
        took.append((time.perf_counter() - due) * 1000)

    running, started, number = [], time.perf_counter(), 0
    while not ended() and number < seconds * PER_SECOND:
        due = started + number / PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        running.append(asyncio.create_task(one(number, due)))
        number += 1
    await asyncio.gather(*running)
    return took


def p99(milliseconds: Sequence[float]) -> float:
    """All but one in a hundred took no longer."""
    return sorted(milliseconds)[int(len(milliseconds) * 0.99)]


async def _pack(channel: grpc.aio.Channel, matters: Sequence[str]) -> int:
    request = service_pb2.ExportPackRequest(
        parent="institutions/bawaslu",
        request_id=str(uuid.uuid4()),
        purpose=events_pb2.EXPORT_PURPOSE_AUDIT,
        matters=matters,
    )
    stream = service_pb2_grpc.AuditServiceStub(channel).ExportPack(request, metadata=AUDITOR, timeout=600)
    return sum([len(piece.data) async for piece in stream])


async def _whole(channel: grpc.aio.Channel, matter: str) -> bool:
    """True once the desk can make a pack: its log has a checkpoint that is published."""
    try:
        return await _pack(channel, [matter]) > 0
    except grpc.aio.AioRpcError as error:
        if error.code() not in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.UNAVAILABLE):
            raise
        await asyncio.sleep(0.5)
        return False


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--matters", type=int, default=1600)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    for kind in asked.databases.split(","):
        with database_server(kind) as server:
            found = asyncio.run(reads_beside_packs(kind, server, asked.matters, asked.seconds))
        print(kind, ", ".join(f"{name}: {value:.1f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
