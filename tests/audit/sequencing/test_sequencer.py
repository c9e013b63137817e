"""The sequencer: indexes without gaps, heads that fit, and no second history whatever crashes."""

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from audit.completeness import sparse_map
from audit.formats import checkpoint, tlog
from audit.formats.leaf import Kind, leaf_row
from audit.formats.note import Signer
from audit.log import events, reads
from audit.sequencing.sequencer import ClockBehind, LogRolledBack, Sequencer
from audit.sequencing.writer_lease import AnotherWriter, Fenced, Folder, Lease
from audit.tables import (
    AuditTable,
    ChainPage,
    HashTile,
    Leaf,
    LeafIndex,
    PendingLeaf,
    SequencerLease,
    SignedCheckpoint,
)
from netral.exchange.v1 import record_pb2, statement_pb2
from storage.engines import Database
from storage.types import table
from storage.upserts import insert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDS = itertools.count(1)


def a_signer(party: str) -> Signer:
    return Signer(f"netral/{party}", Ed25519PrivateKey.from_private_bytes(party.encode().ljust(32, b"*")))


SIGNERS = {party: a_signer(party) for party in ("bawaslu", "bkn", "ppk-6202")}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    yield database
    await database.close()


def a_sequencer(database: Any, folder: Path, **changed: Any) -> Sequencer:
    given: dict[str, Any] = {
        "signers": SIGNERS,
        "now": lambda: NOON,
        "batch": 2000,
    } | changed
    lease = Lease(given.pop("holder", "one"), given["now"])
    return Sequencer(database, lease=lease, witnessed=folder, **given)


def a_record(party: str, number: int) -> bytes:
    return record_pb2.Record(
        id=f"r{number}",
        party=party,
        actor=statement_pb2.Actor(kind=statement_pb2.Actor.KIND_OFFICER, id="o1"),
        action="kasn.recommend",
        matter=f"m{number % 5}",
        case_id=f"c{number % 2}",
    ).SerializeToString()


async def write_leaves(database: Database, party: str, count: int) -> None:
    rows = [
        leaf_row(
            next(IDS),
            party,
            Kind.RECORD,
            a_record(party, number),
            ref="r",
            matter=f"m{number % 5}",
            type="kasn.recommend",
            actor="o1",
            author=party,
            time=NOON,
        )
        for number in range(count)
    ]
    async with database.write() as connection:
        await insert(connection, Leaf, rows)
        await insert(connection, PendingLeaf, [{"leaf_id": row["id"], "party": row["party"]} for row in rows])


async def rows_of(database: Database, model: Any, *order: str) -> list[Any]:
    async with database.read() as connection:
        found = await connection.execute(
            select(table(model)).order_by(*(table(model).c[name] for name in order))
        )
        return list(found)


async def check_logs(database: Database, folder: Path, *, chained: bool = True) -> dict[str, int]:
    """Every log as an outsider would check it; gives the sizes, chain leaves not counted."""
    chain_leaves = {row.id for row in await rows_of(database, Leaf, "id") if row.kind == Kind.CHAINS}
    hashes = {row.id: row.hash for row in await rows_of(database, Leaf, "id")}
    pending = {row.leaf_id for row in await rows_of(database, PendingLeaf, "leaf_id")}
    indexed = await rows_of(database, LeafIndex, "party", "index")
    assert {row.leaf_id for row in indexed} | pending == hashes.keys()
    assert not {row.leaf_id for row in indexed} & pending
    logs = {party: [row for row in indexed if row.party == party] for party in SIGNERS}
    for log in logs.values():
        assert [row.index for row in log] == list(range(len(log)))
    checkpoints = await rows_of(database, SignedCheckpoint, "party", "size")
    for row in checkpoints:
        head = checkpoint.open(row.note, SIGNERS[row.party].verifier)
        assert (head.size, head.root) == (row.size, row.root)
        assert head.root == tlog.root_of(hashes[leaf.leaf_id] for leaf in logs[row.party][: row.size])
    for party, log in logs.items():
        newest = max((row.size for row in checkpoints if row.party == party), default=0)
        assert newest == len(log)
        if (folder / party).exists():
            witnessed = checkpoint.open((folder / party).read_bytes(), SIGNERS[party].verifier)
            assert (witnessed.size, witnessed.root) in {
                (r.size, r.root) for r in checkpoints if r.party == party
            }
    for party, log in logs.items():
        ends = {row.size - 1 for row in checkpoints if row.party == party}
        assert {row.index for row in log if row.leaf_id in chain_leaves} == ends
    if chained:
        await check_chains(database, logs)
    return {
        party: len([row for row in log if row.leaf_id not in chain_leaves]) for party, log in logs.items()
    }


