"""Proofs and checks of a large log, beside the hashing that nobody can spare.

    PYTHONPATH=tests .venv/bin/python -m bench.trail [leaves] [--folder DIR]

A log of that many 200-byte leaves is written to SQLite by bulk inserts, with its tiles and one signed checkpoint, and thrown away
at the end; ten million take some six minutes and 4.5 GB. Then, in one run:

- inclusion and consistency proofs out of the database, each of another leaf, and checking them;
- `netral audit fsck --quick` of the whole log (every leaf, tile and checkpoint) against the floor: 2n-1 SHA-256 in Python;
- the same from memory, without a database;
- pymerkle's SQLite tree, if that is installed (it is no dependency).
"""

import argparse
import asyncio
import importlib.util
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.table import Table

from audit.formats import checkpoint, tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.note import Signer
from audit.formats.tlog import TileId
from audit.log import reads
from audit.tables import AuditTable, HashTile, SignedCheckpoint
from operations.selfcheck import log
from operations.selfcheck.progress import Position
from storage.engines import Database
from storage.types import table
from storage.upserts import insert

PARTY = "kasn"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SIGNER = Signer(f"netral/{PARTY}", Ed25519PrivateKey.generate())
_CHUNK = 16 * 4096
_PROOFS = 2000


def bodies(first: int, count: int) -> Iterator[bytes]:
    """Leaves of 200 bytes, all different."""
    return (b"\x03" + number.to_bytes(8, "big") * 25 for number in range(first, first + count))


async def fill(path: Path, leaves: int) -> Database:
    """A log with leaves, places, tiles and one signed checkpoint."""
    database = Database(f"sqlite:///{path}")
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    edge: dict[TileId, bytes] = {}
    for first in range(0, leaves, _CHUNK):
        some = list(bodies(first, min(_CHUNK, leaves - first)))
        hashes = [tlog.leaf_hash(body) for body in some]
        extended = tlog.extend(first, edge, hashes)
        await asyncio.to_thread(_write, path, first, some, hashes, extended)
        grown = {**edge, **extended}
        edge = {tile: grown[tile] for tile in tlog.tiles_for_root(first + len(some))}
    head = Checkpoint(f"netral/{PARTY}", leaves, tlog.root(leaves, edge))
    row = {
        "party": PARTY,
        "size": leaves,
        "root": head.root,
        "note": checkpoint.sign(head, SIGNER),
        "time": NOON,
    }
    async with database.write() as connection:
        await insert(connection, SignedCheckpoint, [row])
    return database


def _write(
    path: Path, first: int, some: list[bytes], hashes: list[bytes], tiles: dict[TileId, bytes]
) -> None:
    said = (PARTY, 3, "r", "m", "kasn.examine", "officer-1", PARTY, int(NOON.timestamp()) * 1_000_000)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        rows = [
            (number, *said, hash_, body)
            for number, (hash_, body) in enumerate(zip(hashes, some, strict=True), first)
        ]
        connection.executemany(
            "INSERT INTO leaf (id, party, kind, ref, matter, type, actor, author, time, hash, body)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            rows,
        )
        places = [(PARTY, row[0], row[0]) for row in rows]
        connection.executemany('INSERT INTO leaf_index (party, "index", leaf_id) VALUES (?,?,?)', places)
        stored = [(PARTY, tile.level, tile.number, hashes_) for tile, hashes_ in tiles.items()]
        connection.executemany(f"INSERT OR REPLACE INTO {table(HashTile).name} VALUES (?,?,?,?)", stored)
    connection.close()


def floor(leaves: int) -> float:
    """Leaves per second of the 2n-1 hashes that a tree of 200-byte leaves needs, and nothing else."""
    body, pair = b"\x00\x03" + bytes(200), b"\x01" + bytes(64)
    start = time.perf_counter()
    for _ in range(leaves):
        sha256(body).digest()
        sha256(pair).digest()
    return leaves / (time.perf_counter() - start)


