"""AuditService over a real gRPC channel."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.timestamp_pb2 import Timestamp

from audit.completeness import sparse_map
from audit.formats import checkpoint, tlog
from audit.formats.leaf import Kind, leaf_row
from audit.formats.note import Signer
from audit.grpc_api import AuditServicer
from audit.log.reads import BadQuery, NoSuchLog
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import AuditTable, Leaf, PendingLeaf
from netral.audit.v1 import service_pb2 as pb
from netral.audit.v1.service_pb2_grpc import AuditServiceStub, add_AuditServiceServicer_to_server
from storage.engines import Database
from storage.upserts import insert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDS = itertools.count(1)
PARTIES = ("bawaslu", "bkn", "ppk-6202")
SIGNERS = {party: Signer(f"netral/{party}", Ed25519PrivateKey.generate()) for party in PARTIES}


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    yield database
    await database.close()


async def write_leaves(database: Database, party: str, count: int, kept: bytes = b"kept") -> None:
    rows = [
        leaf_row(
            next(IDS),
            party,
            Kind.RECORD,
            kept,
            ref=f"r{number}",
            matter=f"m{number % 2}",
            type="kasn.recommend",
            actor="o1",
            author=party,
            time=NOON + timedelta(microseconds=number),
        )
        for number in range(count)
    ]
    async with database.write() as connection:
        await insert(connection, Leaf, rows)
        await insert(connection, PendingLeaf, [{"leaf_id": row["id"], "party": row["party"]} for row in rows])


async def sequence(database: Database, folder: Path) -> None:
    sequencer = Sequencer(database, SIGNERS, lambda: NOON, Lease("one", lambda: NOON), folder)
    while await sequencer.run_once():
        pass


class Statuses(grpc.aio.ServerInterceptor):
    """Answer of a host to a refusal, as short as it can be: the field stands in the details."""

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if handler.response_streaming:
            return handler

        async def call(request: Any, context: Any) -> Any:
            try:
                return await handler.unary_unary(request, context)
            except Refused as refused:
                await context.abort(*refused.status)

        return grpc.unary_unary_rpc_method_handler(
            call, handler.request_deserializer, handler.response_serializer
        )


class Refused(Exception):
    def __init__(self, error: NoSuchLog | BadQuery | PermissionError) -> None:
        super().__init__(str(error))
        code = {BadQuery: grpc.StatusCode.INVALID_ARGUMENT, NoSuchLog: grpc.StatusCode.NOT_FOUND}
        self.status = (
            code.get(type(error), grpc.StatusCode.PERMISSION_DENIED),
            getattr(error, "field", ""),
        )


def allow(_context: Any, party: str, method: str) -> None:
    if (party, method) == ("bawaslu", "ListLeaves"):
        raise Refused(PermissionError())


@asynccontextmanager
async def served(database: Database) -> AsyncIterator[Any]:
    server = grpc.aio.server(interceptors=[Statuses()])
    add_AuditServiceServicer_to_server(AuditServicer(database, PARTIES, allow, Refused), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield AuditServiceStub(channel)
    await server.stop(None)


async def refusal(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return refused.value.code(), refused.value.details() or ""


async def test_logs_are_listed_page_by_page(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, "bkn", 3)
    await sequence(database, tmp_path)
    await write_leaves(database, "bkn", 1)

    async with served(database) as trail:
        first = await trail.ListLogs(pb.ListLogsRequest(page_size=2))
        second = await trail.ListLogs(pb.ListLogsRequest(page_size=2, page_token=first.next_page_token))
    assert [log.origin for log in (*first.checkpoints, *second.checkpoints)] == [
        "netral/bawaslu",
        "netral/bkn",
        "netral/ppk-6202",
    ]
    assert second.next_page_token == ""
    empty, bkn = first.checkpoints
    assert (empty.size, empty.note, empty.root) == (0, "", tlog.EMPTY_ROOT)
    assert (bkn.size, bkn.pending) == (4, 1)
    assert checkpoint.open(bkn.note, SIGNERS["bkn"].verifier).root == bkn.root


async def test_leaves_are_listed_page_by_page_and_pending_ones_end_the_last_page(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, "bkn", 7)
    await sequence(database, tmp_path)
    await write_leaves(database, "bkn", 1)

    request = pb.ListLeavesRequest(parent="institutions/bkn", page_size=2, matter="m0")
    pages: list[list[int]] = []
    async with served(database) as trail:
        while not pages or request.page_token:
            page = await trail.ListLeaves(request)
            pages.append([leaf.index for leaf in page.leaves])
            request.page_token = page.next_page_token
    assert pages == [[0, 2], [4, 6], [-1]]
    (leaf,) = page.leaves
    assert (leaf.body, leaf.ref, leaf.author, leaf.actor) == (b"\x03kept", "r0", "bkn", "o1")
    assert leaf.time.ToDatetime(tzinfo=UTC) == NOON


async def test_leaves_are_listed_by_time_with_microseconds(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, "bkn", 5)
    await sequence(database, tmp_path)
    start, end = Timestamp(), Timestamp()
    start.FromDatetime(NOON + timedelta(microseconds=1))
    end.FromDatetime(NOON + timedelta(microseconds=3))

    async with served(database) as trail:
        page = await trail.ListLeaves(
            pb.ListLeavesRequest(parent="institutions/bkn", start_time=start, end_time=end)
        )
    assert [leaf.index for leaf in page.leaves] == [1, 2]


async def test_a_page_of_large_leaves_is_cut_to_what_a_message_can_carry(
    database: Database, tmp_path: Path
) -> None:
    await write_leaves(database, "bkn", 120, kept=bytes(60_000))
    await sequence(database, tmp_path)

    request = pb.ListLeavesRequest(parent="institutions/bkn", page_size=1000)
    indexes: list[int] = []
    async with served(database) as trail:
        while not indexes or request.page_token:
            page = await trail.ListLeaves(request)
            indexes += [leaf.index for leaf in page.leaves]
            request.page_token = page.next_page_token
    assert indexes == list(range(121))


async def test_proofs_convince_the_pure_verifiers(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, "bkn", 300)
    await sequence(database, tmp_path)
    leaf = tlog.leaf_hash(b"\x03kept")
    # "kept" says nothing that a chain is kept of.
    root = tlog.root_of([leaf] * 300 + [tlog.leaf_hash(sparse_map.leaf_body(sparse_map.EMPTY))])

    async with served(database) as trail:
        included = await trail.GetInclusionProof(
            pb.GetInclusionProofRequest(parent="institutions/bkn", index=256)
        )
        grown = await trail.GetConsistencyProof(
            pb.GetConsistencyProofRequest(parent="institutions/bkn", old_size=100)
        )
    tlog.verify_inclusion(leaf, 256, included.size, list(included.hashes), root)
    assert checkpoint.open(included.note, SIGNERS["bkn"].verifier).root == root
    tlog.verify_consistency(100, grown.new_size, list(grown.hashes), tlog.root_of([leaf] * 100), root)


async def test_an_export_streams_checkpoints_and_then_leaves_with_hashes(
    database: Database, tmp_path: Path
) -> None:
    for _ in range(2):
        await write_leaves(database, "bkn", 3)
        await sequence(database, tmp_path)

    async with served(database) as trail:
        items = [item async for item in trail.ExportLog(pb.ExportLogRequest(parent="institutions/bkn"))]
    assert [item.checkpoint.size for item in items[:2]] == [4, 8]
    assert [item.leaf.index for item in items[2:]] == list(range(8))
    chain_leaf = tlog.leaf_hash(sparse_map.leaf_body(sparse_map.EMPTY))
    assert [item.leaf.hash for item in items[2:]] == ([tlog.leaf_hash(b"\x03kept")] * 3 + [chain_leaf]) * 2


async def test_what_was_asked_wrongly_is_refused_with_the_field(database: Database, tmp_path: Path) -> None:
    await write_leaves(database, "bkn", 3)
    await sequence(database, tmp_path)
    wrong = grpc.StatusCode.INVALID_ARGUMENT
    nothing = grpc.StatusCode.NOT_FOUND
    bkn = "institutions/bkn"

    async with served(database) as trail:
        assert await refusal(trail.GetCheckpoint(pb.GetCheckpointRequest(parent="institutions/kasn"))) == (
            nothing,
            "",
        )
        assert await refusal(trail.GetCheckpoint(pb.GetCheckpointRequest(parent=bkn, size=2))) == (
            nothing,
            "",
        )
        bad_token = pb.ListLeavesRequest(parent=bkn, page_token="x")
        assert await refusal(trail.ListLeaves(bad_token)) == (wrong, "page_token")
        too_far = pb.GetInclusionProofRequest(parent=bkn, index=0, size=5)
        assert await refusal(trail.GetInclusionProof(too_far)) == (wrong, "size")
        no_time = pb.ListLeavesRequest(parent=bkn, start_time=Timestamp(seconds=10**15))
        assert await refusal(trail.ListLeaves(no_time)) == (wrong, "start_time")
        too_many = pb.ListLeavesRequest(parent=bkn, page_size=1001)
        assert await refusal(trail.ListLeaves(too_many)) == (wrong, "page_size")


async def test_who_may_not_read_a_log_is_refused(database: Database) -> None:
    async with served(database) as trail:
        call = trail.ListLeaves(pb.ListLeavesRequest(parent="institutions/bawaslu"))
        assert await refusal(call) == (grpc.StatusCode.PERMISSION_DENIED, "")