async def check_chains(database: Database, logs: dict[str, list[Any]]) -> None:
    """The last leaf of each log commits to the chains of all before it, and the stored pages are those."""
    leaves = {row.id: row for row in await rows_of(database, Leaf, "id")}
    stored = {(row.party, row.prefix): row.body for row in await rows_of(database, ChainPage, "party")}
    for party, log in logs.items():
        links = [
            sparse_map.link(place.index, leaf.hash, events.audit_event(leaf.body), leaf.matter)
            for place in log
            if (leaf := leaves[place.leaf_id])
        ]
        pages: sparse_map.Pages = {}
        sparse_map.extend(pages, links)
        if log:
            assert sparse_map.root_in(leaves[log[-1].leaf_id].body) == sparse_map.page_hash(pages[""])
            assert {prefix: sparse_map.encode_page(page) for prefix, page in pages.items()} == {
                prefix: body for (owner, prefix), body in stored.items() if owner == party
            }


async def test_pending_leaves_of_several_parties_get_consecutive_indexes_and_a_signed_head(
    database: Database, tmp_path: Path
) -> None:
    sequencer = a_sequencer(database, tmp_path)
    for _ in range(3):
        await write_leaves(database, "bawaslu", 300)
        await write_leaves(database, "bkn", 1)
        assert await sequencer.run_once() == 301

    assert await check_logs(database, tmp_path) == {"bawaslu": 900, "bkn": 3, "ppk-6202": 0}
    assert await sequencer.run_once() == 0


async def test_a_backlog_is_worked_off_in_batches(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, "bawaslu", 25)
    sequencer = a_sequencer(database, tmp_path, batch=10)

    assert [await sequencer.run_once() for _ in range(4)] == [10, 10, 5, 0]
    assert await check_logs(database, tmp_path) == {"bawaslu": 25, "bkn": 0, "ppk-6202": 0}


async def test_the_witnessed_file_is_the_newest_checkpoint(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, "bkn", 5)
    await a_sequencer(database, tmp_path / "not" / "there").run_once()

    (row,) = await rows_of(database, SignedCheckpoint, "size")
    assert (tmp_path / "not" / "there" / "bkn").read_text("utf-8") == row.note
    assert [path.name for path in (tmp_path / "not" / "there").iterdir()] == ["bkn"]


async def test_a_second_holder_waits_until_the_lease_has_run_out(database: Database, tmp_path: Path) -> None:
    clock = [NOON]
    one = a_sequencer(database, tmp_path, now=lambda: clock[0], holder="one")
    two = a_sequencer(database, tmp_path, now=lambda: clock[0], holder="two")
    await write_leaves(database, "bkn", 1)
    assert await one.run_once() == 1
    await write_leaves(database, "bkn", 1)

    clock[0] += timedelta(seconds=9)
    assert await two.run_once() == 0
    clock[0] += timedelta(seconds=1)
    assert await two.run_once() == 1
    await write_leaves(database, "bkn", 1)
    with pytest.raises(Fenced, match="another process took over"):
        await one.run_once()
    assert (await rows_of(database, SequencerLease, "name"))[0].holder == "two"
    assert await check_logs(database, tmp_path) == {"bawaslu": 0, "bkn": 2, "ppk-6202": 0}
    assert await two.run_once() == 1


async def test_a_copy_of_a_holder_pushes_the_first_aside_and_is_not_written_over(
    database: Database, tmp_path: Path
) -> None:
    """Two machines with the same state folder: the same name, but each taking has its own epoch."""
    first, copy = a_sequencer(database, tmp_path), a_sequencer(database, tmp_path)
    await write_leaves(database, "bkn", 1)
    assert await first.run_once() == 1
    await write_leaves(database, "bkn", 1)
    assert await copy.run_once() == 1
    await write_leaves(database, "bkn", 1)

    with pytest.raises(Fenced):
        await first.run_once()
    assert await copy.run_once() == 1


