"""Plain reads of the trail: heads, leaves, proofs. Writes nothing, decides no permissions.

A proof reads the few tiles it needs, whatever the size of the log. Reads of many parties are one query each: the
asked keys go in as a list of values that the table is joined to.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from sqlalchemy import BigInteger, Integer, String, column, func, select, values
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.tables import HashTile, SignedCheckpoint, table
from audit.tlog import TileId


class Database(Protocol):
    """What the trail asks of a database: one transaction at a time, committed at the end of the block."""

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]: ...
    def read(self) -> AbstractAsyncContextManager[AsyncConnection]: ...


# Heads and tiles, of many parties at once


async def newest_heads(connection: AsyncConnection, parties: Iterable[str]) -> dict[str, Any]:
    """The newest checkpoint row of each party; a party without one is left out."""
    asked = list(parties)
    if not asked:
        return {}
    checkpoints = table(SignedCheckpoint)
    party = values(column("party", String), name="party").data([(id,) for id in asked]).cte("asked")
    newest = (
        select(func.max(checkpoints.c.size)).where(checkpoints.c.party == party.c.party).scalar_subquery()
    )
    sizes = select(party.c.party, newest.label("size")).cte("sizes")
    query = select(checkpoints).join(
        sizes, (checkpoints.c.party == sizes.c.party) & (checkpoints.c.size == sizes.c.size)
    )
    return {row.party: row for row in await connection.execute(query)}


async def tiles_of(
    connection: AsyncConnection, wanted: Mapping[str, Iterable[TileId]]
) -> dict[str, dict[TileId, bytes]]:
    """The tiles that are stored among those wanted of each party."""
    found: dict[str, dict[TileId, bytes]] = {party: {} for party in wanted}
    keys = [(party, *tile) for party, tiles in wanted.items() for tile in tiles]
    if not keys:
        return found
    tiles = table(HashTile)
    columns = (column("party", String), column("level", Integer), column("number", BigInteger))
    asked = values(*columns, name="tile").data(keys).cte("asked")
    query = select(tiles).join(
        asked,
        (tiles.c.party == asked.c.party)
        & (tiles.c.level == asked.c.level)
        & (tiles.c.number == asked.c.number),
    )
    for row in await connection.execute(query):
        found[row.party][TileId(row.level, row.number)] = row.hashes
    return found
