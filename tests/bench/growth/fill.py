"""Databases of the supervisor and the examiner with many matters and leaves, as their desks leave them.

One matter goes its whole way through three hosts, from report to outcome. Its rows are then copied (`bench.growth.clone`), and the
log goes on as the sequencer would have written it: places, tiles, chains of every matter and case, a signed head. The bytes of
copied leaves are the first 200 of the original, so `netral audit fsck` of such a desk fails: it is there to be measured. A large one is kept
in `.bench`, as long as the migrations and these modules are the same.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from audit.completeness import pages as chain_pages
from audit.completeness import sparse_map
from audit.completeness.sparse_map import Chain
from audit.formats import checkpoint, note, tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.leaf import Kind, leaf_row
from audit.log import hash_tiles
from audit.tables import ChainPage, HashTile, Leaf, LeafIndex, SignedCheckpoint
from bawaslu import __main__ as bawaslu_main
from bench.growth import clone
from bench.growth.clone import STEP, Copies
from bench.places import Databases, Machine, machine_in, wait
from exchange.statements import private_keys
from host.front_door import Caller
from kasn import __main__ as kasn_main
from storage.engines import Database
from storage.upserts import insert, upsert
from support.keys import make_keys
from support.processes import STUBS
from support.story import Story

HOSTS = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [("ppk-6202", "personnel_authority")],
}
FILLED = ("bawaslu", "kasn")
LEAVES = 10
"""Leaves of each copy: the first ones of the original."""
_HASHES = 1 << 16
_NEXT_ID = 1  # small: of before all that a desk writes


def fingerprint() -> str:
    """Changes with what a kept database must fit: the migrations, and the modules that fill it."""
    rooms = [*bawaslu_main.HOST.migrations, *kasn_main.HOST.migrations]
    services = rooms[0].parents[1]
    rooms += [services / room / "migrations" for room in ("audit", "exchange", "exchange/personal_data")]
    files = sorted({path for room in rooms for path in (room / "versions").glob("*.py")})
    modules = [Path(__file__), Path(clone.__file__)]
    return sha256(b"".join(path.read_bytes() for path in [*files, *modules])).hexdigest()[:16]


@dataclass
class World:
    """A filled world: the matter that was copied, how often, and leaves of a desk; `original_leaves` are those of the matter itself at
    the examiner's desk, which has the most. `databases` are those of PostgreSQL, by their names.
    """

    matter: str
    copies: int
    leaves: int
    original_leaves: int
    databases: dict[str, str]
    next_story: int = 2

    def matter_of(self, number: int) -> str:
        """The id of one copy, from 1."""
        return _copies(self.matter, self.copies, "").id_of(self.matter, number)


def _copies(matter: str, count: int, dialect: str) -> Copies:
    return Copies(count, int(matter[:8], 16) - count - 2, dialect)


@dataclass(frozen=True)
class Original:
    """The matter that is copied, in one host's database."""

    host: str
    matter: str
    ids: list[int]
    hashes: list[bytes]
    size: int


async def fill(folder: Path, databases: Databases, matters: int) -> World:
    """Make a world with so many matters in this folder."""
    make_keys(folder, HOSTS)
    async with machine_in(folder, databases, HOSTS) as place:
        matter = await _play(place)
    sizes = [await _multiply(folder, databases, host, matter, matters - 1) for host in FILLED]
    for host in HOSTS:  # the third as well, or it would ask for all that it has not got
        await _skip_numbers(databases.url(host), matters * STEP)
    whole = await databases.count("kasn", f"leaf where matter = '{matter}'")
    return World(matter, matters - 1, min(sizes), whole, databases.made)