async def test_a_lease_is_kept_while_nothing_is_signed(database: Database, tmp_path: Path) -> None:
    clock = [NOON]
    one, two = (Lease(name, lambda: clock[0]) for name in ("one", "two"))
    await one.acquire(database, wait=0)
    for _ in range(5):
        clock[0] += timedelta(seconds=4)
        await one.renew(database)

    with pytest.raises(AnotherWriter, match="holder one"):
        await two.acquire(database, wait=0)
    await one.release(database)
    await two.acquire(database, wait=0)
    with pytest.raises(AnotherWriter, match="holder two"):
        await one.acquire(database, wait=0)


def test_a_state_folder_has_one_writer_which_keeps_its_name(tmp_path: Path) -> None:
    with Folder.claim(tmp_path) as first, pytest.raises(AnotherWriter, match="another process works in"):
        Folder.claim(tmp_path)
    with Folder.claim(tmp_path) as again:
        assert again.id == first.id


async def test_a_clock_that_was_set_back_signs_nothing(database: Database, tmp_path: Path) -> None:
    clock = [NOON]
    sequencer = a_sequencer(database, tmp_path, now=lambda: clock[0])
    await write_leaves(database, "bkn", 1)
    assert await sequencer.run_once() == 1
    await write_leaves(database, "bkn", 1)
    clock[0] -= timedelta(seconds=6)

    with pytest.raises(ClockBehind, match="bkn: checkpoint 2 was signed at 2026-03-02T12:00:00"):
        await sequencer.run_once()
    with pytest.raises(ClockBehind):
        await a_sequencer(database, tmp_path, now=lambda: clock[0]).check()
    clock[0] += timedelta(seconds=2)
    assert await sequencer.run_once() == 1
    assert await check_logs(database, tmp_path) == {"bawaslu": 0, "bkn": 2, "ppk-6202": 0}


async def test_a_leaf_changed_before_it_is_sequenced_freezes_its_party_and_no_other(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, "bawaslu", 3)
    leaves = table(Leaf)
    async with database.write() as connection:
        last = (await connection.execute(select(leaves.c.id).order_by(leaves.c.id.desc()).limit(1))).scalar()
        await connection.execute(update(leaves).where(leaves.c.id == last).values(body=b"x"))
    await write_leaves(database, "bkn", 3)
    sequencer = a_sequencer(database, tmp_path, batch=3)

    assert await sequencer.run_once() == 3
    assert sequencer.frozen.keys() == {"bawaslu"}
    assert await sequencer.run_once() == 0
    assert await check_logs(database, tmp_path) == {"bawaslu": 0, "bkn": 3, "ppk-6202": 0}


async def test_a_changed_tile_freezes_its_party(database: Database, tmp_path: Path) -> None:
    sequencer = a_sequencer(database, tmp_path)
    await write_leaves(database, "bawaslu", 3)
    await sequencer.run_once()
    async with database.write() as connection:
        await connection.execute(update(table(HashTile)).values(hashes=bytes(3 * 32)))
    await write_leaves(database, "bawaslu", 1)
    await write_leaves(database, "bkn", 1)

    assert await sequencer.run_once() == 1
    assert sequencer.frozen.keys() == {"bawaslu"}


async def test_changed_pages_of_chains_are_made_again_from_the_leaves(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, "bawaslu", 30)
    await a_sequencer(database, tmp_path).run_once()
    for changed in (b"", b"x", None):
        pages = table(ChainPage)
        async with database.write() as connection:
            if changed is None:
                await connection.execute(pages.delete())
            else:
                await connection.execute(update(pages).values(body=changed))
        await write_leaves(database, "bawaslu", 3)

        sequencer = a_sequencer(database, tmp_path)  # one that has not read them yet
        assert await sequencer.run_once() == 3
        assert sequencer.frozen == {}
    assert await check_logs(database, tmp_path) == {"bawaslu": 39, "bkn": 0, "ppk-6202": 0}


