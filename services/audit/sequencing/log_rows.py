"""Rows that the sequencer reads and writes, each side in as few round trips as there can be.

Statements are made once, with parameters for what changes: making one anew takes longer than running it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Delete, bindparam, select

from audit.completeness import pages as chain_pages
from audit.completeness import sparse_map
from audit.completeness.sparse_map import Pages
from audit.formats import tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.leaf import LeafRow
from audit.formats.tlog import TileId
from audit.log import hash_tiles, reads
from audit.log.reads import Head
from audit.tables import ChainPage, HashTile, Leaf, LeafIndex, PendingLeaf, SignedCheckpoint
from storage import together
from storage.key_in import listed
from storage.protocols import Connection
from storage.types import FoundRow, Query, table
from storage.upserts import insert_of, upsert_of


@dataclass(frozen=True, slots=True)
class GrownLog:
    """Result of one run for one party's log: its leaves, the chain leaf that ends them, and the head over both."""

    party: str
    first: int
    leaf_ids: Sequence[int]
    chain_leaf: LeafRow
    pages: Pages
    changed: Iterable[str]
    tiles: Mapping[TileId, bytes]
    checkpoint: Checkpoint
    note: str


@dataclass(frozen=True, slots=True)
class LogEdge:
    """Right edge of a log before it grows: its partial tiles, and the root of its chains; None if its last leaf has none."""

    tiles: Mapping[TileId, bytes]
    chains: bytes | None


async def pending(
    connection: Connection, passed_over: Collection[str], most: int
) -> tuple[list[FoundRow], dict[str, Head]]:
    """The first pending leaves in order of their ids, without those of some parties; and the heads of their logs."""
    leaves, heads = _pending(frozenset(passed_over), most)
    rows, newest = await together.read(connection, [(leaves, {}), (heads, {})])
    return rows, {row.party: reads.head_of(row) for row in newest}


@cache
def _pending(passed_over: frozenset[str], most: int) -> tuple[Query, Query]:
    waiting, leaves = table(PendingLeaf), table(Leaf)
    # The first ids, and then their leaves: asked for at once, PostgreSQL looks up every leaf that is pending.
    first = select(waiting.c.leaf_id, waiting.c.party).order_by(waiting.c.leaf_id).limit(most)
    if passed_over:
        first = first.where(waiting.c.party.not_in(sorted(passed_over)))
    ids = first.subquery("first")
    names = ("id", "party", "hash", "body", "matter")
    found = select(*(leaves.c[name] for name in names)).join(ids, ids.c.leaf_id == leaves.c.id)
    parties = select(first.subquery("first").c.party).distinct().subquery("asked")
    return found.order_by(leaves.c.id), reads.newest_of(parties)


async def edges(connection: Connection, sizes: Mapping[str, int]) -> dict[str, LogEdge]:
    """The right edge of each log of this size."""
    tiles = [(party, *tile) for party, size in sizes.items() for tile in tlog.tiles_to_extend(size)]
    lasts = [(party, size - 1) for party, size in sizes.items() if size]
    if not lasts:
        return {party: LogEdge({}, None) for party in sizes}
    questions = [
        (hash_tiles.some_tiles(), {"tiles": listed(tiles)}),
        (chain_pages.some_leaves(), {"places": listed(lasts)}),
    ]
    stored, bodies = await together.read(connection, questions)
    found: dict[str, dict[TileId, bytes]] = {party: {} for party in sizes}
    for row in stored:
        found[row.party][TileId(row.level, row.number)] = row.hashes
    roots = {row.party: sparse_map.root_in(row.body) for row in bodies}
    return {party: LogEdge(found[party], roots.get(party)) for party in sizes}


async def write(connection: Connection, logs: Sequence[GrownLog], now: datetime) -> None:
    """Write what these logs have grown by, and take their leaves off the pending list."""
    indexes = [
        {"party": log.party, "index": log.first + offset, "leaf_id": leaf_id}
        for log in logs
        for offset, leaf_id in enumerate([*log.leaf_ids, log.chain_leaf["id"]])
    ]
    tiles = [
        {"party": log.party, "level": tile.level, "number": tile.number, "hashes": hashes}
        for log in logs
        for tile, hashes in log.tiles.items()
    ]
    heads = [
        {
            "party": log.party,
            "size": log.checkpoint.size,
            "root": log.checkpoint.root,
            "note": log.note,
            "time": now,
        }
        for log in logs
    ]
    pages = [row for log in logs for row in chain_pages.rows(log.party, log.pages, log.changed)]
    await together.write(
        connection,
        [
            (insert_of(Leaf), [log.chain_leaf for log in logs]),
            (insert_of(LeafIndex), indexes),
            (upsert_of(ChainPage), pages),
            (upsert_of(HashTile), tiles),
            (insert_of(SignedCheckpoint), heads),
            (_taken(), [{"id": id} for log in logs for id in log.leaf_ids]),
        ],
    )


@cache
def _taken() -> Delete:
    waiting = table(PendingLeaf)
    return waiting.delete().where(waiting.c.leaf_id == bindparam("id", type_=waiting.c.leaf_id.type))