async def _play(place: Machine) -> str:
    """Let one matter go its whole way, and every host take note of it."""
    story = Story()
    async with place.running(*HOSTS) as addresses, _channels(addresses) as channels:

        async def call(party: str, method: str, request: Any) -> Any:
            host = party.partition("-")[0]
            for stub in STUBS[host]:
                if unary := getattr(stub(channels[host]), method, None):
                    caller = Caller(party, "bench", "officer")
                    metadata = [
                        ("netral-party", caller.party),
                        ("netral-officer", caller.officer),
                        ("netral-role", caller.role),
                    ]
                    return await unary(request, metadata=metadata, timeout=60)
            raise LookupError(method)

        async def settle() -> None:
            await wait(lambda: _is_empty(place, "delivery"), 300)

        await story.play(call, settle)
        await wait(lambda: _is_empty(place, "pending_leaf"), 300)
        await wait(lambda: _is_folded(place), 300)
    return story.matter


@asynccontextmanager
async def _channels(addresses: Mapping[str, str]) -> AsyncIterator[dict[str, grpc.aio.Channel]]:
    channels = {host: grpc.aio.insecure_channel(address) for host, address in addresses.items()}
    try:
        for channel in channels.values():
            await channel.channel_ready()
        yield channels
    finally:
        for channel in channels.values():
            await channel.close()


async def _is_empty(place: Machine, table: str) -> bool:
    return not sum([await place.databases.count(host, table) for host in HOSTS])


async def _is_folded(place: Machine) -> bool:
    """True once the monitoring of the desks has seen the whole log."""
    behind = 'leaf_index where "index" > (select min(log_index) from monitor_position)'
    return not sum([await place.databases.count(host, behind) for host in FILLED])


async def _multiply(folder: Path, databases: Databases, host: str, matter: str, count: int) -> int:
    """Copy the matter, and go on with the log; gives its new size."""
    copies = _copies(matter, count, databases.kind)
    async with _connected(databases.url(f"{host}_vault")) as connection:
        await clone.clone_tables(connection, copies, {"data_key"})
    async with _connected(databases.url(host)) as connection:
        original = await _original(connection, host, matter)
        await clone.clone_tables(connection, copies)
        await _clone_leaves(connection, copies, original)
    signer = note.Signer(
        checkpoint.origin_of(host), private_keys.read_private_keys(folder / host, host).signing
    )
    database = Database(databases.url(host))
    try:
        size = await _go_on_with_the_log(database, signer, copies, original)
    finally:
        await database.close()
    async with _connected(databases.url(host)) as connection:
        await connection.execute(text("UPDATE monitor_position SET log_index = :last"), {"last": size - 1})
        await connection.commit()
        for statement in (
            "ANALYZE",
            "PRAGMA wal_checkpoint(TRUNCATE)" if databases.kind == "sqlite" else "CHECKPOINT",
        ):
            await connection.execute(text(statement))
            await connection.commit()
    return size