async def test_leaves_that_lead_to_other_chains_than_were_committed_freeze_their_party(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, "bawaslu", 3)
    await a_sequencer(database, tmp_path).run_once()
    async with database.write() as connection:
        await connection.execute(update(table(ChainPage)).values(body=b""))
        await connection.execute(
            update(table(Leaf)).where(table(Leaf).c.kind == Kind.RECORD).values(body=b"\x03")
        )
    await write_leaves(database, "bawaslu", 1)
    await write_leaves(database, "bkn", 1)
    sequencer = a_sequencer(database, tmp_path)

    assert await sequencer.run_once() == 1
    assert sequencer.frozen.keys() == {"bawaslu"}


async def test_a_log_that_was_begun_without_chains_gets_those_of_all_its_leaves(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_leaves(database, "bkn", 40)
    with monkeypatch.context() as before:
        before.setattr(sparse_map, "leaf_body", lambda root: b"\x03a leaf that commits to no chains")
        await a_sequencer(database, tmp_path).run_once()
    async with database.write() as connection:
        await connection.execute(table(ChainPage).delete())
    await write_leaves(database, "bkn", 1)

    assert await a_sequencer(database, tmp_path).run_once() == 1
    logs = {"bkn": await rows_of(database, LeafIndex, "index")}
    assert len(logs["bkn"]) == 43
    await check_chains(database, logs)


async def test_leaves_of_a_party_without_a_key_stay_pending(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, "bawaslu", 1)
    await write_leaves(database, "bkn", 1)

    assert await a_sequencer(database, tmp_path, signers={"bkn": SIGNERS["bkn"]}).run_once() == 1
    assert await check_logs(database, tmp_path) == {"bawaslu": 0, "bkn": 1, "ppk-6202": 0}


async def test_a_database_older_than_the_witnessed_checkpoint_signs_nothing(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, "bkn", 4)
    await a_sequencer(database, tmp_path).run_once()
    async with database.write() as connection:  # a backup from before the first checkpoint
        for model in (LeafIndex, HashTile, SignedCheckpoint):
            await connection.execute(table(model).delete())
    await write_leaves(database, "bkn", 1)

    with pytest.raises(LogRolledBack, match="checkpoint 5 was published, the log ends at 0"):
        await a_sequencer(database, tmp_path).run_once()
    with pytest.raises(LogRolledBack):
        await a_sequencer(database, tmp_path).check()
    assert await rows_of(database, SignedCheckpoint, "size") == []


async def test_a_database_with_another_history_than_the_witnessed_checkpoint_signs_nothing(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, "bkn", 4)
    await a_sequencer(database, tmp_path).run_once()
    other = checkpoint.Checkpoint("netral/bkn", 3, tlog.root_of([bytes(32)] * 3))
    (tmp_path / "bkn").write_text(checkpoint.sign(other, SIGNERS["bkn"]), "utf-8")
    await write_leaves(database, "bkn", 1)

    with pytest.raises(LogRolledBack, match="does not continue"):
        await a_sequencer(database, tmp_path).run_once()


async def test_a_witnessed_checkpoint_older_than_the_database_is_continued(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, "bkn", 300)
    await a_sequencer(database, tmp_path).run_once()
    old = (tmp_path / "bkn").read_bytes()
    await write_leaves(database, "bkn", 300)
    await a_sequencer(database, tmp_path).run_once()
    (tmp_path / "bkn").write_bytes(old)
    await write_leaves(database, "bkn", 1)

    assert await a_sequencer(database, tmp_path).run_once() == 1
    assert await check_logs(database, tmp_path) == {"bawaslu": 0, "bkn": 601, "ppk-6202": 0}


@pytest.mark.parametrize("text", ["", "netral/bkn\n", "not a note"])
async def test_an_unreadable_witnessed_checkpoint_signs_nothing(
    database: Database, tmp_path: Path, text: str
) -> None:
    (tmp_path / "bkn").write_text(text)
    await write_leaves(database, "bkn", 1)

    with pytest.raises(LogRolledBack, match="cannot be read"):
        await a_sequencer(database, tmp_path).run_once()


# Crashes


class Crash(Exception):
    """The process ends here."""


class CrashingDatabase:
    """Fails at the n-th point of contact: before or after each statement, before or after each commit."""

    def __init__(self, database: Database, at: int) -> None:
        self._database, self._countdown = database, itertools.count(at, -1)

    def contact(self) -> None:
        if next(self._countdown) == 0:
            raise Crash

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        async with self._database.write() as connection:
            yield _CrashingConnection(connection, self)
            self.contact()
        self.contact()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Any]:
        async with self._database.read() as connection:
            yield _CrashingConnection(connection, self)


