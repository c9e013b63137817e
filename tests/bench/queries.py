"""Questions to a large log, beside the SELECT that one would write by hand, and what chains add to an append.

    PYTHONPATH=tests .venv/bin/python -m bench.queries [leaves] [--databases sqlite,postgresql] [--folder DIR] [--questions N]

A log of that many 200-byte records (ten to a matter, two matters to a case, an actor for each 5,000) is written by bulk
inserts, indexes last, and thrown away at the end. Then, in one run and over one connection:

- the timeline of a case, and an actor's acts in a span of time: the search against the same rows by a hand-written SELECT;
- storage per leaf, all tables and indexes;
- appends in batches: leaves with their place, tiles, chains and checkpoint, against raw commits of the same rows.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from audit.formats.leaf import Kind, leaf_row
from audit.formats.note import Signer
from audit.log import events, search_index
from audit.queries import search
from audit.queries.search import Question
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import AuditTable, Leaf, PendingLeaf
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import record_pb2, statement_pb2
from storage import together
from storage.engines import Database
from storage.types import table
from storage.upserts import insert
from support.postgres import DURABLE, PostgresServer, TestRun

PARTY = "kasn"
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
PER_MATTER, PER_CASE, PER_ACTOR = 10, 2, 5_000
_CHUNK = 20_000
COLUMNS = (
    "id",
    "party",
    "kind",
    "ref",
    "matter",
    "type",
    "actor",
    "author",
    "time",
    "hash",
    "body",
    "heading",
)


def uuid(kind: int, number: int) -> str:
    return str(UUID(int=(0x0190 << 112) + (number << 80) + (7 << 76) + (2 << 62) + (kind << 32) + number))


def micros(at: datetime) -> int:
    """An instant as SQLite's column has it."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@dataclass
class Shape:
    """Ids, matters and actors by which the leaves of a log of a size are told apart."""

    leaves: int

    def matter(self, number: int) -> int:
        """Matters go on side by side: ten leaves of one are spread over a stretch of the log."""
        block, place = divmod(number, 1000)
        return block * 100 + place % 100

    def actor(self, number: int) -> str:
        return f"officer-{number * 7919 % max(1, self.leaves // PER_ACTOR)}"

    def time(self, number: int) -> datetime:
        return BEGIN + timedelta(seconds=number * 15)


ACTIONS = ("kasn.examine", "kasn.remind", "kasn.read_file", "kasn.verify")