def from_memory(leaves: int) -> float:
    """Leaves per second of a tree over leaves that are in memory: hashed, and its root found."""
    some = list(bodies(0, leaves))
    start = time.perf_counter()
    tlog.root_of(map(tlog.leaf_hash, some))
    return leaves / (time.perf_counter() - start)


async def proofs(database: Database, leaves: int) -> dict[str, float]:
    """Microseconds of each, the middle of many."""
    chance = random.Random(1)
    took: dict[str, list[float]] = {"inclusion": [], "check of it": [], "consistency": []}
    async with database.read_latest() as connection:
        head = await reads.head(connection, PARTY)
        for _ in range(_PROOFS):
            index, old = chance.randrange(leaves), chance.randrange(1, leaves)
            (body,) = bodies(index, 1)
            start = time.perf_counter()
            proof = await reads.inclusion(connection, PARTY, index)
            middle = time.perf_counter()
            tlog.verify_inclusion(tlog.leaf_hash(body), index, proof.size, proof.hashes, head.root)
            took["check of it"].append(time.perf_counter() - middle)
            took["inclusion"].append(middle - start)
            start = time.perf_counter()
            await reads.consistency(connection, PARTY, old)
            took["consistency"].append(time.perf_counter() - start)
    return {name: statistics.median(times) * 1e6 for name, times in took.items()}


async def checked(database: Database, leaves: int) -> float:
    """Leaves per second of the check of a whole log in its database."""
    position = Position()
    start = time.perf_counter()
    await log.check_log(database, PARTY, [SIGNER.verifier], position)
    seconds = time.perf_counter() - start
    assert position.findings == [] and position.next == leaves
    return leaves / seconds


def pymerkle(leaves: int, folder: Path) -> dict[str, float] | None:
    """Microseconds of an inclusion proof of pymerkle's SQLite tree of at most 100,000 leaves; None if it is not installed."""
    if importlib.util.find_spec("pymerkle") is None:
        return None
    tree: Any = importlib.import_module("pymerkle").SqliteTree(str(folder / "pymerkle.db"))
    count = min(leaves, 100_000)
    tree.append_entries(list(bodies(0, count)))
    chance, took = random.Random(1), []
    for _ in range(50):
        start = time.perf_counter()
        tree.prove_inclusion(chance.randrange(count) + 1)
        took.append(time.perf_counter() - start)
    return {"leaves": count, "inclusion": statistics.median(took) * 1e6}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("leaves", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--folder", type=Path, help="Where the log is written; it is deleted at the end.")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="netral-bench-", dir=asked.folder))
    shown = Table("what", "figure", "of the floor")
    try:
        start = time.perf_counter()
        database = await fill(folder / "log.sqlite", asked.leaves)
        seconds = time.perf_counter() - start
        size = (folder / "log.sqlite").stat().st_size
        shown.add_row(
            "written by bulk inserts", f"{asked.leaves:,} leaves in {seconds:.0f} s, {size / 1e9:.2f} GB", ""
        )
        for name, micros in (await proofs(database, asked.leaves)).items():
            shown.add_row(f"{name} proof" if name != "check of it" else name, f"{micros:.0f} µs", "")
        hashed = floor(min(asked.leaves, 1_000_000))
        shown.add_row("floor: 2n-1 hashes", f"{hashed:,.0f} leaves/s", "1")
        memory = from_memory(min(asked.leaves, 1_000_000))
        shown.add_row("root of leaves in memory", f"{memory:,.0f} leaves/s", f"{memory / hashed:.2f}")
        whole = await checked(database, asked.leaves)
        shown.add_row("fsck of the whole log", f"{whole:,.0f} leaves/s", f"{whole / hashed:.2f}")
        await database.close()
        other = pymerkle(asked.leaves, folder)
        if other:
            shown.add_row(f"pymerkle, {other['leaves']:,} leaves", f"{other['inclusion']:.0f} µs a proof", "")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    Console().print(shown)


if __name__ == "__main__":
    asyncio.run(main())
