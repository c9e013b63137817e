"""A party that rewrites its own history, with its own key and its own database, as well as it can be done."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update

from audit.formats import checkpoint, tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.note import Signer
from audit.tables import Cosigned, CosignerState, CosigningStatus, HashTile, Leaf, LeafIndex, SignedCheckpoint
from storage.engines import Database
from storage.types import table
from storage.upserts import insert


async def rewrite(database: Database, party: str, index: int, body: bytes, signer: Signer) -> None:
    """Put another body in the place of a leaf, and everything that follows from it: tiles, heads, signatures.

    Nothing in the database contradicts the new history afterwards.
    """
    leaf, place = table(Leaf), table(LeafIndex)
    async with database.write() as connection:
        placed = (
            select(leaf.c.id, leaf.c.hash)
            .join(place, place.c.leaf_id == leaf.c.id)
            .where(place.c.party == party)
            .order_by(place.c.index)
        )
        rows = list(await connection.execute(placed))
        hashes = [row.hash for row in rows]
        hashes[index] = tlog.leaf_hash(body)
        changed = update(leaf).where(leaf.c.id == rows[index].id).values(body=body, hash=hashes[index])
        await connection.execute(changed)
        await _replace(connection, HashTile, party, _tiles(party, hashes))
        heads = select(table(SignedCheckpoint)).where(table(SignedCheckpoint).c.party == party)
        signed = [_signed(dict(row._mapping), hashes, signer) for row in await connection.execute(heads)]
        await _replace(connection, SignedCheckpoint, party, signed)
        for model in (Cosigned, CosignerState, CosigningStatus):
            await connection.execute(delete(table(model)).where(table(model).c.party == party))


async def newest(database: Database, party: str) -> Any:
    """The newest checkpoint row of a party."""
    heads = table(SignedCheckpoint)
    query = select(heads).where(heads.c.party == party).order_by(heads.c.size.desc()).limit(1)
    async with database.read() as connection:
        return (await connection.execute(query)).one()


def _tiles(party: str, hashes: Sequence[bytes]) -> list[dict[str, Any]]:
    tiles = tlog.extend(0, {}, hashes)
    return [
        {"party": party, "level": tile.level, "number": tile.number, "hashes": content}
        for tile, content in tiles.items()
    ]


def _signed(row: dict[str, Any], hashes: Sequence[bytes], signer: Signer) -> dict[str, Any]:
    root = tlog.root_of(hashes[: row["size"]])
    return row | {
        "root": root,
        "note": checkpoint.sign(Checkpoint(signer.name, row["size"], root), signer),
    }


async def _replace(connection: Any, model: Any, party: str, rows: Sequence[dict[str, Any]]) -> None:
    await connection.execute(delete(table(model)).where(table(model).c.party == party))
    await insert(connection, model, rows)
