"""Reads of the trail, on a log whose leaves, heads and proofs are checked by the pure functions."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select

import audit
import storage
from audit.completeness import sparse_map
from audit.formats import tlog
from audit.formats.leaf import Kind, leaf_row
from audit.formats.note import Signer
from audit.log import page_tokens, reads
from audit.log.reads import PENDING, BadQuery, Filter, Head, NoSuchLog, PlacedLeaf
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import AuditTable, CaseIndexRow, HashTile, Leaf, LeafIndex, PendingLeaf
from storage.engines import Database
from storage.types import Instant, table
from storage.upserts import insert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDS = itertools.count(1)
PARTIES = ("bawaslu", "bkn", "ppk-6202")
SIGNERS = {party: Signer(f"netral/{party}", Ed25519PrivateKey.generate()) for party in PARTIES}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    yield database
    await database.close()


def a_leaf(party: str, number: int = 0, **changed: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "ref": f"r{number}",
        "matter": f"m{number % 7}",
        "type": ("kasn.recommend", "receipt.custody")[number % 2],
        "actor": "o1",
        "author": party,
        "time": NOON + timedelta(minutes=number),
    }
    return leaf_row(
        next(IDS), party, Kind.RECORD, b"%d of %s" % (number, party.encode()), **columns | changed
    )


async def write_leaves(database: Database, rows: list[dict[str, Any]]) -> None:
    async with database.write() as connection:
        await insert(connection, Leaf, rows)
        await insert(connection, PendingLeaf, [{"leaf_id": row["id"], "party": row["party"]} for row in rows])


async def sequence(database: Database, folder: Path, batch: int = 2000) -> None:
    sequencer = Sequencer(database, SIGNERS, lambda: NOON, Lease("one", lambda: NOON), folder, batch)
    while await sequencer.run_once():
        pass


async def hashes_in(database: Database, party: str) -> list[bytes]:
    """The hashes of a log's leaves in order, chain leaves among them."""
    leaf, index = table(Leaf), table(LeafIndex)
    placed = select(leaf.c.hash).join(index, index.c.leaf_id == leaf.c.id).where(index.c.party == party)
    async with database.read() as connection:
        return [row.hash for row in await connection.execute(placed.order_by(index.c.index))]


async def test_the_migration_makes_the_tables_of_the_models(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate(Path(audit.__file__).parent / "migrations")

    def differences(connection: Any) -> Any:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, AuditTable.metadata)

    async with database.write() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_logs_are_listed_by_party_with_head_and_pending_count(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, [a_leaf("bkn", number) for number in range(3)])
    await sequence(database, tmp_path)
    await write_leaves(database, [a_leaf("bkn"), a_leaf("ppk-6202")])

    async with database.read() as connection:
        found = await reads.logs(connection, PARTIES, limit=10)
        assert [(log.party, log.head and log.head.size, log.pending) for log in found] == [
            ("bawaslu", None, 0),
            ("bkn", 4, 1),
            ("ppk-6202", None, 1),
        ]
        assert [log.party for log in await reads.logs(connection, PARTIES, after="bawaslu", limit=1)] == [
            "bkn"
        ]
        with_leaves = await reads.logs(connection, PARTIES, limit=2, skip_empty=True)
        assert [log.party for log in with_leaves] == ["bkn", "ppk-6202"]


async def test_leaves_are_found_page_by_page_in_order_and_pending_ones_last(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, [a_leaf("bkn", number) for number in range(20)])
    await write_leaves(database, [a_leaf("bawaslu", number) for number in range(20)])
    await sequence(database, tmp_path)
    await write_leaves(database, [a_leaf("bkn", 21), a_leaf("bkn", 22)])

    async with database.read() as connection:
        first = await reads.leaves(connection, "bkn", Filter(matter="m0"), limit=2)
        assert [(leaf.index, leaf.ref) for leaf in first] == [(0, "r0"), (7, "r7")]
        rest = await reads.leaves(connection, "bkn", Filter(matter="m0"), after=7, limit=9)
        assert [(leaf.index, leaf.ref) for leaf in rest] == [(14, "r14"), (PENDING, "r21")]
        all_of_it = await reads.leaves(connection, "bkn", Filter(), limit=100)
        assert [leaf.index for leaf in all_of_it] == [*range(21), PENDING, PENDING]


async def test_leaves_are_filtered_by_type_actor_and_time(database: Database, tmp_path: Path) -> None:
    await write_leaves(
        database, [a_leaf("bkn", number) for number in range(10)] + [a_leaf("bkn", 3, actor="o2")]
    )
    await sequence(database, tmp_path)

    async def indexes(**wanted: Any) -> list[int]:
        async with database.read() as connection:
            return [leaf.index for leaf in await reads.leaves(connection, "bkn", Filter(**wanted), limit=100)]

    assert await indexes(type="receipt.custody", since=NOON + timedelta(minutes=5)) == [5, 7, 9]
    assert await indexes(actor="o2") == [10]
    assert await indexes(since=NOON + timedelta(minutes=2), until=NOON + timedelta(minutes=3)) == [2]


