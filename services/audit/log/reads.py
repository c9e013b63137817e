"""Plain reads of the trail: heads, leaves, proofs, exports. Writes nothing, decides no permissions.

A proof reads the few tiles it needs, whatever the size of the log. Reads of many parties are one query each: the
asked keys go in as a list of values that the table is joined to. What was asked wrongly is a `BadQuery` or
`NoSuchLog`; the caller turns them into its own refusals.
"""

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    values,
)

from audit.formats import tlog
from audit.formats.tlog import TileId
from audit.log import hash_tiles
from audit.tables import Leaf, LeafIndex, PendingLeaf, SignedCheckpoint
from storage.protocols import Connection, Database
from storage.types import FoundRow, Query, table

# So few rows are asked for one by one: SQLAlchemy compiles a list of values anew each time, which takes longer.
_FEW = 8

PENDING = -1
"""The index of a leaf that has none yet."""


class NoSuchLog(LookupError):
    """No log of this party, or no checkpoint of this size."""


class BadQuery(ValueError):
    """The question can never be answered; `field` names the input at fault."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Head:
    """A signed tree head: the C2SP note, and when it was signed (UTC); in the order of the table's columns."""

    party: str
    size: int
    root: bytes
    note: str
    time: datetime


@dataclass(frozen=True, slots=True)
class LogState:
    """A log: its newest head, None while no leaf has an index, and how many leaves are pending."""

    party: str
    head: Head | None
    pending: int


