"""Round trips of one small commit on PostgreSQL: command, relay, inbox and receipts, BEGIN and COMMIT included, the vault apart.

    PYTHONPATH=tests .venv/bin/python -m bench.round_trips [--show]

Three desks in this process move step by step (`support.steps`), so that nothing else runs; the wire to the server is read along
(`support.round_trips`). The first matters prepare the statements; of the others, the median. `--show` prints each statement.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.places import Databases, database_server
from support.keys import make_keys
from support.nats import NatsServer
from support.postgres import PostgresServer
from support.round_trips import RoundTrip, Wire, wire_to
from support.steps import Place, World
from support.story import Story

HOSTS = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [("ppk-6202", "personnel_authority")],
}
WARM, MEASURED = 5, 7
Steps = Mapping[str, list[list[RoundTrip]]]
"""For each step the round trips of every matter."""


class Counter:
    """Counts the round trips of steps."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.found: dict[str, list[list[RoundTrip]]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.wire.trips.clear()
        yield
        self.found.setdefault(name, []).append(list(self.wire.trips))


async def steps(server: PostgresServer) -> tuple[Steps, frozenset[str]]:
    """The round trips of each step, matter by matter; and which databases are vaults."""
    with tempfile.TemporaryDirectory(prefix="netral-", dir="/tmp") as name:
        folder = Path(name)
        make_keys(folder, HOSTS)
        databases = Databases("postgresql", folder, server)
        async with NatsServer(folder / "nats") as nats, wire_to(server.folder, folder) as wire:
            place = Place(folder, nats.url, lambda which: wire.url(databases.url(which)))
            async with World(place, from_memory=True) as world:
                counter = Counter(wire)
                for number in range(1, WARM + MEASURED + 1):
                    await _refer(world, counter, Story(number))
        vaults = frozenset(made for which, made in databases.made.items() if which.endswith("_vault"))
        return counter.found, vaults


async def _refer(world: World, counter: Counter, story: Story) -> None:
    for _, method, request in story.steps():
        if method == "ReferMatter":
            await world.settle()
            with counter.step("command"):
                await world.call("bawaslu", method, request)
            break
        answer = await world.call("bawaslu", method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
    with counter.step("relay"):
        await world.hand_over(world.desks["bawaslu"])
    with counter.step("inbox"):
        await world.take_in("kasn")
    with counter.step("receipts"):
        await world.take_in("bawaslu")
    await world.settle()


async def round_trips(server: PostgresServer) -> dict[str, float]:
    """Count those of each step, and those of the vault beside."""
    found, vaults = await steps(server)
    counted: dict[str, float] = {}
    for name, matters in found.items():
        for words, of_vault in ((f"trips {name}", False), (f"trips {name}, vault", True)):
            each = [sum((trip.database in vaults) is of_vault for trip in trips) for trips in matters[WARM:]]
            counted[words] = statistics.median(each)
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true", help="Print the statements of the last matter.")
    shown = parser.parse_args().show
    with database_server("postgresql") as server:
        assert server is not None
        found, vaults = asyncio.run(steps(server))
    for name, matters in found.items():
        counts = [
            (
                sum(trip.database not in vaults for trip in trips),
                sum(trip.database in vaults for trip in trips),
            )
            for trips in matters[WARM:]
        ]
        print(f"{name}: {counts} (database, vault)")
        for trip in matters[-1] if shown else ():
            words = " | ".join(" ".join(text.split()) for text in trip.statements)
            print(
                "   ", "vault " if trip.database in vaults else "", "prepares " * trip.prepares, words[:300]
            )


if __name__ == "__main__":
    main()