async def test_proofs_of_a_large_log_hold_at_published_and_other_sizes(
    database: Database, tmp_path: Path
) -> None:
    rows = [a_leaf("bkn", number) for number in range(700)]
    await write_leaves(database, rows)
    await sequence(database, tmp_path, batch=300)
    hashes = await hashes_in(database, "bkn")
    assert len(hashes) == 703 and [hash for hash in hashes if hash in {row["hash"] for row in rows}] == [
        row["hash"] for row in rows
    ]

    async with database.read() as connection:
        for index, size in [(0, 1), (255, 256), (256, 301), (5, 517), (702, 703), (0, 0)]:
            proof = await reads.inclusion(connection, "bkn", index, size)
            root = tlog.root_of(hashes[: proof.size])
            tlog.verify_inclusion(hashes[index], index, proof.size, proof.hashes, root)
            assert bool(proof.note) == (proof.size in (301, 602, 703))
        for old, new in [(0, 5), (1, 0), (301, 703), (256, 512), (703, 703)]:
            proof = await reads.consistency(connection, "bkn", old, new)
            roots = tlog.root_of(hashes[:old]), tlog.root_of(hashes[: proof.size])
            tlog.verify_consistency(old, proof.size, proof.hashes, *roots)


async def test_a_question_beyond_the_log_names_the_field(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, [a_leaf("bkn", number) for number in range(3)])
    await sequence(database, tmp_path)

    async with database.read() as connection:
        for field, question in {
            "index": reads.inclusion(connection, "bkn", 4),
            "size": reads.inclusion(connection, "bkn", 0, 5),
            "old_size": reads.consistency(connection, "bkn", 3, 2),
            "new_size": reads.consistency(connection, "bkn", 1, 5),
        }.items():
            with pytest.raises(BadQuery) as refused:
                await question
            assert refused.value.field == field
        with pytest.raises(NoSuchLog):
            await reads.head(connection, "bkn", 2)
        with pytest.raises(NoSuchLog):
            await reads.inclusion(connection, "bawaslu", 0)


async def test_a_proof_reads_only_the_tiles_it_needs(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, [a_leaf("bkn", number) for number in range(800)])
    await sequence(database, tmp_path)
    async with database.write() as connection:
        tiles = table(HashTile)
        await connection.execute(delete(tiles).where(tiles.c.level == 0, tiles.c.number.in_((0, 1))))

    async with database.read() as connection:
        assert (await reads.inclusion(connection, "bkn", 600, 800)).hashes
        with pytest.raises(tlog.TileError):
            await reads.inclusion(connection, "bkn", 300, 800)


@pytest.mark.parametrize("chunk", [1, 7, 256, 1000])
async def test_an_export_has_every_checkpoint_and_then_every_leaf_with_its_hash(
    database: Database, tmp_path: Path, chunk: int
) -> None:
    rows = [a_leaf("bkn", number) for number in range(260)]
    await write_leaves(database, rows)
    await sequence(database, tmp_path, batch=100)
    await write_leaves(database, [a_leaf("bkn", 260)])

    items = [item async for item in reads.export(database, "bkn", chunk=chunk)]
    assert [item.size for item in items if isinstance(item, Head)] == [101, 202, 263]
    leaves = [item for item in items if isinstance(item, PlacedLeaf)]
    assert [leaf.index for leaf in leaves] == list(range(263))
    assert [leaf.hash for leaf in leaves] == await hashes_in(database, "bkn")
    assert [leaf.hash for leaf in leaves if leaf.type != sparse_map.TYPE] == [row["hash"] for row in rows]
    assert isinstance(items[2], Head)
    last = [item async for item in reads.export(database, "bkn", start=258, chunk=chunk)][3:]
    assert last == leaves[258:]


@pytest.mark.parametrize("token", ["x", "MTI6Mw==", "é", "MTI6Mw"])
def test_a_page_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(BadQuery) as refused:
        page_tokens.read_page_token("leaves", token)
    assert refused.value.field == "page_token"


def test_a_page_token_is_good_for_its_own_question_only() -> None:
    token = page_tokens.page_token(("leaves", "bkn"), 41)

    assert page_tokens.read_page_token(("leaves", "bkn"), token) == "41"
    assert page_tokens.read_page_token(("leaves", "bkn"), "") is None
    with pytest.raises(BadQuery):
        page_tokens.read_page_token(("leaves", "bawaslu"), token)


async def test_a_log_that_was_written_before_leaves_got_narrower_says_the_same_after(
    database_url: str,
) -> None:
    database = Database(database_url)
    rooms = Path(audit.__file__).parent / "migrations"

    def upgrade_to_what_was(connection: Any) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
        config.set_main_option("version_locations", str(rooms / "versions"))
        config.set_main_option("path_separator", ";")
        config.attributes["connection"] = connection
        command.upgrade(config, "audit_0005")

    times = [NOON, NOON + timedelta(microseconds=1), datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)]
    rows = [a_leaf("bkn", number) | {"time": time} for number, time in enumerate(times)]
    before = sa.Table("leaf", sa.MetaData(), *(sa.Column(c.name, c.type) for c in table(Leaf).c))
    before.c.time.type = Instant()
    entry = {"party": "bkn", "case_id": "c", "matter": "m", "ref": ""}
    places = [{"party": "bkn", "index": number, "leaf_id": row["id"]} for number, row in enumerate(rows)]
    async with database.write() as connection:
        await connection.run_sync(upgrade_to_what_was)
        await connection.execute(before.insert(), rows)
        await connection.execute(table(LeafIndex).insert(), places)
        await connection.execute(table(CaseIndexRow).insert(), [entry])

    await database.migrate(rooms)

    async with database.read() as connection:
        kept = await connection.execute(select(table(Leaf)).order_by(table(Leaf).c.id))
        assert [dict(row._mapping) for row in kept] == rows
        kept = await connection.execute(select(table(LeafIndex)).order_by(table(LeafIndex).c.index))
        assert [dict(row._mapping) for row in kept] == places
        assert [dict(row._mapping) for row in await connection.execute(select(table(CaseIndexRow)))] == [
            entry
        ]
    await database.close()
