"""Start and memory of the personnel authorities' host with all its 561 parties.

    PYTHONPATH=tests .venv/bin/python -m bench.start [--databases sqlite,postgresql] [--parties N] [--times N]

The first start makes the tables and is not counted. Then, each time: seconds from the start of the process until its health check
says that it serves, CPU seconds that it took, and resident memory once it has come to rest.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from agreement.parties import institutions
from bench.idle import cpu_seconds
from bench.places import HOSTS, Databases, Machine, database_server, end, machine, wait
from support.postgres import PostgresServer

_REST = 3.0


async def starts(
    kind: str, server: PostgresServer | None, parties: int, times: int
) -> dict[str, list[float]]:
    """Seconds, CPU seconds and megabytes of each start."""
    ids = institutions.personnel_authorities()[:parties]
    hosts = {**HOSTS, "ppk": [(id, "personnel_authority") for id in ids]}
    found: dict[str, list[float]] = {"start": [], "start cpu": [], "memory": []}
    async with machine(lambda folder: Databases(kind, folder, server), hosts=hosts) as place:
        await _start(place)
        for _ in range(times):
            for name, value in zip(found, await _start(place), strict=True):
                found[name].append(value)
    return found


async def _start(place: Machine) -> tuple[float, float, float]:
    state = place.folder / "state" / "ppk"
    state.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    process = place.start("ppk", environment=place.environment("ppk"))
    try:
        address = state / "ppk.address"
        await wait(lambda: _serves(address), 120)
        took, used = time.perf_counter() - began, cpu_seconds(process.pid)
        await asyncio.sleep(_REST)
        return took, used, resident(process.pid)
    finally:
        end(process)


async def _serves(address: Path) -> bool:
    if not address.exists():
        return False
    async with grpc.aio.insecure_channel(address.read_text()) as channel:
        try:
            check = health_pb2_grpc.HealthStub(channel).Check
            answer = await check(health_pb2.HealthCheckRequest(), timeout=5)
        except grpc.aio.AioRpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def resident(pid: int) -> float:
    """Resident memory of a process in megabytes (VmRSS)."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--parties", type=int, default=561)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    for kind in asked.databases.split(","):
        with database_server(kind) as server:
            found = asyncio.run(starts(kind, server, asked.parties, asked.times))
        seconds, used, memory = map(statistics.median, found.values())
        print(
            f"{kind}, {asked.parties} parties: serves after {seconds:.1f} s ({used:.1f} s of CPU), {memory:.0f} MB"
        )


if __name__ == "__main__":
    main()
