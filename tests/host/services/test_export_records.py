"""Exports of a running desk: a pack that anybody can verify, made again byte for byte, and the record that it was made."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest

from audit.packs.export import EXPORT_LOG, EXPORT_PACK
from audit.tables import Leaf
from netral.audit.v1 import events_pb2, service_pb2_grpc
from netral.audit.v1 import service_pb2 as pb
from netral.exchange.v1 import record_pb2
from support import acts, desks
from support.basics import new_id
from support.desks import Caller, Refused, Served
from support.pair import table
from support.waiting import HANGS, until
from verifier.packs import verify
from verifier.trust import load_trust

PACK = "/netral.audit.v1.AuditService/ExportPack"
LEAVES = "/netral.audit.v1.AuditService/ListLeaves"


@pytest.fixture(params=["sqlite", "postgresql"])
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    more: dict[str, Any] = {}
    if request.param == "postgresql":
        more["database_url"] = request.getfixturevalue("postgresql_url")
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn", **more)) as served:
        yield served


async def export(served: Served, request: pb.ExportPackRequest) -> tuple[bytes, str, int]:
    """Bytes, record and size of the pack that a desk makes."""
    stub: Any = service_pb2_grpc.AuditServiceStub(served.channel)
    caller = Caller(request.parent.split("/")[1], role="auditor")
    pieces = [piece async for piece in stub.ExportPack(request, metadata=caller.metadata, timeout=HANGS)]
    return b"".join(piece.data for piece in pieces), pieces[0].record, pieces[0].size


def findings(served: Served, pack: bytes) -> list[Any]:
    parties = served.running.settings.parties_file.read_bytes()
    return verify(pack, load_trust(parties)).findings


async def facts_of(served: Served, action: str) -> list[tuple[record_pb2.Record, events_pb2.Exported]]:
    leaves = table(Leaf)
    async with served.desk.database.read() as connection:
        rows = await connection.execute(leaves.select().where(leaves.c.type == action).order_by(leaves.c.id))
        records = [record_pb2.Record.FromString(row.body[1:]) for row in rows]
    found = [(record, events_pb2.Exported()) for record in records]
    for record, facts in found:
        assert record.facts.Unpack(facts)
    return found


async def test_a_desks_pack_is_sound_and_its_log_says_who_made_it_and_why(served: Served) -> None:
    request = await acts.a_pack(served)

    pack, record, size = await export(served, request)

    assert findings(served, pack) == []
    ((kept, facts),) = await facts_of(served, EXPORT_PACK)
    assert (kept.id, kept.actor.id, kept.matter) == (record, "officer-7", request.matters[0])
    assert (facts.purpose, facts.size) == (events_pb2.EXPORT_PURPOSE_AUDIT, size)
    assert facts.pack_digest == sha256(pack).digest()


async def test_at_the_size_of_before_the_pack_has_the_same_bytes_though_the_log_grew(served: Served) -> None:
    request = await acts.a_pack(served)
    pack, _, size = await export(served, request)
    await acts.is_parked(served)
    request.request_id, request.size = new_id(), 0

    newer = await until(lambda: grown(served, request, size))
    request.request_id, request.size = new_id(), size
    again, _, _ = await export(served, request)

    assert again == pack
    assert newer != pack and findings(served, newer) == []


async def grown(served: Served, request: pb.ExportPackRequest, size: int) -> bytes | None:
    """The newest pack, once the log is longer than it was."""
    request.request_id = new_id()
    pack, _, now = await export(served, request)
    return pack if now > size else None


async def test_an_exported_log_has_a_record_of_it_before_the_first_item(served: Served) -> None:
    await export(served, await acts.a_pack(served))
    stub: Any = service_pb2_grpc.AuditServiceStub(served.channel)
    request = pb.ExportLogRequest(parent=f"institutions/{served.parties[0]}")

    call = stub.ExportLog(request, metadata=Caller(served.parties[0]).metadata, timeout=HANGS)
    await anext(aiter(call))

    ((_, facts),) = await facts_of(served, EXPORT_LOG)
    assert facts.purpose == events_pb2.EXPORT_PURPOSE_VERIFICATION and facts.size > 0
    call.cancel()


def _broken(request: pb.ExportPackRequest, pack: bytes) -> None:
    request.joined.append(pack[:200] + bytes([pack[200] ^ 1]) + pack[201:])


def _of_another_matter(request: pb.ExportPackRequest, pack: bytes) -> None:
    request.joined.append(pack)
    request.matters.append(new_id())


def _range_too_long(request: pb.ExportPackRequest, pack: bytes) -> None:
    del request.matters[:]
    request.end_index = 1_000_000


def _nothing(request: pb.ExportPackRequest, pack: bytes) -> None:
    del request.matters[:]


def _unknown(request: pb.ExportPackRequest, pack: bytes) -> None:
    request.matters[:] = [new_id()]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_broken, "joined[0]"),
        (_of_another_matter, "joined[0]"),
        (_range_too_long, "end_index"),
        (_nothing, "matters"),
        (_unknown, "matters"),
    ],
)
async def test_what_cannot_be_packed_is_refused_by_its_field_and_leaves_no_record(
    served: Served, change: Callable[[pb.ExportPackRequest, bytes], None], field: str
) -> None:
    request = await acts.a_pack(served)
    pack, _, _ = await export(served, request)
    before = await served.rows()
    request.request_id = new_id()
    change(request, pack)

    answer = await served.call(PACK, request, Caller(served.parties[0]))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.INVALID_ARGUMENT, (field,))
    assert await served.rows() == before


def workers_of(served: Served) -> list[int]:
    return served.running.workers.workers


async def test_reads_are_answered_while_every_worker_stands_still_with_eight_packs(served: Served) -> None:
    request = await acts.a_pack(served)
    await export(served, request)  # starts a worker
    making = [asyncio.create_task(export(served, with_new_id(request))) for _ in range(8)]
    stopped: set[int] = set()

    def all_stopped() -> bool:
        for pid in {*workers_of(served)} - stopped:
            os.kill(pid, signal.SIGSTOP)
            stopped.add(pid)
        return len(stopped) == served.running.settings.worker_processes

    try:
        await until(all_stopped)
        read = pb.ListLeavesRequest(parent=request.parent)
        answers = [
            await served.call(LEAVES, read, Caller(served.parties[0], role="auditor")) for _ in range(20)
        ]
        assert all(isinstance(each, bytes) for each in answers)
        waiting = [task for task in making if not task.done()]
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)

    packs = await asyncio.gather(*making)
    assert len(waiting) >= 2
    assert [findings(served, pack) for pack, _, _ in packs] == [[]] * 8


async def test_a_pack_whose_worker_is_killed_is_unavailable_leaves_no_record_and_is_made_when_asked_again(
    served: Served,
) -> None:
    request = await acts.a_pack(served)
    await export(served, request)
    (pid,) = workers_of(served)
    os.kill(pid, signal.SIGSTOP)
    again = with_new_id(request)
    asked = asyncio.create_task(served.call(PACK, again, Caller(served.parties[0])))
    await until(lambda: served.running.workers.at_work == [pid])

    os.kill(pid, signal.SIGKILL)

    answer = await asked
    assert isinstance(answer, Refused)
    assert answer.code == grpc.StatusCode.UNAVAILABLE and answer.retry_after > 0
    assert len(await facts_of(served, EXPORT_PACK)) == 1
    pack, _, _ = await export(served, again)
    assert findings(served, pack) == []


def with_new_id(request: pb.ExportPackRequest) -> pb.ExportPackRequest:
    other = pb.ExportPackRequest()
    other.CopyFrom(request)
    other.request_id = new_id()
    return other
