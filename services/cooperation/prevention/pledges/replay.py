"""Looks at closed lists of pledges: entries and tree are those of the root that the authority stated."""

from dataclasses import dataclass

from sqlalchemy import select

from audit.formats import tlog
from audit.formats.tlog import TileError, TileId
from audit.verification.findings import Finding
from cooperation.prevention.pledges import merkle_tree
from cooperation.prevention.pledges.domain.lists import State
from cooperation.prevention.pledges.importer import opened
from cooperation.prevention.pledges.tables import PieceRow, PledgeListRow, PledgeTile
from exchange.personal_data.vault import Erased
from host.replay import Inside, Replay
from storage.protocols import Connection
from storage.types import table


@dataclass(frozen=True)
class _Closed:
    """A closed list: how many entries it has, and the root (hex) that was stated."""

    party: str
    id: str
    size: int
    root: str


async def _check(inside: Inside) -> list[Finding]:
    """Compare pieces and tiles of closed lists with the roots that were stated; one list at a time is in memory."""
    rows = table(PledgeListRow)
    query = select(rows).where(rows.c.state == State.LISTED)
    closed = [
        _Closed(row.party, row.id, row.size, row.root) for row in await inside.connection.execute(query)
    ]
    keys = await inside.vault.keys({(row.party, row.id) for row in closed}, make=False)
    found = []
    for row in closed:
        problem = await _problem(inside.connection, row, keys.get((row.party, row.id)))
        if problem:
            found.append(Finding(row.party, -1, row.id, "state", problem))
    return found


async def _problem(connection: Connection, known: _Closed, key: bytes | None) -> str:
    rows = table(PledgeTile)
    query = select(rows).where(rows.c.party == known.party, rows.c.pledge_list == known.id)
    tiles = {TileId(row.level, row.number): bytes(row.hashes) for row in await connection.execute(query)}
    leaves = b"".join(tiles[tile] for tile in sorted(tiles) if tile.level == 0)
    hashes = [leaves[at : at + tlog.HASH_SIZE] for at in range(0, len(leaves), tlog.HASH_SIZE)]
    try:
        whole = len(hashes) == known.size and tlog.extend(0, {}, hashes) == tiles
        if not whole or merkle_tree.root(known.size, tiles).hex() != known.root:
            return "pledge_tile: the tree is not the one of the list's root"
    except (ValueError, TileError):
        return "pledge_tile: the tree is not one"
    return await _entries_problem(connection, known, key, hashes) if key is not None else ""


async def _entries_problem(connection: Connection, known: _Closed, key: bytes, hashes: list[bytes]) -> str:
    rows = table(PieceRow)
    query = (
        select(rows)
        .where(rows.c.party == known.party, rows.c.pledge_list == known.id)
        .order_by(rows.c.number)
    )
    salts, start = merkle_tree.salts_key(key), 0
    for place, row in enumerate(await connection.execute(query)):
        try:
            entries = [entry.encode("ascii") for entry in opened(key, known.id, row.number, row.sealed)]
        except (Erased, ValueError):
            return f"pledge_piece: piece {row.number} does not open with its list's key"
        if (row.number, row.start, row._mapping["count"]) != (place, start, len(entries)):
            return f"pledge_piece: piece {row.number} does not stand where its entries do"
        if merkle_tree.leaves(salts, start, entries) != hashes[start : start + len(entries)]:
            return f"pledge_piece: the entries of piece {row.number} are not those of the list's root"
        start += len(entries)
    return "" if start == known.size else "pledge_piece: entries of the list are missing"


REPLAY = Replay(check=_check)
