"""A case file of 200 MiB in 40 documents between real processes: the link cut twice, a process killed, little memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest

from host import peer_addresses
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluServiceStub
from netral.disclosure.v1 import service_pb2 as pb
from netral.disclosure.v1.service_pb2_grpc import (
    DisclosureReadServiceStub,
    DisclosureServiceStub,
    DocumentServiceStub,
)
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnReadServiceStub
from operations.local.processes import ProcessManager
from support import acts
from support.basics import new_id
from support.desks import Caller
from support.disclosures import MARK, PIECE, a_document, a_header
from support.processes import a_small_world
from support.proxy import Proxy, proxy
from support.waiting import until

# In the soak: `test_disclosure.py` has the same over a link that breaks, with less in it.
pytestmark = pytest.mark.soak

MIB = 1024 * 1024
# What a process may need beyond what it needs at rest, whatever the documents have.
MORE = 64 * MIB


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ProcessManager]:
    """NATS and three desks as processes; where they look for each other is `peers.json` beside the world."""
    environment = {"NETRAL_PEERS_FILE": str(tmp_path / "peers.json"), "NETRAL_RESEND_SECONDS": "1"}
    manager = ProcessManager(a_small_world(tmp_path / "world"), environment=environment, say=print)
    await manager.start()
    yield manager
    await manager.stop()


class Officer:
    """An officer of a party at its desk."""

    def __init__(self, manager: ProcessManager, desk: str, party: str) -> None:
        self.party = party
        self._metadata = Caller(party).metadata
        options = [("grpc.max_reconnect_backoff_ms", 1000), ("grpc.initial_reconnect_backoff_ms", 100)]
        self.channel = grpc.aio.insecure_channel(manager.addresses[desk], options=options)

    async def call(self, stub: Any, method: str, request: Any) -> Any:
        """A call, again while the desk is away: a request id makes that safe."""
        while True:
            invoke = getattr(stub(self.channel), method)
            try:
                return await invoke(request, metadata=self._metadata, timeout=20, wait_for_ready=True)
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise

    async def upload(self, name: str, content: bytes) -> bytes:
        header = a_header(name, content)

        async def stream() -> AsyncIterator[pb.UploadDocumentRequest]:
            yield pb.UploadDocumentRequest(header=header)
            for at in range(0, len(content), PIECE):
                yield pb.UploadDocumentRequest(data=content[at : at + PIECE])

        await DocumentServiceStub(self.channel).UploadDocument(stream(), metadata=self._metadata, timeout=60)
        return header.digest

    async def digest_of(self, name: str, digest: bytes) -> bytes:
        """SHA-256 of a document as its desk gives it."""
        request = pb.DownloadDocumentRequest(
            name=f"{name}/documents/{digest.hex()}", purpose=1, request_id=new_id()
        )
        found = sha256()
        stub = DocumentServiceStub(self.channel)
        async for chunk in stub.DownloadDocument(request, metadata=self._metadata, timeout=60):
            found.update(chunk.data)
        return found.digest()


async def is_referred(holder: Officer, asker: Officer) -> str:
    """A matter that one referred to the other; gives its id."""
    stub = BawasluServiceStub
    name = (await holder.call(stub, "RegisterMatter", acts.a_registration())).matter
    await holder.call(stub, "ConcludeStudy", acts.a_study(name))
    referral: bawaslu.ReferMatterRequest = acts.a_referral(name)
    await holder.call(stub, "ReferMatter", referral)
    matter = name.rpartition("/")[2]

    async def arrived() -> bool:
        request = kasn.GetMatterRequest(name=f"institutions/{asker.party}/matters/{matter}")
        try:
            await asker.call(KasnReadServiceStub, "GetMatter", request)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return False
            raise
        return True

    await until(arrived)
    return matter


def memory_of(manager: ProcessManager, name: str) -> int:
    """The most memory that a process had so far, in bytes."""
    process = manager.children[name].process
    assert process is not None
    status = Path(f"/proc/{process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


async def run(
    world: ProcessManager,
    folder: Path,
    size: int,
    disturb: Callable[[Proxy, ProcessManager], Awaitable[None]],
) -> None:
    """40 documents of `size` bytes go from Bawaslu to the examiner."""
    holder, asker = Officer(world, "bawaslu", "bawaslu"), Officer(world, "kasn", "kasn")
    matter = await is_referred(holder, asker)
    theirs, ours = (f"institutions/{each.party}/matters/{matter}" for each in (holder, asker))
    at_rest = {name: memory_of(world, name) for name in ("bawaslu", "kasn")}
    digests = [await holder.upload(theirs, a_document(size, seed=n)) for n in range(40)]
    asking = pb.RequestDisclosureRequest(
        name=ours,
        holder="bawaslu",
        data="evidence",
        purpose="EXAMINATION",
        legal_basis="skb-2022",
        authority="head-1",
        request_id=new_id(),
    )
    id = (await asker.call(DisclosureServiceStub, "RequestDisclosure", asking)).statements[0]
    name = f"institutions/kasn/disclosures/{id}"

    async def is_in(state: str) -> bool:
        shown = await asker.call(
            DisclosureReadServiceStub, "GetDisclosure", pb.GetDisclosureRequest(name=name)
        )
        assert shown.state == state, f"{shown.state} {shown.trouble} {shown.bytes_here}"
        return True

    await until(lambda: is_in("GRANTED"))
    async with proxy(world.addresses["bawaslu"], 10 * size, 25 * size) as link:
        (folder / "peers.json").write_text(peer_addresses.document({"bawaslu": link.address}))
        fetching = pb.FetchDisclosureRequest(name=name, request_id=new_id())
        await asker.call(DisclosureServiceStub, "FetchDisclosure", fetching)
        await disturb(link, world)
        await until(lambda: is_in("RECEIVED"))
        assert link.broken == 2
        # What was on its way when the link broke came again, and no more than that.
        assert 40 * size <= link.carried < 40 * size + 6 * size + 8 * MIB

    assert [await asker.digest_of(ours, digest) for digest in digests] == digests
    for desk, before in at_rest.items():
        assert memory_of(world, desk) - before < MORE, desk
    await holder.channel.close()
    await asker.channel.close()


async def nothing(link: Proxy, world: ProcessManager) -> None:
    """The cuts of the link are enough."""


async def kill_the_asker(link: Proxy, world: ProcessManager) -> None:
    """Kill -9 whoever fetches in the middle of it; it goes on from its drafts when it is there again."""
    await until(lambda: link.broken >= 1)
    world.kill("kasn")


def written(world: ProcessManager) -> bytes:
    """NATS' store and all log files."""
    folders = (world.state.nats, world.state.logs)
    return b"".join(path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file())


async def test_200_mib_in_40_documents_over_a_link_that_is_cut_twice(world: ProcessManager, tmp_path: Path):
    await run(world, tmp_path, 5 * MIB, nothing)

    seen = await asyncio.to_thread(written, world)
    assert MARK not in seen and b"Foto Sri" not in seen


async def test_who_fetches_is_killed_in_the_middle_and_goes_on(world: ProcessManager, tmp_path: Path):
    await run(world, tmp_path, MIB, kill_the_asker)

    assert world.children["kasn"].restarts == 1
    document = json.loads((tmp_path / "peers.json").read_text())
    assert set(document["addresses"]) == {"bawaslu"}