async def _skip_numbers(url: str, last: int) -> None:
    """Let every pair go on after the numbers of the copies."""
    async with _connected(url) as connection:
        await connection.execute(text("UPDATE pair_out SET last = :last"), {"last": last})
        await connection.execute(text("UPDATE pair_in SET complete = :last, highest = :last"), {"last": last})
        await connection.commit()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection whose commits do not wait for the disk."""
    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"), poolclass=NullPool)
    async with engine.connect() as connection:
        fast = (
            ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-500000")
            if url.startswith("sqlite")
            else ("SET synchronous_commit = off", "SET maintenance_work_mem = '500MB'")
        )
        for setting in fast:
            await connection.execute(text(setting))
        await connection.commit()
        yield connection
    await engine.dispose()


async def _original(connection: AsyncConnection, host: str, matter: str) -> Original:
    query = text("SELECT id, hash FROM leaf WHERE party = :party AND matter = :matter ORDER BY id")
    leaves = (await connection.execute(query, {"party": host, "matter": matter})).all()[:LEAVES]
    size = await connection.scalar(
        text("SELECT count(*) FROM leaf_index WHERE party = :party"), {"party": host}
    )
    return Original(host, matter, [row.id for row in leaves], [bytes(row.hash) for row in leaves], size or 0)


async def _clone_leaves(connection: AsyncConnection, copies: Copies, original: Original) -> None:
    """Copy the leaves, with small ids in their order, and give them their places."""
    each, known = len(original.ids), ", ".join(map(str, original.ids))
    columns = (await connection.execute(text("SELECT * FROM leaf LIMIT 0"))).keys()
    number = f"{_NEXT_ID} + (n - 1) * {each} + place"
    leaf = {name: f'"{name}"' for name in columns} | {"id": number, "time": copies.earlier('"time"')}
    leaf["body"] = clone.shortened("body")
    leaf |= {name: copies.id(f'"{name}"') for name in ("ref", "matter")}
    index = {"party": "party", "index": f"{original.size} + (n - 1) * {each} + place", "leaf_id": number}
    for table, id, made in (("leaf", "id", leaf), ("leaf_index", "leaf_id", index)):
        place = f"(SELECT count(*) FROM leaf AS earlier WHERE earlier.id IN ({known}) AND earlier.id < {table}.{id})"
        rows = f"SELECT {table}.*, {place} AS place FROM {table} WHERE {id} IN ({known})"
        await clone.clone(connection, copies, table, made, rows)


async def _go_on_with_the_log(
    database: Database, signer: note.Signer, copies: Copies, original: Original
) -> int:
    """Write the chains, the tiles and the head of the longer log."""
    party, now = original.host, datetime.now(UTC)
    async with database.read() as connection:
        pages = await chain_pages.rebuild(connection, party, original.size)
        wanted = {party: tlog.tiles_to_extend(original.size)}
        edge = dict((await hash_tiles.tiles_of(connection, wanted))[party])
    await asyncio.to_thread(sparse_map.insert, pages, dict(_chains(copies, original)))
    root = sparse_map.page_hash(pages[""])
    chain_leaf = leaf_row(
        _NEXT_ID + copies.count * len(original.ids),
        party,
        Kind.CHAINS,
        sparse_map.kept_root(root),
        ref="",
        matter="",
        type=sparse_map.TYPE,
        actor="",
        author=party,
        time=now,
    )
    hashes = itertools.chain(
        itertools.islice(itertools.cycle(original.hashes), copies.count * len(original.hashes)),
        [chain_leaf["hash"]],
    )
    size = original.size
    while some := list(itertools.islice(hashes, _HASHES)):
        extended = await asyncio.to_thread(tlog.extend, size, edge, some)
        size += len(some)
        edge = {
            tile: {**edge, **extended}[tile]
            for tile in {*tlog.tiles_to_extend(size), *tlog.tiles_for_root(size)}
        }
        rows = [
            {"party": party, "level": tile.level, "number": tile.number, "hashes": found}
            for tile, found in extended.items()
        ]
        async with database.write() as connection:
            await upsert(connection, HashTile, rows)
    head = Checkpoint(checkpoint.origin_of(party), size, tlog.root(size, edge))
    signed = {
        "party": party,
        "size": size,
        "root": head.root,
        "note": checkpoint.sign(head, signer),
        "time": now,
    }
    every = list(chain_pages.rows(party, pages, pages.keys()))
    async with database.write() as connection:
        for first in range(0, len(every), 2000):
            await upsert(connection, ChainPage, every[first : first + 2000])
        await insert(connection, Leaf, [chain_leaf])
        place = {"party": party, "index": size - 1, "leaf_id": chain_leaf["id"]}
        await insert(connection, LeafIndex, [place])
        await insert(connection, SignedCheckpoint, [signed])
    return size


def _chains(copies: Copies, original: Original) -> Iterator[tuple[bytes, Chain]]:
    """A chain for every matter and its case; how long it is makes no difference to the map."""
    for number in range(1, copies.count + 1):
        matter = copies.id_of(original.matter, number)
        case = sparse_map.path_of(sparse_map.of_case(matter))
        yield (
            sparse_map.path_of(sparse_map.of_matter(matter)),
            Chain(len(original.ids), original.hashes[0], case),
        )
        yield case, Chain(1, original.hashes[0])
