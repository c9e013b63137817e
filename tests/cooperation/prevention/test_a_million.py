"""A million pledges: on one core within a minute and 300 MiB, killed in the middle, with the same root."""

import signal
import sqlite3
import threading
from pathlib import Path
from uuid import uuid4

import grpc
import pytest

from audit.formats.tlog import root_of
from bench import pledges as bench
from cooperation.prevention.pledges import merkle_tree, store
from cooperation.prevention.pledges.reads import pledge_list
from netral.prevention.v1.pledges_pb2_grpc import PledgeServiceStub
from support import desks
from support.alone import Alone
from support.preventions import AUTHORITY
from support.waiting import until

ROWS = 1_000_000


@pytest.mark.soak
def test_a_million_rows_are_imported_within_a_minute_on_one_core_and_300_mib(tmp_path: Path) -> None:
    bench.write_file(tmp_path / "pledges.csv", ROWS)
    measured = bench.measure(tmp_path / "world", tmp_path / "pledges.csv")

    broken = {each.reason: each.count for each in measured.answer.reasons}
    assert set(broken) == {"NUMBER", "FORMULA", "DATE"}
    assert measured.answer.list.size == ROWS - sum(broken.values()) == ROWS - ROWS // bench.EVERY
    assert measured.seconds <= 60
    assert measured.peak <= 300 * 2**20


@pytest.mark.soak
async def test_a_million_rows_killed_in_the_middle_have_the_same_root(tmp_path: Path) -> None:
    file, request_id = tmp_path / "pledges.csv", str(uuid4())
    bench.write_file(file, ROWS)
    desks.write_trust(tmp_path / "world")
    with Alone(tmp_path / "world") as host:

        def send(address: str) -> object:
            with grpc.insecure_channel(address) as channel:
                return PledgeServiceStub(channel).ImportPledges(
                    bench.stream_of(file, request_id),
                    metadata=desks.Caller(AUTHORITY).metadata,
                    timeout=600,
                )

        failed: list[BaseException] = []

        def first(address: str) -> None:
            try:
                send(address)
            except grpc.RpcError as error:
                failed.append(error)

        sending = threading.Thread(target=first, args=[(host.state / "ppk.address").read_text()])
        sending.start()

        async def half_is_kept() -> bool:
            with sqlite3.connect(host.state / "desk.sqlite", timeout=10) as database:
                (found,) = database.execute("SELECT coalesce(max(lines), 0) FROM pledge_list").fetchone()
            return int(found) > ROWS // 2

        await until(half_is_kept)
        host.end(signal.SIGKILL)
        sending.join(60)
        assert failed
        answer = send(host.start())

    async with desks.serve("ppk", desks.settings(tmp_path / "world", "ppk")) as served:
        known = await pledge_list(served.desk.database, AUTHORITY, answer.list.name.rpartition("/")[2])
        key = await store.key_of(served.desk, known.party, known.id)
        entries = []
        async for piece in store._pieces(served.desk, known):
            entries += store.opened(key, known.id, piece.number, piece.sealed)
    assert len({entry.partition(";")[0] for entry in entries}) == len(entries) == answer.list.size
    leaves = merkle_tree.leaves(merkle_tree.salts_key(key), 0, [entry.encode() for entry in entries])
    assert answer.list.root == root_of(leaves)
    assert answer.list.size == ROWS - ROWS // bench.EVERY
