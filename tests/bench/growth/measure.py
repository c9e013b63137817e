"""Growth of cost with what is there: the same measures with 10², 10⁴ and 10⁶ matters.

    PYTHONPATH=tests .venv/bin/python -m bench.growth.measure [--databases sqlite,postgresql] [--sizes 100,10000,1000000] [--commands N]

Each matter has ten leaves at its desk, so the largest desks have ten million each. They are kept in `.bench/filled` (some 20 GB; to
make them takes up to an hour), the others are made anew. At every size, on real processes: 8 callers to settled, latency at 50 a
second, three questions, and the plans of the statements that a recommendation needs (`bench.growth.plans`). CPU is that of all
hosts and of PostgreSQL together: it tells more than time does on a machine that others use.
"""

import argparse
import asyncio
import json
import random
import shutil
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from bench.exchange_rates import METADATA, at_rest, callers, latency
from bench.growth import election_year, plans
from bench.growth.fill import HOSTS, World, fill, fingerprint
from bench.places import STORE, Databases, Machine, database_server, machine_in
from netral.audit.v1 import service_pb2 as audit
from netral.audit.v1 import service_pb2_grpc as audit_grpc
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1 import service_pb2_grpc as bawaslu_grpc
from support.postgres import PostgresServer

SIZES = (100, 10_000, 1_000_000)
KEEP_FROM = 1_000_000
CALLERS = 8
ROOM = 40_000
"""Bytes that must be free for each matter at two desks, with what the databases need to make indexes."""
_QUESTIONS = 60


@dataclass
class Desks:
    """Filled desks in their folder."""

    folder: Path
    databases: Databases
    world: World

    @classmethod
    def make(cls, folder: Path, kind: str, server: PostgresServer | None, matters: int) -> "Desks":
        folder.mkdir(parents=True, exist_ok=True)
        databases = Databases(kind, folder, server)
        kept = folder / "world.json"
        if kept.exists():
            world = World(**json.loads(kept.read_text()))
            databases.made.update(world.databases)
            return cls(folder, databases, world)
        began = time.perf_counter()
        world = asyncio.run(fill(folder, databases, matters))
        took = time.perf_counter() - began
        print(f"{kind}: filled with {matters:,} matters, {world.leaves:,} leaves in {took:.0f} s", flush=True)
        made = cls(folder, databases, world)
        made.save()
        return made

    def save(self) -> None:
        (self.folder / "world.json").write_text(json.dumps(vars(self.world)))

    async def bytes_of_a_desk(self) -> float:
        """Size of the supervisor's database, all tables and indexes."""
        if self.databases.postgres is None:
            return (self.folder / "bawaslu.sqlite").stat().st_size
        ((size,),) = await self.databases.rows("bawaslu", "select pg_database_size(current_database())")
        return float(size)

    def next_stories(self, count: int) -> int:
        """The number of the first of so many stories that nobody has told here."""
        first = self.world.next_story
        self.world.next_story += count
        self.save()
        return first


@contextmanager
def desks(kind: str, server: PostgresServer | None, matters: int) -> Iterator[Desks]:
    """Desks with so many matters: the large ones as they were kept, if they still fit."""
    if matters < KEEP_FROM:
        folder = STORE / uuid.uuid4().hex[:8]
        try:
            yield Desks.make(folder, kind, server, matters)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    folder = _kept(kind, matters)
    for old in folder.parent.glob(f"{kind}-{matters}-*"):
        if not (old / "world.json").exists() or old != folder:
            shutil.rmtree(old)
    with database_server(kind, keep=folder / "data" if kind == "postgresql" else None) as own:
        yield Desks.make(folder, kind, own, matters)


def _kept(kind: str, matters: int) -> Path:
    return STORE / "filled" / f"{kind}-{matters}-{fingerprint()}"


def _is_kept(kind: str, matters: int) -> bool:
    return (_kept(kind, matters) / "world.json").exists()


async def measure(made: Desks, commands: int) -> dict[str, float]:
    """The measures of one size; CPU in milliseconds."""
    cpu: dict[str, float] = {}
    async with machine_in(made.folder, made.databases, HOSTS) as place:
        rate = await callers(place, commands, CALLERS, first=made.next_stories(commands), cpu=cpu)
        p50, p99 = await latency(place, commands, first=made.next_stories(commands))
        asked = await questions(place, made.world)
    each = {f"CPU ms a statement, {name}": 1000 * used for name, used in cpu.items()}
    together = {"CPU ms a statement": sum(each.values())}
    return {f"{CALLERS} callers": rate, "p50": p50, "p99": p99} | together | each | asked