class _CrashingConnection:
    def __init__(self, connection: Any, database: CrashingDatabase) -> None:
        self._connection, self._contact, self.dialect = connection, database.contact, connection.dialect

    async def execute(self, *arguments: Any) -> Any:
        self._contact()
        result = await self._connection.execute(*arguments)
        self._contact()
        return result


async def test_a_crash_at_any_contact_with_the_database_loses_and_doubles_nothing(
    database: Database, tmp_path: Path
) -> None:
    crashes = 0
    for at in itertools.count():
        await write_leaves(database, "bawaslu", 24)
        await write_leaves(database, "bkn", 2)
        crashing = CrashingDatabase(database, at)
        try:
            await a_sequencer(crashing, tmp_path).run_once()
        except Crash:
            crashes += 1
            await check_logs(database, tmp_path, chained=False)
            await a_sequencer(database, tmp_path).run_once()
        sizes = await check_logs(database, tmp_path, chained=False)
        assert sizes == {"bawaslu": 24 * (at + 1), "bkn": 2 * (at + 1), "ppk-6202": 0}
        if crashes == at:  # this run had fewer than `at` contacts and went through
            break
    assert crashes > 10 and sizes["bawaslu"] > 256
    await check_logs(database, tmp_path)


@pytest.mark.parametrize("broken", ["fsync", "replace"])
async def test_a_crash_before_the_witnessed_file_is_written_loses_and_doubles_nothing(
    database: Database, tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_leaves(database, "bkn", 2)
    await a_sequencer(database, tmp_path).run_once()
    await write_leaves(database, "bkn", 2)

    def crash(*_: Any) -> Iterator[None]:
        raise Crash

    with monkeypatch.context() as patched:
        owner: object = os if broken == "fsync" else Path
        patched.setattr(owner, broken, crash)
        with pytest.raises(Crash):
            await a_sequencer(database, tmp_path).run_once()
    assert checkpoint.open((tmp_path / "bkn").read_bytes(), SIGNERS["bkn"].verifier).size == 3

    await write_leaves(database, "bkn", 2)
    await a_sequencer(database, tmp_path).run_once()
    assert await check_logs(database, tmp_path) == {"bawaslu": 0, "bkn": 6, "ppk-6202": 0}


async def test_a_witnessed_file_that_could_not_be_written_is_written_in_the_next_run(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_leaves(database, "bkn", 2)
    sequencer = a_sequencer(database, tmp_path)

    def no_space(_: int) -> None:
        raise OSError("no space left on the device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_space)
        with pytest.raises(OSError, match="no space"):
            await sequencer.run_once()

    assert await sequencer.run_once() == 0
    assert checkpoint.open((tmp_path / "bkn").read_bytes(), SIGNERS["bkn"].verifier).size == 3
    assert sequencer.take_grown() == {"bkn"}


async def test_a_host_of_546_parties_is_sequenced_in_two_runs(database: Database, tmp_path: Path) -> None:
    signers = {f"ppk-{number}": a_signer(f"ppk-{number}") for number in range(546)}
    for _ in range(2):
        for party in signers:
            await write_leaves(database, party, 3)
    sequencer = a_sequencer(database, tmp_path, signers=signers)

    assert [await sequencer.run_once() for _ in range(3)] == [2000, 1276, 0]
    async with database.read() as connection:
        heads = await reads.newest_heads(connection, signers)
    # Six leaves each, and a chain leaf for each run that the party had a part in.
    assert {head.size for head in heads.values()} == {7, 8}
    signed = await rows_of(database, SignedCheckpoint, "party", "size")
    assert sum(head.size for head in heads.values()) == 3276 + len(signed)
