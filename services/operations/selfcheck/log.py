"""Checks the logs of a database from the inside, as the one who keeps them can: leaves, tiles, checkpoints, pending leaves.

`audit.verification.logs` checks an exported log, from outside; here is what an export does not show: the tables it is made from. Each
leaf is hashed again, the whole tree is built anew from the leaves and compared tile by tile with the stored one, and each
checkpoint, signature and all, with the tree of its size. About two hashes per leaf, whatever the log's age; it reads in
chunks, so a running desk goes on.

`Position` (`operations.selfcheck.progress`) is how far a check has come: where the next one goes on (`netral audit fsck`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256

from sqlalchemy import Select, bindparam, func, select

from audit.formats import checkpoint, tlog
from audit.formats.leaf import Kind
from audit.formats.note import KnownKey
from audit.formats.tlog import TileId
from audit.log import hash_tiles, reads
from audit.tables import (
    HashTile,
    Leaf,
    LeafIndex,
    PendingLeaf,
    SignedCheckpoint,
)
from audit.verification.findings import Finding
from operations.selfcheck.progress import Position
from storage.protocols import Connection, Database
from storage.types import Values, table

CHUNK = 64 * tlog.TILE_WIDTH
_MANY = 20
# What a kind is as the first byte of a body; nothing begins like one that is none.
_Placed = tuple[int, bytes, bytes, str, str, int]
"""A leaf with its place: index, hash, body, matter, party, kind."""
_KINDS: defaultdict[int, bytes] = defaultdict(bytes, {int(kind): bytes([kind]) for kind in Kind})


async def sizes(database: Database, parties: Iterable[str]) -> dict[str, int]:
    """Count the leaves with a place in each of these logs; logs without leaves are left out."""
    places, leaves = table(LeafIndex), table(Leaf)
    parties = list(parties)
    async with database.read() as connection:
        placed = await connection.execute(
            select(places.c.party, func.count().label("leaves"))
            .where(places.c.party.in_(parties))
            .group_by(places.c.party)
        )
        found: dict[str, int] = {row.party: row.leaves for row in placed}
        kept = await connection.execute(
            select(leaves.c.party).where(leaves.c.party.in_(parties)).group_by(leaves.c.party)
        )
        return {party: found.get(party, 0) for (party,) in kept}


async def check_log(
    database: Database,
    party: str,
    log_keys: Iterable[KnownKey],
    position: Position,
    advanced: Callable[[], None] = lambda: None,
    chunk: int = CHUNK,
) -> None:
    """Check one log from `position` on, which moves along; `advanced` is called after each chunk (a multiple of 256).

    A gap in the places ends the check: nothing behind it can be compared.
    """
    check = _Check(database, party, list(log_keys), position)
    while not position.done:
        while await check.take(chunk):
            advanced()
        position.done = await check.finish()
    advanced()


class _Check:
    """The check of one log."""

    def __init__(
        self, database: Database, party: str, log_keys: Sequence[KnownKey], position: Position
    ) -> None:
        self._database = database
        self._party = party
        self._keys = [key for key in log_keys if key.name == checkpoint.origin_of(party)]
        self._at = position
        self._gap = False

    def _find(self, index: int, matter: str, kind: str, message: str) -> None:
        self._at.findings.append(Finding(self._party, index, matter, kind, message))

    async def take(self, chunk: int) -> bool:
        """Check the next chunk; whether there was one, without a gap."""
        first = self._at.next
        async with self._database.read() as connection:
            rows = await self._rows(connection, first, chunk)
            if not rows:
                return False
            whole = self._whole(rows, first)
            self._check_leaves(rows[:whole], first)
            await self._check_tree(connection, rows[:whole], first)
        self._at.next = first + whole
        return whole == chunk

    async def _rows(self, connection: Connection, first: int, chunk: int) -> Sequence[_Placed]:
        query = _leaves_between()
        values = {"the_party": self._party, "first": first, "end": first + chunk}
        # The driver's own tuples: the garbage collector looks at as many rows again and again, which doubles the time.
        return await connection.run_sync(lambda here: here.execute(query, values).cursor.fetchall())

    def _whole(self, rows: Sequence[_Placed], first: int) -> int:
        """Count the rows that stand one after the other from `first` on."""
        places = [row[0] for row in rows]
        if places == list(range(first, first + len(rows))):
            return len(rows)
        place, found = next((place, found) for place, found in enumerate(places, first) if place != found)
        self._gap = True
        self._find(place, "", "index", f"no leaf has this place; the next is {found}")
        return place - first

    def _check_leaves(self, rows: Sequence[_Placed], first: int) -> None:
        # The one look at every leaf: first whether anything is wrong, by place in the row, which is faster than by name.
        party = self._party
        wrong = [
            place
            for place, (_, hash_, body, _, kept_by, kind) in enumerate(rows)
            if sha256(b"\x00" + body).digest() != hash_ or kept_by != party or body[:1] != _KINDS[kind]
        ]
        for place in wrong:
            self._check_leaf(first + place, *rows[place][1:])

    def _check_leaf(self, index: int, hash_: bytes, body: bytes, matter: str, party: str, kind: int) -> None:
        if tlog.leaf_hash(body) != hash_:
            self._find(index, matter, "leaf", "its bytes do not have the hash that was stored with them")
        if body[:1] != _KINDS[kind]:
            self._find(index, matter, "index", f"its kind is said to be {kind}")
        if party != self._party:
            self._find(index, matter, "index", f"the leaf is one of {party}")

    async def _check_tree(self, connection: Connection, rows: Sequence[_Placed], first: int) -> None:
        """Build the tree on from the leaves; compare what got full with the stored tiles, and the checkpoints on the way."""
        end = first + len(rows)
        hashes = [row[1] for row in rows]
        if set(map(len, hashes)) != {tlog.HASH_SIZE}:
            hashes = [tlog.leaf_hash(row[2]) for row in rows]
        grown = {**self._at.edge, **tlog.extend(first, self._at.edge, hashes)}
        full = [tile for tile in grown if len(grown[tile]) == tlog.TILE_BYTES and tile not in self._at.edge]
        full += [tile for tile in self._at.edge if len(grown[tile]) == tlog.TILE_BYTES]
        await self._compare(connection, {tile: grown[tile] for tile in full}, rows, first)
        await self._check_heads(connection, grown, first, end)
        edge = tlog.tiles_for_root(end)
        self._at.edge = {tile: _cut(grown[tile], end, tile) for tile in edge}

    async def _compare(
        self,
        connection: Connection,
        tiles: Mapping[TileId, bytes],
        rows: Sequence[_Placed] = (),
        first: int = 0,
    ) -> None:
        stored = (await hash_tiles.tiles_of(connection, {self._party: tiles}))[self._party]
        for tile, hashes in tiles.items():
            kept = stored.get(tile)
            if kept == hashes:
                continue
            name = f"tile {tile.number} of level {tile.level}"
            differs = _first_difference(kept or b"", hashes)
            index = (tile.number * tlog.TILE_WIDTH + differs) << tlog.TILE_HEIGHT * tile.level
            matter = rows[index - first][3] if 0 <= index - first < len(rows) else ""
            said = "is missing" if kept is None else f"differs from its leaves at entry {differs}"
            self._find(index, matter, "tile", f"{name} {said}")

    async def _check_heads(
        self, connection: Connection, tiles: Mapping[TileId, bytes], first: int, end: int
    ) -> None:
        heads = table(SignedCheckpoint)
        found = await connection.execute(
            select(heads.c.size, heads.c.root, heads.c.note)
            .where(heads.c.party == self._party, heads.c.size > first, heads.c.size <= end)
            .order_by(heads.c.size)
        )
        for row in found.mappings():
            problem = self._problem_of(row, tiles)
            if problem:
                self._find(-1, "", "checkpoint", f"checkpoint {row['size']}: {problem}")

    def _problem_of(self, row: Values, tiles: Mapping[TileId, bytes]) -> str:
        try:
            head = _opened(row["note"], self._keys)
        except ValueError as error:
            return f"it is not signed by the log: {error}"
        if (head.size, head.root) != (row["size"], row["root"]):
            return "its columns are not what was signed"
        if tlog.root(head.size, tiles) != head.root:
            return "it was signed over other leaves"
        return ""

    # What is left when all leaves are read

    async def finish(self) -> bool:
        """The right edge, the newest checkpoint, what is stored behind the end, and leaves without a place.

        False if the log has grown since: then there is more to read before.
        """
        places = table(LeafIndex)
        more = select(places.c.leaf_id).where(places.c.party == self._party, places.c.index >= self._at.next)
        async with self._database.read() as connection:
            if not self._gap and (await connection.execute(more.limit(1))).first() is not None:
                return False
            await self._compare(connection, self._at.edge)
            await self._check_end(connection)
            await self._check_pending(connection)
            await self._check_lost(connection)
        return True

    async def _check_end(self, connection: Connection) -> None:
        newest = (await reads.newest_heads(connection, [self._party])).get(self._party)
        size = newest.size if newest else 0
        if size != self._at.next:
            self._find(
                -1, "", "checkpoint", f"{self._at.next} leaves have a place, the newest checkpoint has {size}"
            )
        expected: dict[int, int] = {}
        level, count = 0, self._at.next
        while count:
            expected[level] = -(-count // tlog.TILE_WIDTH)
            level, count = level + 1, count >> tlog.TILE_HEIGHT
        tiles = table(HashTile)
        found = await connection.execute(
            select(tiles.c.level, func.count().label("tiles"))
            .where(tiles.c.party == self._party)
            .group_by(tiles.c.level)
        )
        stored = {row.level: row.tiles for row in found}
        if stored != expected:
            self._find(-1, "", "tile", f"tiles per level are {stored}, not {expected}")

    async def _check_pending(self, connection: Connection) -> None:
        leaves, pending, places = table(Leaf), table(PendingLeaf), table(LeafIndex)
        found = await connection.execute(
            select(
                pending.c.leaf_id, pending.c.party, leaves.c.id, leaves.c.hash, leaves.c.body, leaves.c.matter
            )
            .add_columns(leaves.c.party.label("kept_by"), places.c.index.label("place"))
            .select_from(pending)
            .outerjoin(leaves, leaves.c.id == pending.c.leaf_id)
            .outerjoin(places, places.c.leaf_id == pending.c.leaf_id)
            .where((pending.c.party == self._party) | (leaves.c.party == self._party))
        )
        for row in found.all():
            if row.id is None:
                self._find(-1, "", "pending", f"pending leaf {row.leaf_id} does not exist")
            elif row.place is not None:
                self._find(row.place, row.matter, "pending", "the leaf has a place and is pending as well")
            elif row.party != row.kept_by:
                self._find(-1, row.matter, "pending", f"pending leaf {row.leaf_id} is one of {row.kept_by}")
            elif tlog.leaf_hash(row.body) != row.hash:
                self._find(-1, row.matter, "leaf", f"pending leaf {row.leaf_id} is not what was written")

    async def _check_lost(self, connection: Connection) -> None:
        """Leaves that are neither placed nor pending, and places whose leaf is gone."""
        leaves, pending, places = table(Leaf), table(PendingLeaf), table(LeafIndex)
        lost = (
            select(leaves.c.id, leaves.c.matter)
            .outerjoin(places, places.c.leaf_id == leaves.c.id)
            .outerjoin(pending, pending.c.leaf_id == leaves.c.id)
            .where(leaves.c.party == self._party, places.c.leaf_id.is_(None), pending.c.leaf_id.is_(None))
            .limit(_MANY)
        )
        for row in (await connection.execute(lost)).all():
            self._find(-1, row.matter, "index", f"leaf {row.id} has no place and is not pending")
        gone = (
            select(places.c.index.label("place"))
            .outerjoin(leaves, leaves.c.id == places.c.leaf_id)
            .where(places.c.party == self._party, leaves.c.id.is_(None))
            .order_by(places.c.index)
            .limit(_MANY)
        )
        for row in (await connection.execute(gone)).all():
            self._find(row.place, "", "index", "its leaf is gone")


@cache
def _leaves_between() -> Select[_Placed]:
    leaves, places = table(Leaf), table(LeafIndex)
    within = (places.c.index >= bindparam("first"), places.c.index < bindparam("end"))
    return (
        select(places.c.index, leaves.c.hash, leaves.c.body, leaves.c.matter, leaves.c.party, leaves.c.kind)
        .join(leaves, leaves.c.id == places.c.leaf_id)
        .where(places.c.party == bindparam("the_party"), *within)
        .order_by(places.c.index)
    )


def _opened(signed: str, keys: Sequence[KnownKey]) -> checkpoint.Checkpoint:
    """The checkpoint, signed by one of the keys that the log had over the years."""
    problem: ValueError = checkpoint.CheckpointError("no key of this log is known")
    for key in keys:
        try:
            return checkpoint.open(signed, key)
        except ValueError as error:
            problem = error
    raise problem


def _cut(hashes: bytes, size: int, tile: TileId) -> bytes:
    """A tile as it is in the tree of this size."""
    width = (size >> tlog.TILE_HEIGHT * tile.level) - tile.number * tlog.TILE_WIDTH
    return hashes[: min(width, tlog.TILE_WIDTH) * tlog.HASH_SIZE]


def _first_difference(one: bytes, other: bytes) -> int:
    """The first entry at which two tiles differ."""
    step = tlog.HASH_SIZE
    for place in range(0, max(len(one), len(other)), step):
        if one[place : place + step] != other[place : place + step]:
            return place // step
    return 0
