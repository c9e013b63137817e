"""`operations.selfcheck.log` finds every harm to the tables a log is made of, and goes on where it was stopped."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import LargeBinary, select, update

from audit.formats.leaf import Kind, leaf_row
from audit.formats.note import Signer
from audit.formats.tlog import TILE_WIDTH, leaf_hash
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import AuditTable, ChainPage, HashTile, Leaf, LeafIndex, PendingLeaf, SignedCheckpoint
from audit.verification.findings import Finding
from operations.selfcheck import log, log_indexes
from operations.selfcheck.progress import Position
from storage.engines import Database
from storage.types import table
from storage.upserts import insert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDS = itertools.count(1)
SIGNERS = {
    party: Signer(f"netral/{party}", Ed25519PrivateKey.from_private_bytes(party.encode().ljust(32, b"*")))
    for party in ("bkn", "kasn")
}
WRITTEN = 300  # in batches of 120: a full tile and a bit
SIZE = 303  # each batch ends with a chain leaf


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """Two logs of `SIZE` leaves in checkpoints of 121, and three leaves of bkn's that are pending."""
    database = Database(database_url)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    sequencer = Sequencer(database, SIGNERS, lambda: NOON, Lease("one", lambda: NOON), tmp_path, batch=120)
    for party in SIGNERS:
        await write_leaves(database, party, WRITTEN)
        while await sequencer.run_once():
            pass
    await write_leaves(database, "bkn", 3)
    yield database
    await database.close()


async def write_leaves(database: Database, party: str, count: int) -> None:
    said = {"ref": "r", "type": "kasn.recommend", "actor": "o1", "author": party, "time": NOON}
    rows = [
        leaf_row(next(IDS), party, Kind.RECORD, b"%d" % number, matter=f"m{number}", **said)
        for number in range(count)
    ]
    async with database.write() as connection:
        await insert(connection, Leaf, rows)
        await insert(connection, PendingLeaf, [{"leaf_id": row["id"], "party": row["party"]} for row in rows])


async def checked(database: Database, party: str = "bkn", chunk: int = TILE_WIDTH) -> list[Finding]:
    position = Position()
    await log.check_log(database, party, [SIGNERS[party].verifier], position, chunk=chunk)
    assert position.done
    return position.findings


async def id_at(database: Database, index: int, party: str = "bkn") -> Any:
    places = table(LeafIndex)
    async with database.read() as connection:
        where = (places.c.party == party, places.c.index == index)
        return await connection.scalar(select(places.c.leaf_id).where(*where))


async def change(database: Database, model: Any, where: Any, **values: Any) -> None:
    async with database.write() as connection:
        done = await connection.execute(update(table(model)).where(where).values(**values))
        assert done.rowcount == 1


async def delete(database: Database, model: Any, where: Any) -> None:
    async with database.write() as connection:
        assert (await connection.execute(table(model).delete().where(where))).rowcount == 1


def kinds(findings: list[Finding]) -> set[str]:
    return {finding.kind for finding in findings}


@pytest.mark.parametrize("chunk", [TILE_WIDTH, 4 * TILE_WIDTH])
async def test_a_sound_log_has_no_findings(database: Database, chunk: int) -> None:
    assert await log.sizes(database, [*SIGNERS, "ppk-6202"]) == {"bkn": SIZE, "kasn": SIZE}
    for party in SIGNERS:
        assert await checked(database, party, chunk) == []


async def test_a_leaf_whose_bytes_changed_is_named_with_its_matter(database: Database) -> None:
    await change(database, Leaf, table(Leaf).c.id == await id_at(database, 7), body=b"\x03other")

    (found,) = await checked(database)
    assert (found.index, found.matter, found.kind) == (7, "m7", "leaf")
    assert await checked(database, "kasn") == []


async def test_a_leaf_changed_with_its_hash_is_found_by_the_tiles_and_the_checkpoints(
    database: Database,
) -> None:
    body = b"\x03other"
    await change(
        database, Leaf, table(Leaf).c.id == await id_at(database, 7), body=body, hash=leaf_hash(body)
    )

    found = await checked(database)
    assert {"tile", "checkpoint"} == kinds(found)
    assert ("m7", 7) in {(each.matter, each.index) for each in found if each.kind == "tile"}


@pytest.mark.parametrize(("level", "number"), [(0, 0), (0, 1), (1, 0)])
@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
async def test_a_tile_that_is_not_made_of_its_leaves_is_found(
    database: Database, level: int, number: int, harm: str
) -> None:
    tiles = table(HashTile)
    where = (tiles.c.party == "bkn") & (tiles.c.level == level) & (tiles.c.number == number)
    async with database.read() as connection:
        hashes = await connection.scalar(select(tiles.c.hashes).where(where))
    if harm == "gone":
        await delete(database, HashTile, where)
    else:
        harmed = bytes([hashes[0] ^ 1]) + hashes[1:] if harm == "flip" else hashes[:-32]
        await change(database, HashTile, where, hashes=harmed)

    assert kinds(await checked(database)) == {"tile"}


@pytest.mark.parametrize("name", ["root", "note", "size"])
async def test_a_checkpoint_that_is_not_what_was_signed_is_found(database: Database, name: str) -> None:
    heads = table(SignedCheckpoint)
    where = (heads.c.party == "bkn") & (heads.c.size == 121)
    async with database.read() as connection:
        row = (await connection.execute(select(heads).where(where))).one()
    harmed = {
        "root": bytes([row.root[0] ^ 1]) + row.root[1:],
        "note": row.note.replace("\n121\n", "\n122\n"),
        "size": 122,
    }
    await change(database, SignedCheckpoint, where, **{name: harmed[name]})

    (found,) = await checked(database)
    assert found.kind == "checkpoint"


