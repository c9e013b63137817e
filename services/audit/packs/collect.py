"""Reads from the database what an evidence pack needs: the leaves of a scope, the tiles that prove them, the checkpoint.

Writes nothing. Waiting for what is committed and has no index yet is left to the caller, as is who may ask.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from audit.completeness import pages as chain_pages
from audit.completeness import sparse_map
from audit.completeness.sparse_map import ChainError
from audit.formats import tlog
from audit.formats.tlog import TileId
from audit.log import hash_tiles, reads
from audit.log.reads import BadQuery
from audit.packs.view import MOST_LEAVES, Chained, Scope, View, ViewLeaf
from audit.tables import Leaf, LeafIndex, PendingLeaf
from audit.witnessing import kept_cosignatures
from storage.protocols import Connection
from storage.types import table


async def pending(connection: Connection, party: str, scope: Scope) -> int:
    """Count the leaves of a scope that are committed and have no index yet; of a range, none."""
    leaf, waiting = table(Leaf), table(PendingLeaf)
    count = (
        select(func.count())
        .select_from(waiting.join(leaf, leaf.c.id == waiting.c.leaf_id))
        .where(waiting.c.party == party, leaf.c.matter.in_(scope.matters))
    )
    return int(await connection.scalar(count) or 0) if scope.matters else 0


async def is_final(connection: Connection, party: str) -> bool:
    """True if the newest checkpoint is final; also for a log that nobody has cosigned so far, for nobody may come."""
    head = await reads.head(connection, party)
    _, final = (await kept_cosignatures.standings(connection, [party])).get(party, (0, 0))
    return final in (0, head.size)


async def view(connection: Connection, party: str, scope: Scope, size: int = 0) -> View:
    """Read what the log of a party has in a scope, at the checkpoint of `size`, the newest for 0.

    Raises:
        NoSuchLog: the log has no checkpoint of this size.
        BadQuery: nothing is in the scope, or more than a pack holds.
        ChainError: the log does not commit to its leaves; verify the whole of it.
    """
    head = await reads.head(connection, party, size)
    limits = scope.range
    if limits is not None and not 0 <= limits[0] < limits[1] <= head.size:
        raise BadQuery(f"the log has entries from 0 up to {head.size}", field="end_index")
    if limits is not None and limits[1] - limits[0] > MOST_LEAVES:
        raise BadQuery(f"a pack has at most {MOST_LEAVES} entries", field="end_index")
    leaves = await _leaves(connection, party, scope, head.size)
    if not leaves:
        raise BadQuery("the log has no entry of these matters", field="matters")
    if len(leaves) > MOST_LEAVES:
        raise BadQuery(f"a pack has at most {MOST_LEAVES} entries", field="matters")
    chained: Mapping[str, Chained] = {}
    if scope.matters:
        chained, last = await _chains(connection, party, scope.matters, head.size)
        leaves += last
    tiles = await _tiles(connection, party, [leaf.index for leaf in leaves], head.size)
    note = head.note + await kept_cosignatures.cosignature_lines(connection, party, head.size)
    return View(party, head.size, head.root, head.time, note, leaves, tiles, chained)


async def _chains(
    connection: Connection, party: str, matters: Sequence[str], size: int
) -> tuple[dict[str, Chained], list[ViewLeaf]]:
    """The chains of matters at a size, and the leaf that commits to them; nothing of a log that has no chains yet."""
    root = (await chain_pages.committed(connection, {party: size}))[party]
    if root is None:
        return {}, []
    keys = {matter: sparse_map.of_matter(matter) for matter in matters}
    try:
        pages = await chain_pages.pages_to_prove(connection, party, keys.values(), root)
    except ChainError:  # the pages are of the newest size only; for an earlier one they are made again
        pages = await chain_pages.rebuild(connection, party, size)
        if sparse_map.page_hash(pages[""]) != root:
            raise
    found = {
        matter: Chained(sparse_map.chain_of(pages, key), sparse_map.prove(pages, key))
        for matter, key in keys.items()
    }
    return found, await _leaves(connection, party, Scope((), "", size - 1, size), size)


async def _leaves(connection: Connection, party: str, scope: Scope, size: int) -> list[ViewLeaf]:
    leaf, index = table(Leaf), table(LeafIndex)
    wanted = (
        select(index.c.index.label("place"), leaf.c.matter, leaf.c.body)
        .select_from(leaf)
        .join(index, index.c.leaf_id == leaf.c.id)
        .where(index.c.party == party, leaf.c.party == party, index.c.index < size)
        .order_by(index.c.index)
        .limit(MOST_LEAVES + 1)
    )
    limits = scope.range
    if limits is None:
        wanted = wanted.where(leaf.c.matter.in_(scope.matters))
    else:
        wanted = wanted.where(index.c.index >= limits[0], index.c.index < limits[1])
    return [ViewLeaf(*row) for row in await connection.execute(wanted)]


async def _tiles(
    connection: Connection, party: str, indexes: Sequence[int], size: int
) -> dict[TileId, bytes]:
    """The tiles of the inclusion paths of these leaves, read once. The paths are left to whoever makes the pack: they take long."""
    one_of_each_tile = {index // tlog.TILE_WIDTH: index for index in indexes}.values()
    wanted = {tile for index in one_of_each_tile for tile in tlog.tiles_for_inclusion(index, size)}
    return (await hash_tiles.tiles_of(connection, {party: wanted}))[party]