async def questions(place: Machine, world: World) -> dict[str, float]:
    """Milliseconds of each question at the supervisor's desk (p50), and CPU of all of them; CPU of the desk at rest."""
    chance = random.Random(7)
    async with (
        place.running("bawaslu") as addresses,
        grpc.aio.insecure_channel(addresses["bawaslu"]) as channel,
    ):
        await at_rest(place, channel)
        matters, trail = bawaslu_grpc.BawasluReadServiceStub(channel), audit_grpc.AuditServiceStub(channel)
        parent, page = "institutions/bawaslu", ""

        def any_matter() -> str:
            return world.matter_of(chance.randrange(1, world.copies + 1))

        async def get() -> None:
            name = f"{parent}/matters/{any_matter()}"
            await matters.GetMatter(bawaslu.GetMatterRequest(name=name), metadata=METADATA, timeout=60)

        async def pages() -> None:
            nonlocal page
            request = bawaslu.ListMattersRequest(parent=parent, page_size=100, page_token=page)
            page = (await matters.ListMatters(request, metadata=METADATA, timeout=60)).next_page_token

        # Of a copy's leaves nobody could read the bytes.
        known = [
            row[0]
            for row in await place.databases.rows(
                "bawaslu", "select matter from outbox order by id desc limit 100"
            )
        ]

        async def timeline() -> None:
            request = audit.SearchRequest(parent=parent, matters=[chance.choice(known)])
            await trail.Search(request, metadata=METADATA, timeout=60)

        asked: Mapping[str, Callable[[], Awaitable[Any]]] = {
            "a matter": get,
            "a page of 100 matters": pages,
            "timeline of a matter": timeline,
        }
        found: dict[str, float] = {}
        for ask in asked.values():
            await ask()
        before = place.cpu()
        for name, ask in asked.items():
            found[f"{name}: ms"] = statistics.median([await _milliseconds(ask) for _ in range(_QUESTIONS)])
        found["CPU ms a question"] = _used(place, before) * 1000 / len(asked) / _QUESTIONS
        before = place.cpu()
        await asyncio.sleep(5)
        found["at rest: % of a core"] = 100 * _used(place, before) / 5
    return found


def _used(place: Machine, before: Mapping[str, float]) -> float:
    return sum(used - before[name] for name, used in place.cpu().items())


async def _milliseconds(ask: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await ask()
    return (time.perf_counter() - began) * 1000


def growth(kind: str, server: PostgresServer | None, sizes: Sequence[int], commands: int) -> dict[str, float]:
    """Every size's measures, and how much more the largest costs than the one before. A size for which the disk has no room is left out."""
    room = shutil.disk_usage(STORE).free
    if too_large := [size for size in sizes if size * ROOM > room and not _is_kept(kind, size)]:
        print(
            f"{kind}: no room on the disk for {too_large} matters ({room / 1e9:.0f} GB are free)", flush=True
        )
        sizes = [size for size in sizes if size not in too_large]
    found: dict[str, float] = {}
    seen: dict[int, plans.Seen] = {}
    for size in sizes:
        with desks(kind, server, size) as made:
            size_at_first = asyncio.run(made.bytes_of_a_desk())
            measures = asyncio.run(measure(made, commands))
            seen[size] = asyncio.run(
                plans.look(made.folder, made.databases, made.next_stories(plans.STORIES))
            )
        found |= {f"{size:,} matters, {name}": value for name, value in measures.items()}
        found[f"{size:,} matters, bytes a matter"] = size_at_first / size
        found[f"{size:,} matters, leaves"] = made.world.leaves
        found[f"{size:,} matters, leaves of an uncut one"] = made.world.original_leaves
        for scan in seen[size].scans:
            print(f"{kind}, {size:,} matters: {scan}", flush=True)
    middle, largest = sizes[-2:]
    for name, figure in (("growth callers", "CPU ms a statement"), ("growth questions", "CPU ms a question")):
        found[name] = found[f"{largest:,} matters, {figure}"] / found[f"{middle:,} matters, {figure}"]
    for change in plans.changes(seen[middle], seen[largest]):
        print(f"{kind}, {middle:,} to {largest:,} matters: {change}", flush=True)
    found["scans"] = len({*seen[middle].scans, *seen[largest].scans})
    found["plans that change"] = len(plans.changes(seen[middle], seen[largest]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--commands", type=int, default=300)
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    for kind in asked.databases.split(","):
        with database_server(kind) as server:
            found = growth(kind, server, sizes, asked.commands)
        for name, value in found.items():
            print(f"{kind:12} {name:50} {value:12,.2f}")
        print(*election_year.estimate(election_year.Measured.of(kind, found)), sep="\n")


if __name__ == "__main__":
    main()
