"""`make bench`: every figure that must be reached, in one run on both databases, and one table that says which are.

    PYTHONPATH=tests .venv/bin/python -m bench.run [--rounds N] [--parts exchange,trips,…] [--databases sqlite,postgresql]
                                                   [--count N] [--sizes 100,10000,1000000] [--small]

| part | measures |
|---|---|
| exchange | backlog, callers and latency beside two baselines; each round everything once on each database |
| trips | round trips of a small commit on PostgreSQL |
| packs | reads while packs are made |
| start | start and memory of the host with 561 parties |
| batches | batches of leaves to the signed head |
| cosigning | a cosignature over NATS |
| growth | how cost grows with the matters and leaves that are there, the plans of statements, and a year of elections |

The machine is shared and noisy: rounds go from database to database, and the table has their medians and ranges; read the ratios.
It writes `.bench/results.json` too, after each part. `--small`: so little that the figures mean nothing.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench import must_reach, packs, queries, round_trips, start, witness
from bench.exchange_rates import exchange_round
from bench.growth import election_year
from bench.growth import measure as growth
from bench.places import STORE, Databases, database_server
from support.postgres import PostgresServer

Found = Mapping[str, float]


@dataclass(frozen=True)
class Asked:
    """Amounts to measure."""

    count: int
    small: bool
    sizes: Sequence[int]

    def of(self, many: int, few: int) -> int:
        return few if self.small else many


Part = Callable[[str, PostgresServer | None, Asked], Found]


def exchange(kind: str, server: PostgresServer | None, asked: Asked) -> Found:
    return asyncio.run(exchange_round(kind, server, asked.count, asked.of(500, 50)))


def starting(kind: str, server: PostgresServer | None, asked: Asked) -> Found:
    found = asyncio.run(start.starts(kind, server, asked.of(561, 5), 1))
    return {name: statistics.median(values) for name, values in found.items()}


def batches(kind: str, server: PostgresServer | None, asked: Asked) -> Found:
    with tempfile.TemporaryDirectory(dir=STORE) as folder:
        url = Databases(kind, Path(folder), server).url("append")
        whole = queries.whole_batches(url, Path(folder) / "witnessed", asked.of(60, 3))
        return {"batches": asyncio.run(whole)}


def trips(_kind: str, server: PostgresServer | None, _asked: Asked) -> Found:
    return asyncio.run(round_trips.round_trips(server)) if server is not None else {}


def beside_packs(kind: str, server: PostgresServer | None, asked: Asked) -> Found:
    return asyncio.run(packs.reads_beside_packs(kind, server, asked.of(1600, 16), asked.of(10, 1)))


def cosigning(kind: str, _server: PostgresServer | None, asked: Asked) -> Found:
    return asyncio.run(_cosigning(asked.of(400, 20))) if kind == must_reach.SQLITE else {}


async def _cosigning(requests: int) -> Found:
    with tempfile.TemporaryDirectory(dir=STORE) as name:
        folder = Path(name)
        async with witness.a_server(folder, 1) as nats:
            times = await witness.over_nats(folder, nats.url, "ed25519", requests)
    return {
        "cosigning": statistics.median(took for took, _ in times),
        "cosigning CPU ms": statistics.median(used for _, used in times),
    }


def growing(kind: str, server: PostgresServer | None, asked: Asked) -> Found:
    return growth.growth(kind, server, (10, 20) if asked.small else asked.sizes, asked.of(300, 10))


EACH_ROUND: Mapping[str, Part] = {
    "exchange": exchange,
    "batches": batches,
    "cosigning": cosigning,
    "start": starting,
}
ONCE: Mapping[str, Part] = {"trips": trips, "packs": beside_packs, "growth": growing}
PARTS = {**EACH_ROUND, **ONCE}


def measure(
    asked: Asked, kinds: list[str], rounds: int, parts: list[str]
) -> dict[str, dict[str, list[float]]]:
    """Each round goes through the databases, so that what disturbs the machine disturbs both."""
    results: dict[str, dict[str, list[float]]] = {kind: {} for kind in kinds}
    for number in range(rounds):
        for kind in kinds:
            with database_server(kind) as server:
                for part in parts:
                    if part in EACH_ROUND or number == 0:
                        began = time.perf_counter()
                        for name, value in PARTS[part](kind, server, asked).items():
                            results[kind].setdefault(name, []).append(value)
                        took = time.perf_counter() - began
                        print(f"round {number + 1}, {kind}, {part}: {took:.0f} s", flush=True)
                        (STORE / "results.json").write_text(json.dumps(results, indent=1))
    return results


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--count", type=int, default=2000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--databases", default="sqlite,postgresql")
    arguments.add_argument("--parts", default=",".join(PARTS))
    arguments.add_argument("--sizes", default=",".join(map(str, growth.SIZES)), help="Matters, for growth.")
    arguments.add_argument("--small", action="store_true")
    given = arguments.parse_args()
    parts = given.parts.split(",")
    if unknown := set(parts) - PARTS.keys():
        arguments.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    STORE.mkdir(exist_ok=True)
    asked = Asked(given.count, given.small, [int(size) for size in given.sizes.split(",")])
    results = measure(asked, given.databases.split(","), given.rounds, parts)
    console = Console(width=170)
    console.print(must_reach.rates_of(results))
    if "growth" in parts:
        for kind, figures in results.items():
            medians = {name: statistics.median(values) for name, values in figures.items()}
            print(*election_year.estimate(election_year.Measured.of(kind, medians)), sep="\n")
    console.print(must_reach.table_of(results))


if __name__ == "__main__":
    main()
