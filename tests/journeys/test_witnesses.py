"""Two agencies catch the third, with real processes and a real NATS: history rewritten with its own key, and a fork shown to one."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy import select

from audit import http_api
from audit.formats import checkpoint, note, policy, tlog
from audit.formats.checkpoint import Checkpoint
from audit.http_server import Server
from audit.tables import AccusationKept, AuditTable
from audit.witnessing.rules import AddCheckpoint
from audit.witnessing.store import Witnesses
from exchange.bus import subjects
from exchange.bus.connection import Access, Bus, Reply
from exchange.statements import private_keys
from netral.audit.v1.service_pb2 import ListLogsRequest, ListPeersRequest, ListPeersResponse
from netral.audit.v1.service_pb2_grpc import AuditServiceStub
from operations.local.client import Caller
from operations.local.installation import Installation
from operations.local.processes import ProcessManager
from storage.engines import Database
from storage.types import table
from support import rewriting
from support.cosigners import ed25519
from support.netral import Netral, Ran
from support.processes import PARTIES, Databases, Officers, a_small_world
from support.story import Story
from support.waiting import HANGS, until

pytestmark = pytest.mark.slow

PACE = {"NETRAL_WITNESS_SECONDS": "0.1", "NETRAL_WITNESS_CROWD_SECONDS": "0.2", "NETRAL_RESEND_SECONDS": "1"}


@dataclass
class World:
    """A small world that can be stopped, changed behind its back, and started again."""

    state: Installation
    databases: Databases
    netral: Netral
    manager: ProcessManager

    async def start(self) -> None:
        self.manager = ProcessManager(self.state, self.databases.template, PACE, say=print)
        await self.manager.start()

    def audit(self, *words: str) -> Ran:
        return self.netral("audit", *words, "--state", str(self.state.folder))

    async def peers(self, party: str) -> ListPeersResponse:
        """Answer that `netral audit peers` shows, without the price of a process."""
        desk = next(name for name, served in PARTIES.items() if party in served)
        request = ListPeersRequest(parent=f"institutions/{party}")
        metadata = Caller(party, "auditor-1", "auditor").metadata()
        async with grpc.aio.insecure_channel(self.manager.addresses[desk]) as channel:
            found: ListPeersResponse = await AuditServiceStub(channel).ListPeers(
                request, metadata=metadata, timeout=HANGS
            )
        return found

    async def final(self, party: str) -> bool:
        """True if all that a log has is final; on a busy desk a leaf waits up to a second for its place."""
        desk = next(name for name, served in PARTIES.items() if party in served)
        metadata = Caller(party, "auditor-1", "auditor").metadata()
        async with grpc.aio.insecure_channel(self.manager.addresses[desk]) as channel:
            logs = await AuditServiceStub(channel).ListLogs(
                ListLogsRequest(), metadata=metadata, timeout=HANGS
            )
        found = await self.peers(party)
        waiting = any(log.pending for log in logs.checkpoints if log.origin == f"netral/{party}")
        return not waiting and 0 < found.size == found.published_size == found.final_size

    async def accused(self, party: str) -> bool:
        return bool((await self.peers(party)).accusations)

    async def report(self, number: int) -> None:
        """An officer of the supervisor registers a report: one more leaf in its log."""
        story = Story(number)
        party, method, request = next(iter(story.steps()))
        async with Officers(self.manager) as officers:
            await officers.call(party, method, request)

    def signer(self, host: str, party: str) -> note.Signer:
        return note.Signer(
            f"netral/{party}", private_keys.read_private_keys(self.state.keys(host), party).signing
        )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    state = a_small_world(tmp_path / "world")
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    databases = Databases(state, server)
    databases.make()
    world = World(state, databases, Netral(tmp_path), ProcessManager(state))
    await world.start()
    yield world
    await world.manager.stop()
    databases.drop()


async def test_history_rewritten_with_its_own_key_and_a_fork_shown_to_one_peer_are_both_caught(
    world: World,
) -> None:
    for number in (1, 2, 3):
        await world.report(number)
    await until(lambda: world.final("bawaslu"))
    assert world.audit("peers", "--as", "kasn").code == 0

    # Bawaslu takes back what it logged first: another body, new tiles, new signatures, its own checkpoint file as well.
    await world.manager.stop()
    signer = world.signer("bawaslu", "bawaslu")
    database = Database(world.databases.url("bawaslu"))
    before = await rewriting.newest(database, "bawaslu")
    await rewriting.rewrite(database, "bawaslu", 0, b"\x03nothing of the kind", signer)
    after = await rewriting.newest(database, "bawaslu")
    await database.close()
    (world.state.host("bawaslu") / "witnessed" / "bawaslu").write_text(after.note)
    assert (before.size, before.root) != (after.size, after.root) and before.size == after.size
    await world.start()
    await world.report(4)

    # Its examiner's witness does not cosign, keeps what it saw, and says so.
    await until(lambda: world.accused("kasn"))
    kept = (await world.peers("kasn")).accusations
    assert {(each.kind, each.origin) for each in kept} == {("fork", "netral/bawaslu")}
    await until(lambda: refused(world))
    own = await world.peers("bawaslu")
    assert own.published_size < own.size

    # And the old checkpoint beside the new one of that size proves it to anyone, offline.
    assert (await show(world, "bawaslu", "kasn", before.note, after.note)).status == 422
    ran = world.audit("peers", "--as", "kasn", "--evidence", "accusations")
    assert ran.code == 1
    await world.manager.stop()
    files = sorted((world.netral.folder / "accusations").glob("fork-*.txt"))
    verdicts = [world.audit("check-misbehaviour", str(file)) for file in files]
    (proven,) = [verdict for verdict in verdicts if verdict.code == 0]
    assert f"two roots for size {before.size}" in proven.out
    await world.start()


async def refused(world: World) -> bool:
    return any("422" in each.reason for each in (await world.peers("bawaslu")).cosigners)


async def show(world: World, log: str, to: str, held: str, forked: str) -> Reply:
    """The host of a log asks a witness to cosign another tree of the size that it has cosigned."""
    head = checkpoint.parse(note.parse_note(held).text)
    desk = next(name for name, served in PARTIES.items() if log in served)
    secret = world.state.host(desk) / "nats.password"
    bus = Bus(Access(world.manager.nats_url, desk, secret), desk)
    await bus.connect()
    try:
        request = AddCheckpoint(head.size, (), forked).text().encode()
        return await bus.request(subjects.Subject(log, to, subjects.WITNESS), request, HANGS)
    finally:
        await bus.close()


async def test_a_log_that_shows_one_peer_another_tree_is_caught_by_it(world: World) -> None:
    await world.report(1)
    await until(lambda: world.final("bawaslu"))
    database = Database(world.databases.url("bawaslu"))
    size = await until(lambda: size_of_a_fork_caught(world, "bawaslu", "kasn", database))
    await database.close()

    kept = (await world.peers("kasn")).accusations
    assert {(each.kind, each.origin, each.proven) for each in kept} == {("fork", "netral/bawaslu", True)}
    # The log itself goes on: nothing that was sent, received or settled depends on it.
    await world.report(2)
    await until(lambda: grown(world, size))


async def grown(world: World, size: int) -> bool:
    return (await world.peers("bawaslu")).size > size


async def test_a_witness_from_outside_joins_with_a_key_and_a_url_and_all_witnesses_see_a_fork(
    tmp_path: Path,
) -> None:
    """An auditor's witness, run by nobody of us: another process of the same protocol; and tools that know HTTP only."""
    cosigner = ed25519("auditor.example/w", 77)
    state = a_small_world(tmp_path / "world")
    log_key = note.Verifier(
        "netral/kasn",
        private_keys.read_private_keys(state.keys("kasn"), "kasn").signing.public_key().public_bytes_raw(),
    )
    memory = Database(f"sqlite:///{tmp_path / 'auditor.sqlite'}")
    async with memory.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    trusted = {"netral/kasn": [log_key]}
    auditor = Witnesses(
        memory,
        {"auditor": [cosigner]},
        lambda party, origin: trusted.get(origin, []),
        lambda: datetime.now(UTC),
    )
    server = Server(lambda: http_api.application(memory, [], auditor), "127.0.0.1:0")
    await server.start()
    guest = {
        "vkeys": [cosigner.verifier.vkey],
        "url": f"http://{server.address}/witness/auditor",
        "needed": True,
        "logs": ["kasn"],
    }
    guests = tmp_path / "witnesses.json"
    guests.write_text(json.dumps({"format": "netral-witnesses/1", "witnesses": [guest]}))
    manager = ProcessManager(state, "", PACE | {"NETRAL_WITNESSES_FILE": str(guests)}, say=print)
    world = World(state, Databases(state), Netral(tmp_path), manager)
    await manager.start()
    try:
        story = Story(1)
        async with Officers(manager) as officers:
            await story.play(officers.call, _nothing)
            await until(lambda: settled(officers))
        await until(lambda: world.final("kasn"))

        # Whoever it shows another history has it in writing: the supervisor, an authority, and the auditor.
        desk = Database(world.databases.url("kasn"))
        for peer in ("bawaslu", "ppk-6202", "ppk-3204"):
            await until(lambda peer=peer: size_of_a_fork_caught(world, "kasn", peer, desk))
            assert {each.proven for each in (await world.peers(peer)).accusations} == {True}
        head = await rewriting.newest(desk, "kasn")
        request = AddCheckpoint(head.size, (), another(head, world.signer("kasn", "kasn"))).text().encode()
        assert (await auditor.add_checkpoint("auditor", request)).status in (
            409,
            422,
        )  # kept as evidence either way
        await desk.close()

        prefix = f"http://{manager.http['kasn']}/netral/kasn"
        copied = world.audit("export", "--tiles", "kasn", "--url", prefix)
        ruled = world.audit("policy", "kasn", "--guests", str(guests))
    finally:
        await manager.stop()
        await server.stop()
        await memory.close()

    assert copied.code == 0, copied.err
    accepted = policy.parse(ruled.out).accept((tmp_path / "kasn" / "checkpoint").read_text())
    assert accepted.checkpoint.origin == "netral/kasn"
    assert any(name.startswith("auditor.example/w") for name in accepted.cosigned)
    async with Database(f"sqlite:///{tmp_path / 'auditor.sqlite'}").read() as connection:
        kept = list(await connection.execute(select(table(AccusationKept))))
    assert [(row.kind, row.origin, row.proven) for row in kept] == [("fork", "netral/kasn", True)]


async def settled(officers: Officers) -> bool:
    return await officers.on_their_way() == 0


async def size_of_a_fork_caught(world: World, log: str, peer: str, desk: Database) -> int | None:
    """The size at which a peer caught the log with another tree; None while the peer has cosigned another size.

    The log may grow between the look at its newest head and the question, so the caller asks again."""
    head = await rewriting.newest(desk, log)
    reply = await show(world, log, peer, head.note, another(head, world.signer(log, log)))
    return head.size if reply.status == 422 else None


def another(head: Any, signer: note.Signer) -> str:
    """Another tree of the same size, signed by the log."""
    forked = Checkpoint(signer.name, head.size, tlog.leaf_hash(b"another history"))
    return checkpoint.sign(forked, signer)


async def _nothing() -> None:
    """The next call is repeated until what it needs is there."""
