"""Reads of the stored hash tiles: the few of a proof, or those of many logs at once."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from sqlalchemy import bindparam, or_, select

from audit.formats.tlog import TileId
from audit.tables import HashTile
from storage.key_in import listed, numbered_keys
from storage.protocols import Connection
from storage.types import Query, table

# The tiles of one proof, asked for by one statement.
_FEW_TILES = 24


async def tiles_in(connection: Connection, party: str, wanted: Collection[TileId]) -> dict[TileId, bytes]:
    """The tiles that are stored among these of one log. For the few of a proof: the statement is the same each time."""
    if not 0 < len(wanted) <= _FEW_TILES:
        return (await tiles_of(connection, {party: wanted}))[party]
    keys: dict[str, str | int] = {"the_party": party}
    for place, tile in enumerate(wanted):
        keys |= {f"level_{place}": tile.level, f"number_{place}": tile.number}
    rows = await connection.execute(_some_tiles(len(wanted)), keys)
    return {TileId(level, number): hashes for level, number, hashes in rows.all()}


@cache
def _some_tiles(count: int) -> Query:
    tiles = table(HashTile)
    # The party in each: with it once outside, SQLite looks through all of a log's tiles.
    keys = [
        (tiles.c.party == bindparam("the_party"))
        & (tiles.c.level == bindparam(f"level_{place}"))
        & (tiles.c.number == bindparam(f"number_{place}"))
        for place in range(count)
    ]
    return select(tiles.c.level, tiles.c.number, tiles.c.hashes).where(or_(*keys))


async def tiles_of(
    connection: Connection, wanted: Mapping[str, Iterable[TileId]]
) -> dict[str, dict[TileId, bytes]]:
    """The tiles that are stored among those wanted of each party."""
    found: dict[str, dict[TileId, bytes]] = {party: {} for party in wanted}
    keys = [(party, *tile) for party, tiles in wanted.items() for tile in tiles]
    if keys:
        for row in await connection.execute(some_tiles(), {"tiles": listed(keys)}):
            found[row.party][TileId(row.level, row.number)] = row.hashes
    return found


@cache
def some_tiles() -> Query:
    """Query for the tiles that the parameter `tiles` lists: party, level, number."""
    tiles = table(HashTile)
    asked = numbered_keys("tiles", texts=1, numbers=2)
    one = (tiles.c.party == asked.c.first) & (tiles.c.level == asked.c.number)
    return select(tiles).join(asked, one & (tiles.c.number == asked.c.further))