async def test_a_newest_checkpoint_that_is_gone_is_found(database: Database) -> None:
    heads = table(SignedCheckpoint)
    await delete(database, SignedCheckpoint, (heads.c.party == "bkn") & (heads.c.size == SIZE))

    (found,) = await checked(database)
    assert found.message == "303 leaves have a place, the newest checkpoint has 242"


async def test_a_place_that_is_gone_ends_the_check_there_and_names_the_leaf_without_place(
    database: Database,
) -> None:
    places = table(LeafIndex)
    await delete(database, LeafIndex, (places.c.party == "bkn") & (places.c.index == 50))

    found = await checked(database)
    assert "no leaf has this place; the next is 51" in {each.message for each in found if each.index == 50}
    assert "m50" in {each.matter for each in found if "has no place" in each.message}


async def test_a_leaf_that_is_gone_or_that_another_party_keeps_is_found(database: Database) -> None:
    gone, moved = await id_at(database, 299), await id_at(database, 3)
    await delete(database, Leaf, table(Leaf).c.id == gone)
    await change(database, Leaf, table(Leaf).c.id == moved, party="kasn")

    said = {(each.index, each.message) for each in await checked(database)}
    assert {(299, "its leaf is gone"), (3, "the leaf is one of kasn")} <= said


@pytest.mark.parametrize("harm", ["body", "gone", "placed", "not pending"])
async def test_a_pending_leaf_that_is_not_what_it_was_is_found(database: Database, harm: str) -> None:
    pending, leaves = table(PendingLeaf), table(Leaf)
    async with database.read() as connection:
        first = await connection.scalar(select(pending.c.leaf_id).order_by(pending.c.leaf_id))
    if harm == "body":
        await change(database, Leaf, leaves.c.id == first, body=b"\x03other")
    elif harm == "gone":
        await delete(database, Leaf, leaves.c.id == first)
    elif harm == "not pending":
        await delete(database, PendingLeaf, pending.c.leaf_id == first)
    else:
        row = {"leaf_id": await id_at(database, 9), "party": "bkn"}
        async with database.write() as connection:
            await insert(connection, PendingLeaf, [row])

    assert len(await checked(database)) == 1


async def test_every_flipped_byte_of_what_a_log_is_made_of_is_found(database: Database) -> None:
    """One byte in each binary column of each of the trail's tables."""
    for model in (Leaf, HashTile, SignedCheckpoint):
        target = table(model)
        for column in (each for each in target.columns if isinstance(each.type, LargeBinary)):
            where = target.c.party == "bkn"
            async with database.read() as connection:
                row = (await connection.execute(select(target).where(where).limit(1))).one()
            value = getattr(row, column.name)
            key = [each == getattr(row, each.name) for each in target.primary_key]
            for changed in (value[:-1] + bytes([value[-1] ^ 0x80]), value):
                async with database.write() as connection:
                    await connection.execute(update(target).where(*key).values({column.name: changed}))
                assert bool(await checked(database)) == (changed != value), f"{target.name}.{column.name}"


async def test_a_log_that_grows_while_it_is_checked_has_no_findings(
    database: Database, tmp_path: Path
) -> None:
    position = Position()
    sequencer = Sequencer(database, SIGNERS, lambda: NOON, Lease("one", lambda: NOON), tmp_path)
    grown: list[int] = []

    class Growing:
        """The database, in which another batch is sequenced before each reading but the first."""

        @asynccontextmanager
        async def read(self) -> AsyncIterator[Any]:
            if 0 < len(grown) < 4:
                await write_leaves(database, "bkn", 200)
                await sequencer.run_once()
            grown.append(1)
            async with database.read() as connection:
                yield connection

    await log.check_log(Growing(), "bkn", [SIGNERS["bkn"].verifier], position, chunk=TILE_WIDTH)

    assert position.findings == []
    assert position.next > SIZE + 3 * 200


async def test_a_page_of_the_chains_that_its_leaves_do_not_give_is_found(database: Database) -> None:
    assert await log_indexes.check_chains(database, "bkn") == []
    pages = table(ChainPage)
    where = (pages.c.party == "bkn") & (pages.c.prefix == "")
    await change(database, ChainPage, where, body=b"other")

    (found,) = await log_indexes.check_chains(database, "bkn")
    assert (found.kind, found.party) == ("chains", "bkn")


async def test_a_check_goes_on_where_it_was_stopped(database: Database) -> None:
    await change(database, Leaf, table(Leaf).c.id == await id_at(database, 7), body=b"\x03other")
    position = Position()
    kept: list[str] = []

    class Stopped(Exception):
        """The operator went home."""

    def stop() -> None:
        kept.append(json.dumps(position.document()))
        raise Stopped

    keys = [SIGNERS["bkn"].verifier]
    with pytest.raises(Stopped):
        await log.check_log(database, "bkn", keys, position, stop, chunk=TILE_WIDTH)
    again = Position.read(json.loads(kept[0]))
    assert again.next == TILE_WIDTH
    # What was checked already is not read again.
    await change(database, Leaf, table(Leaf).c.id == await id_at(database, 8), body=b"\x03other")
    await log.check_log(database, "bkn", keys, again, chunk=TILE_WIDTH)

    assert [found.index for found in again.findings] == [7]
    assert len(await checked(database)) == 2