@dataclass(slots=True)  # not frozen: a page is full of them, and frozen ones take three times as long to make
class PlacedLeaf:
    """A leaf with its index, `PENDING` if it has none; `hash` is the one stored beside its bytes."""

    index: int
    ref: str
    matter: str
    type: str
    actor: str
    author: str
    time: datetime
    hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Filter:
    """Filter of leaves; empty or None: any. `since` is inclusive, `until` exclusive, both UTC."""

    matter: str = ""
    type: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Hashes of an inclusion or consistency proof up to `size`; `note` is empty if that size was not published."""

    size: int
    hashes: list[bytes]
    note: str


# Logs and their heads


async def logs(
    connection: Connection,
    parties: Collection[str],
    *,
    after: str = "",
    limit: int,
    skip_empty: bool = False,
) -> list[LogState]:
    """The logs of these parties by id, from the first id after `after`."""
    wanted = sorted(party for party in parties if party > after)
    if not skip_empty:
        wanted = wanted[:limit]
    pending = await _pending_counts(connection)
    heads = await newest_heads(connection, wanted)
    found = [LogState(party, heads.get(party), pending.get(party, 0)) for party in wanted]
    return [log for log in found if not skip_empty or log.head or log.pending][:limit]


async def head(connection: Connection, party: str, size: int = 0) -> Head:
    """The checkpoint of this size, the newest for 0.

    Raises:
        NoSuchLog: there is none.
    """
    if not size:
        newest = (await connection.execute(_newest_head(), {"the_party": party})).first()
        if newest is None:
            raise NoSuchLog(f"the log of {party} has no checkpoint yet")
        return head_of(newest)
    checkpoints = table(SignedCheckpoint)
    query = select(checkpoints).where(checkpoints.c.party == party, checkpoints.c.size == size)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NoSuchLog(f"no checkpoint of size {size} was published")
    return head_of(row)


def head_of(row: FoundRow) -> Head:
    """The head of a row of the table of checkpoints."""
    return Head(*row)


async def _pending_counts(connection: Connection) -> dict[str, int]:
    pending = table(PendingLeaf)
    query = select(pending.c.party, func.count().label("waiting")).group_by(pending.c.party)
    return {row.party: row.waiting for row in await connection.execute(query)}


# Leaves


async def leaves(
    connection: Connection, party: str, wanted: Filter, *, after: int = -1, limit: int
) -> list[PlacedLeaf]:
    """Leaves of a log in order of index, from the first index after `after`.

    Pending ones follow in order of arrival, as far as they fit within `limit`; nobody can page through them, since
    they move into the log meanwhile.
    """
    # First what is pending: a leaf that gets its index between the two queries is then found twice, not missed.
    leaf, index, pending = table(Leaf), table(LeafIndex), table(PendingLeaf)
    waiting = (
        placed(literal(PENDING))
        .add_columns(leaf.c.id)
        .join(pending, pending.c.leaf_id == leaf.c.id)
        .where(pending.c.party == party, *_matching(party, wanted))
        .order_by(pending.c.leaf_id)
        .limit(limit)
    )
    in_log = (
        placed(index.c.index)
        .add_columns(leaf.c.id)
        .join(index, index.c.leaf_id == leaf.c.id)
        .where(index.c.party == party, index.c.index > after, *_matching(party, wanted))
        .order_by(index.c.index)
        .limit(limit)
    )
    last = {row.id: row for row in await connection.execute(waiting)}
    first = {row.id: row for row in await connection.execute(in_log)}
    return [
        leaf_of(row) for row in {**first, **{id: row for id, row in last.items() if id not in first}}.values()
    ][:limit]


def placed(index: ColumnElement[int]) -> Query:
    """Leaves in the columns of `PlacedLeaf`, and in their order; their index is called `place`."""
    leaf = table(Leaf)
    names = ("ref", "matter", "type", "actor", "author", "time", "hash", "body")
    return select(index.label("place"), *(leaf.c[name] for name in names)).select_from(leaf)


def leaf_of(row: FoundRow) -> PlacedLeaf:
    """The leaf of a row that names its index `place`."""
    return PlacedLeaf(
        row.place, row.ref, row.matter, row.type, row.actor, row.author, row.time, row.hash, row.body
    )


def _matching(party: str, wanted: Filter) -> list[ColumnElement[bool]]:
    leaf = table(Leaf)
    conditions = [leaf.c.party == party]
    for name in ("matter", "type", "actor"):
        if getattr(wanted, name):
            conditions.append(leaf.c[name] == getattr(wanted, name))
    if wanted.since is not None:
        conditions.append(leaf.c.time >= wanted.since)
    if wanted.until is not None:
        conditions.append(leaf.c.time < wanted.until)
    return conditions


# Proofs


async def inclusion(connection: Connection, party: str, index: int, size: int = 0) -> Proof:
    """Prove that entry `index` is in the tree of `size`, the newest published for 0.

    Raises:
        NoSuchLog: the log has no leaf yet.
        BadQuery: the size is larger than the log, or the index not below the size.
    """
    size, note = await _published(connection, party, size, field="size")
    if not 0 <= index < size:
        raise BadQuery(f"entry {index} is not in a tree of size {size}", field="index")
    tiles = await hash_tiles.tiles_in(connection, party, tlog.tiles_for_inclusion(index, size))
    return Proof(size, tlog.inclusion_proof(index, size, tiles), note)


async def range_(connection: Connection, party: str, first: int, end: int, size: int = 0) -> Proof:
    """Prove that the entries from `first` up to, without, `end` are in the tree of `size`, the newest published for 0.

    An `end` of 0 is the size.

    Raises:
        NoSuchLog: the log has no leaf yet.
        BadQuery: the size is larger than the log, or the range not within the size.
    """
    size, note = await _published(connection, party, size, field="size")
    end = end or size
    if not 0 <= first < end <= size:
        raise BadQuery(f"entries {first} to {end} are no range of a tree of size {size}", field="end_index")
    tiles = await hash_tiles.tiles_of(connection, {party: tlog.tiles_for_range(first, end, size)})
    return Proof(size, tlog.range_proof(first, end, size, tiles[party]), note)


async def consistency(connection: Connection, party: str, old: int, new: int = 0) -> Proof:
    """Prove that the tree of size `new`, the newest published for 0, begins with the tree of size `old`.

    Raises:
        NoSuchLog: the log has no leaf yet.
        BadQuery: a size is larger than the log, or `old` larger than `new`.
    """
    new, note = await _published(connection, party, new, field="new_size")
    if not 0 <= old <= new:
        raise BadQuery(f"a tree of size {old} cannot grow to size {new}", field="old_size")
    tiles = await hash_tiles.tiles_in(connection, party, tlog.tiles_for_consistency(old, new))
    return Proof(new, tlog.consistency_proof(old, new, tiles), note)


async def _published(connection: Connection, party: str, size: int, *, field: str) -> tuple[int, str]:
    """A size within the log, and the note of that size if there is one."""
    newest = await head(connection, party)
    if size > newest.size or size < 0:
        raise BadQuery(f"the log ends at {newest.size}", field=field)
    if size in (0, newest.size):
        return newest.size, newest.note
    try:
        return size, (await head(connection, party, size)).note
    except NoSuchLog:
        return size, ""


# Exports


async def export(
    database: Database, party: str, start: int = 0, chunk: int = 500
) -> AsyncIterator[Head | PlacedLeaf]:
    """Every checkpoint by size, and then every leaf from index `start` on, up to the newest checkpoint now.

    The leaves' hashes are those in the tree. Each chunk is a transaction of its own: a log only grows at its end, and
    a slow reader shall not hold one open.

    Raises:
        NoSuchLog: the log has no leaf yet.
    """
    async with database.read() as connection:
        size = (await head(connection, party)).size
    published = 0
    while published < size:
        async with database.read() as connection:
            heads = await _heads_after(connection, party, published, size, chunk)
        for item in heads:
            yield item
        published = heads[-1].size
    for first in range(start, size, chunk):
        async with database.read() as connection:
            placed = await leaves_between(connection, party, first, min(first + chunk, size))
        for leaf in placed:
            yield leaf


async def _heads_after(connection: Connection, party: str, after: int, until: int, limit: int) -> list[Head]:
    checkpoints = table(SignedCheckpoint)
    query = (
        select(checkpoints)
        .where(checkpoints.c.party == party, checkpoints.c.size > after, checkpoints.c.size <= until)
        .order_by(checkpoints.c.size)
        .limit(limit)
    )
    return [head_of(row) for row in await connection.execute(query)]


async def leaves_between(connection: Connection, party: str, first: int, end: int) -> list[PlacedLeaf]:
    """The leaves with indexes from `first` up to, without, `end`, with their hashes from the tiles."""
    leaf, index = table(Leaf), table(LeafIndex)
    query = (
        placed(index.c.index)
        .join(index, index.c.leaf_id == leaf.c.id)
        .where(index.c.party == party, index.c.index >= first, index.c.index < end)
        .order_by(index.c.index)
    )
    rows = list(await connection.execute(query))
    numbers = range(first // tlog.TILE_WIDTH, (end - 1) // tlog.TILE_WIDTH + 1)
    tiles = (await hash_tiles.tiles_of(connection, {party: [TileId(0, number) for number in numbers]}))[party]
    found = []
    for row in rows:
        number, place = divmod(row.place, tlog.TILE_WIDTH)
        hashes = tiles.get(TileId(0, number), b"")
        in_tree = hashes[place * tlog.HASH_SIZE : (place + 1) * tlog.HASH_SIZE]
        found.append(replace(leaf_of(row), hash=in_tree))
    return found


# Heads of many parties at once


async def newest_heads(connection: Connection, parties: Iterable[str]) -> dict[str, Head]:
    """The newest checkpoint of each party; a party without one is left out."""
    asked = list(parties)
    if not asked:
        return {}
    if len(asked) <= _FEW:
        return await _newest_of_few(connection, asked)
    rows = values(column("party", String), name="party").data([(id,) for id in asked]).cte("asked")
    return {row.party: head_of(row) for row in await connection.execute(newest_of(rows))}


def newest_of(parties: FromClause) -> Query:
    """Query for the newest checkpoint of each `party` in these rows."""
    checkpoints = table(SignedCheckpoint)
    newest = (
        select(func.max(checkpoints.c.size)).where(checkpoints.c.party == parties.c.party).scalar_subquery()
    )
    sizes = select(parties.c.party, newest.label("size")).cte("sizes")
    return select(checkpoints).join(
        sizes, (checkpoints.c.party == sizes.c.party) & (checkpoints.c.size == sizes.c.size)
    )


async def _newest_of_few(connection: Connection, parties: Iterable[str]) -> dict[str, Head]:
    found = {}
    for party in parties:
        for row in await connection.execute(_newest_head(), {"the_party": party}):
            found[party] = head_of(row)
    return found


@cache
def _newest_head() -> Query:
    heads = table(SignedCheckpoint)
    mine = select(heads).where(heads.c.party == bindparam("the_party"))
    return mine.order_by(heads.c.size.desc()).limit(literal_column("1"))
