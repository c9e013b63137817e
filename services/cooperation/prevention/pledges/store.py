"""Lists of pledges in the database: begun, grown piece by piece, read back, erased. Each write is one commit.

A list that is imported is no business fact yet, so these commits are not in the trail; its closing is (`commands.close_list`).
The row of a list says how far its file is taken; a commit moves it from where it was, so of two streams only one goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from audit.formats.tlog import TileId
from cooperation.prevention.pledges import merkle_tree
from cooperation.prevention.pledges.domain.lists import PledgeList, State
from cooperation.prevention.pledges.importer import ImportChunk, PledgeImport, opened, place_of
from cooperation.prevention.pledges.tables import PieceRow, PledgeListRow, PledgeTile
from exchange.context import HostContext
from host.lifecycle.loops import Loop
from refusals import WrongState
from storage.engines import retry_on_conflict
from storage.protocols import Connection
from storage.types import FoundRow, table
from storage.upserts import insert, upsert

_PIECES_AT_ONCE = 32


async def begin(desk: HostContext, wanted: PledgeList) -> PledgeList:
    """The list of this request id: begun now, or by an earlier stream."""

    async def once() -> PledgeList:
        async with desk.database.write() as connection:
            found = await by_request(connection, wanted.party, wanted.request_id)
            if found is not None:
                return found
            # Its key first, durably: what is encrypted under it comes later.
            await desk.vault.keys({(wanted.party, wanted.id)}, make=True)
            row = asdict(wanted) | {"units": list(wanted.units), "unit_counts": list(wanted.unit_counts)}
            await insert(connection, PledgeListRow, [row])
            return wanted

    return await retry_on_conflict(once)


async def by_request(connection: Connection, party: str, request_id: str) -> PledgeList | None:
    """The list that was imported under a request id."""
    rows = table(PledgeListRow)
    found = (
        await connection.execute(select(rows).where(rows.c.party == party, rows.c.request_id == request_id))
    ).one_or_none()
    return list_of(found) if found is not None else None


def list_of(row: FoundRow) -> PledgeList:
    """A row as the list that it is."""
    values = row._mapping
    return PledgeList(
        **{
            **values,
            "state": State(values["state"]),
            "units": tuple(values["units"]),
            "unit_counts": tuple(values["unit_counts"]),
        }
    )


async def key_of(desk: HostContext, party: str, id: str) -> bytes:
    """The key of a list.

    Raises:
        WrongState: it was destroyed.
    """
    keys = await desk.vault.keys({(party, id)}, make=False)
    if (party, id) not in keys:
        raise WrongState("the list is erased: its key is gone", reason="ERASED")
    return keys[party, id]


async def resume(desk: HostContext, known: PledgeList, growing: PledgeImport) -> None:
    """Bring back what earlier streams put into a list."""
    async with desk.database.read() as connection:
        growing.edge = await _tiles(connection, known, merkle_tree.edge_of(known.size))
    async for row in _pieces(desk, known):
        await asyncio.to_thread(growing.remember, row.number, row.sealed)


async def keep(
    desk: HostContext, party: str, id: str, before: int, piece: ImportChunk, now: datetime
) -> None:
    """Keep a piece, in the commit that moves the list from `before` bytes of its file.

    Raises:
        WrongState: another stream was first, or the list was erased.
    """
    rows = table(PledgeListRow)
    tiles: list[dict[str, str | int | bytes]] = [
        {"party": party, "pledge_list": id, "level": tile.level, "number": tile.number, "hashes": hashes}
        for tile, hashes in piece.tiles.items()
    ]
    async with desk.database.write() as connection:
        moved = await connection.execute(
            update(rows)
            .where(
                rows.c.party == party, rows.c.id == id, rows.c.read == before, rows.c.state == State.IMPORTING
            )
            .values(
                read=piece.read,
                prefix=piece.prefix.hex(),
                lines=piece.lines,
                size=piece.size,
                broken=rows.c.broken + len(piece.broken),
                updated=now,
            )
        )
        if moved.rowcount != 1:
            raise WrongState(
                "another stream imports under this request id, or the list was erased",
                reason="IMPORT_ELSEWHERE",
            )
        await insert(
            connection,
            PieceRow,
            [
                {
                    "party": party,
                    "pledge_list": id,
                    "number": piece.number,
                    "start": piece.size - piece.count,
                    "count": piece.count,
                    "sealed": piece.sealed,
                    "broken": [[line, str(reason)] for line, reason in piece.broken],
                }
            ],
        )
        await upsert(connection, PledgeTile, tiles)


async def find(desk: HostContext, known: PledgeList, person: str) -> tuple[int, str] | None:
    """Place and entry of a person (NIP or NIK) in a list; None if nobody of that number stands in it.

    Raises:
        WrongState: the list was erased.
    """
    key = await key_of(desk, known.party, known.id)

    def look(row: FoundRow) -> tuple[int, str] | None:
        entries = opened(key, known.id, row.number, row.sealed)
        place = place_of(entries, person)
        return None if place is None else (row.start + place, entries[place])

    async for row in _pieces(desk, known):
        if found := await asyncio.to_thread(look, row):
            return found
    return None


async def salt(desk: HostContext, known: PledgeList, index: int) -> bytes:
    """The salt of the entry at a place.

    Raises:
        WrongState: the list was erased.
    """
    return merkle_tree.salt(merkle_tree.salts_key(await key_of(desk, known.party, known.id)), index)


async def proof(desk: HostContext, known: PledgeList, index: int) -> list[bytes]:
    """The inclusion proof of the entry at a place."""
    async with desk.database.read() as connection:
        tiles = await _tiles(connection, known, merkle_tree.tiles_of_proof(index, known.size))
    return merkle_tree.proof(index, known.size, tiles)


async def destroy(desk: HostContext, party: str, id: str) -> None:
    """Destroy the key of an erased list, and drop its pieces and its tree. Repeatable."""
    await desk.vault.destroy((party, id))
    await desk.vault.renew()
    async with desk.database.write() as connection:
        for model in (PieceRow, PledgeTile):
            rows = table(model)
            await connection.execute(delete(rows).where(rows.c.party == party, rows.c.pledge_list == id))
    await desk.database.empty_write_ahead_log()


async def destroy_left(desk: HostContext) -> int:
    """Destroy what an erasure left when its process died before the end; gives how many lists that were."""
    rows, pieces = table(PledgeListRow), table(PieceRow)
    query = (
        select(rows.c.party, rows.c.id)
        .distinct()
        .join(pieces, (pieces.c.party == rows.c.party) & (pieces.c.pledge_list == rows.c.id))
        .where(rows.c.state == State.ERASED)
    )
    async with desk.database.read() as connection:
        left = list(await connection.execute(query))
    for row in left:
        await destroy(desk, row.party, row.id)
    return len(left)


async def _tiles(
    connection: Connection, known: PledgeList, wanted: Sequence[TileId] | set[TileId]
) -> dict[TileId, bytes]:
    if not wanted:
        return {}
    rows = table(PledgeTile)
    # Whole keys, so that each is found by the index: a dozen at most.
    keys = (
        (rows.c.party == known.party)
        & (rows.c.pledge_list == known.id)
        & (rows.c.level == tile.level)
        & (rows.c.number == tile.number)
        for tile in sorted(wanted)
    )
    query = select(rows).where(or_(*keys))
    found = await connection.execute(query)
    return {TileId(row.level, row.number): row.hashes for row in found}


async def _pieces(desk: HostContext, known: PledgeList) -> AsyncIterator[FoundRow]:
    """The pieces of a list, a few at a time."""
    rows, after = table(PieceRow), -1
    while True:
        query = (
            select(rows.c.number, rows.c.start, rows.c.sealed)
            .where(rows.c.party == known.party, rows.c.pledge_list == known.id, rows.c.number > after)
            .order_by(rows.c.number)
            .limit(_PIECES_AT_ONCE)
        )
        async with desk.database.read() as connection:
            found = list(await connection.execute(query))
        if not found:
            return
        for row in found:
            yield row
        after = found[-1].number


# A list that an erasure left behind when its process died.
LOOP = Loop("pledges", destroy_left, pace=60.0, look=60.0)