def rows(shape: Shape, beside: search_index.PendingIndexRows, numbers: range) -> Iterator[dict[str, Any]]:
    """The rows of the leaves with these numbers, 200 bytes of record each."""
    headings: dict[str, int] = {}
    for number in numbers:
        about = shape.matter(number)
        matter, action, actor = uuid(1, about), ACTIONS[number % len(ACTIONS)], shape.actor(number)
        record = record_pb2.Record(
            id=uuid(3, number),
            party=PARTY,
            time=timestamp(shape.time(number)),
            actor=statement_pb2.Actor(kind=statement_pb2.Actor.KIND_OFFICER, id=actor, role="officer"),
            action=action,
            matter=matter,
            case_id=uuid(2, about // PER_CASE),
            state="EXAMINING",
            source="grpc",
        )
        kept = record.SerializeToString(deterministic=True)
        if action not in headings:  # which is all that their words differ by
            headings[action] = beside.add(PARTY, events.audit_event(bytes([Kind.RECORD]) + kept))
        beside.entries.add((PARTY, record.case_id, matter, ""))
        yield leaf_row(
            number * 2 + 2,
            PARTY,
            Kind.RECORD,
            kept,
            ref=record.id,
            matter=matter,
            type=action,
            actor=actor,
            author=PARTY,
            time=shape.time(number),
            heading=headings[action],
        )


async def fill(database: Database, url: str, shape: Shape) -> None:
    """Write a log by bulk inserts; secondary indexes are made at the end."""
    indexes = list(table(Leaf).indexes)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
        for index in indexes:
            await connection.execute(text(f"DROP INDEX {index.name}"))
    beside = search_index.PendingIndexRows()
    for first in range(0, shape.leaves, _CHUNK):
        numbers = range(first, min(first + _CHUNK, shape.leaves))
        some = list(rows(shape, beside, numbers))
        places = [(PARTY, number, row["id"]) for number, row in zip(numbers, some, strict=True)]
        # All leaves of a matter stand in one chunk.
        await bulk(url, some, places, sorted(beside.entries))
        beside.entries.clear()
    async with database.write() as connection:
        await together.write(connection, beside.writes(search_index.SearchIndexCache()))
        head = {"party": PARTY, "size": shape.leaves, "time": shape.time(shape.leaves)}
        await connection.execute(
            AuditTable.metadata.tables["checkpoint"].insert(), head | {"root": bytes(32), "note": "bench\n"}
        )
        for index in indexes:
            await connection.run_sync(lambda sync, index=index: index.create(sync))
        await connection.execute(text("ANALYZE"))


Places, Entries = Sequence[tuple[str, int, int]], Sequence[tuple[str, ...]]


async def bulk(url: str, some: Sequence[dict[str, Any]], places: Places, entries: Entries) -> None:
    """Rows of leaves, of their places and of cases, the fastest way that each database has."""
    if url.startswith("sqlite"):
        await asyncio.to_thread(_bulk_sqlite, url.removeprefix("sqlite:///"), some, places, entries)
        return
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    records = [tuple(row[name] for name in COLUMNS) for row in some]
    await connection.copy_records_to_table("leaf", records=records, columns=COLUMNS)
    await connection.copy_records_to_table(
        "leaf_index", records=places, columns=("party", "index", "leaf_id")
    )
    await connection.copy_records_to_table(
        "case_entry", records=entries, columns=("party", "case_id", "matter", "ref")
    )
    await connection.close()


def _bulk_sqlite(path: str, some: Sequence[dict[str, Any]], places: Places, entries: Entries) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        values = [
            tuple(row[name] if name != "time" else micros(row[name]) for name in COLUMNS) for row in some
        ]
        marks = ",".join("?" * len(COLUMNS))
        connection.executemany(f"INSERT INTO leaf ({','.join(COLUMNS)}) VALUES ({marks})", values)
        connection.executemany('INSERT INTO leaf_index (party, "index", leaf_id) VALUES (?,?,?)', places)
        connection.executemany(
            "INSERT INTO case_entry (party, case_id, matter, ref) VALUES (?,?,?,?)", entries
        )
    connection.close()


# Questions


@dataclass
class Asked:
    """A question both ways; `by_hand` is SQL with the same answer."""

    name: str
    question: Callable[[random.Random], Question]
    by_hand: str
    values: Callable[[Question], dict[str, Any]]


_SELECT = (
    'SELECT i."index", l.id, l.ref, l.matter, l.type, l.actor, l.author, l.time, l.hash, l.body'
    " FROM leaf l JOIN leaf_index i ON i.leaf_id = l.id WHERE l.party = :party"
)


def questions(shape: Shape) -> list[Asked]:
    matters = shape.leaves // PER_MATTER
    span = timedelta(seconds=15 * shape.leaves / 50)

    def of_actor(chance: random.Random) -> Question:
        number = chance.randrange(shape.leaves)
        since = min(shape.time(number), shape.time(shape.leaves) - span)
        return Question(actor=shape.actor(number), since=since, until=since + span)

    return [
        Asked(
            "timeline of a case",
            lambda chance: Question(case=uuid(2, chance.randrange(matters // PER_CASE))),
            _SELECT
            + " AND l.matter IN (SELECT matter FROM case_entry WHERE party = :party AND case_id = :case)"
            + ' ORDER BY i."index" LIMIT 100',
            lambda asked: {"case": asked.case},
        ),
        Asked(
            "actor and time (2 % of the years)",
            of_actor,
            _SELECT
            + " AND l.actor = :actor AND l.kind <> 2 AND l.time >= :since AND l.time < :until"
            + ' ORDER BY i."index" LIMIT 100',
            lambda asked: {"actor": asked.actor, "since": asked.since, "until": asked.until},
        ),
    ]


async def ask(database: Database, shape: Shape, asked: Asked, count: int) -> dict[str, list[float]]:
    """Milliseconds of each way, turn by turn, and that both find the same."""
    chance = random.Random(7)
    took: dict[str, list[float]] = {"search": [], "by hand": []}
    written = text(asked.by_hand)
    sqlite = is_sqlite(database)
    for turn in range(count + 20):
        question = asked.question(chance)
        values = {"party": PARTY} | asked.values(question)
        if sqlite:  # as the column has them
            values = {
                name: micros(value) if isinstance(value, datetime) else value
                for name, value in values.items()
            }
        async with database.read() as connection:
            await connection.scalar(
                text("SELECT 1")
            )  # PostgreSQL begins the transaction with the first statement
            if turn % 2:
                found, by_hand = await _rows_and_time(connection.execute(written, values))
            start = time.perf_counter()
            page = await search.search(connection, PARTY, question, shape.leaves, limit=100)
            searched = time.perf_counter() - start
            if not turn % 2:
                found, by_hand = await _rows_and_time(connection.execute(written, values))
        assert [leaf.index for leaf in page.leaves] == [row[0] for row in found] and found
        if turn >= 20:
            took["search"].append(searched * 1000)
            took["by hand"].append(by_hand * 1000)
    return took


async def _rows_and_time(asked: Awaitable[Any]) -> tuple[list[Any], float]:
    start = time.perf_counter()
    rows = list(await asked)
    return rows, time.perf_counter() - start


def is_sqlite(database: Database) -> bool:
    return database.sqlite


async def measured_size(database: Database) -> int:
    """Bytes of all tables and indexes."""
    async with database.read() as connection:
        if is_sqlite(database):
            pages = await connection.scalar(text("PRAGMA page_count"))
            free = await connection.scalar(text("PRAGMA freelist_count"))
            return int(pages - free) * int(await connection.scalar(text("PRAGMA page_size")))
        names = ", ".join(f"'{name}'" for name in AuditTable.metadata.tables)
        total = text(
            f"SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind='r' AND relname IN ({names})"
        )
        return int(await connection.scalar(total))


# Appends


async def appends(database: Database, folder: Path, batch: int, batches: int) -> dict[str, float]:
    """Leaves per second: raw commits of the leaf rows; with their headings; and given their place, tiles, chains, head."""
    shape, beside = Shape(1_000_000), search_index.PendingIndexRows()
    signers = {PARTY: Signer(f"netral/{PARTY}", Ed25519PrivateKey.generate())}
    sequencer = Sequencer(database, signers, lambda: BEGIN, Lease("bench", lambda: BEGIN), folder)
    known = search_index.SearchIndexCache()
    base = 10**12 + batch * 10**9
    took = {"raw": 0.0, "written": 0.0, "sequenced": 0.0}
    for turn in range(batches):
        some = [
            row | {"id": base + (turn * 2 + half) * batch + place}
            for half in (0, 1)
            for place, row in enumerate(rows(shape, beside, range(turn * batch, (turn + 1) * batch)))
        ]
        raw, written = some[:batch], some[batch:]
        took["raw"] += await _timed(lambda raw=raw: _commit(database, raw, None, known))
        took["written"] += await _timed(lambda written=written: _commit(database, written, beside, known))
        took["sequenced"] += await _timed(sequencer.run_once)
    return {name: batch * batches / seconds for name, seconds in took.items()}


async def _commit(
    database: Database,
    some: Sequence[dict[str, Any]],
    beside: search_index.PendingIndexRows | None,
    known: search_index.SearchIndexCache,
) -> None:
    async with database.write() as connection:
        if beside is not None:
            await together.write(connection, beside.writes(known))
            await insert(
                connection, PendingLeaf, [{"leaf_id": row["id"], "party": row["party"]} for row in some]
            )
        await insert(connection, Leaf, some)
    if beside is not None:
        known.remember(beside)


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


async def bench(kind: str, url: str, leaves: int, count: int, shown: Table) -> None:
    shape = Shape(leaves)
    database = Database(url)
    filled = await _timed(lambda: fill(database, url, shape))
    size = await measured_size(database)
    shown.add_row(
        kind,
        f"log of {leaves:,} written",
        f"{filled:.0f} s",
        f"{size / 1e9:.2f} GB",
        f"{size / leaves:.0f} B",
    )
    for asked in questions(shape):
        took = await ask(database, shape, asked, count)
        middle = {name: statistics.median(times) for name, times in took.items()}
        late = {name: statistics.quantiles(times, n=20)[18] for name, times in took.items()}
        ratio = f"{middle['search'] / middle['by hand']:.2f}×"
        both = [f"p50 {middle[name]:.2f} p95 {late[name]:.2f} ms" for name in ("search", "by hand")]
        shown.add_row(kind, asked.name, *both, ratio)
    await database.close()


def whole_append(rate: Mapping[str, float]) -> float:
    """Leaves per second from the commit to the signed head."""
    return 1 / (1 / rate["written"] + 1 / rate["sequenced"])


async def whole_batches(url: str, folder: Path, batches: int) -> float:
    """Batches of 100 leaves with places, tiles, chains and signed head, times raw commits of the same rows."""
    database = Database(url)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    rate = await appends(database, folder, 100, batches)
    await database.close()
    return whole_append(rate) / rate["raw"]


async def bench_appends(kind: str, url: str, folder: Path, shown: Table) -> None:
    database = Database(url)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    for batch, batches in ((1, 200), (100, 60), (2000, 6)):
        rate = await appends(database, folder / f"witnessed-{kind}", batch, batches)
        whole = whole_append(rate)
        shown.add_row(
            kind,
            f"append, batches of {batch}",
            f"written {rate['written']:,.0f}/s, and sequenced {whole:,.0f}/s",
            f"raw {rate['raw']:,.0f}/s",
            f"{rate['written'] / rate['raw']:.2f}, {whole / rate['raw']:.2f}",
        )
    await database.close()


async def on_postgresql(folder: Path, leaves: int, count: int, shown: Table) -> None:
    run = TestRun.make()
    held = run.hold()
    server = PostgresServer(run.postgres)
    server.start(while_locked=run.folder / "alive", remove=run.folder, settings=DURABLE)
    try:
        await bench("postgresql", server.url(server.create_database()), leaves, count, shown)
        await bench_appends("postgresql", server.url(server.create_database()), folder, shown)
    finally:
        run.let_go(held)


async def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("leaves", type=int, nargs="?", default=1_000_000)
    given.add_argument("--databases", default="sqlite,postgresql")
    given.add_argument("--folder", type=Path, default=None, help="Where the databases are made.")
    given.add_argument("--questions", type=int, default=300)
    asked = given.parse_args()
    shown = Table("database", "what", "netral", "by hand", "ratio or size per leaf")
    folder = Path(tempfile.mkdtemp(prefix="netral-bench-", dir=asked.folder))
    try:
        if "sqlite" in asked.databases:
            await bench("sqlite", f"sqlite:///{folder}/log.sqlite", asked.leaves, asked.questions, shown)
            await bench_appends("sqlite", f"sqlite:///{folder}/append.sqlite", folder, shown)
        if "postgresql" in asked.databases:
            await on_postgresql(folder, asked.leaves, asked.questions, shown)
    finally:
        shutil.rmtree(folder)
    Console(width=170).print(shown)


if __name__ == "__main__":
    asyncio.run(main())
