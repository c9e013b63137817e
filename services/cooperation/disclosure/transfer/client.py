"""The asker's side of a transfer: fetches the documents of a grant from the holder's desk, over broken links and restarts.

One document after the other, each from where its draft ends; what arrives is hashed, and attached only if it is what the
grant named. When all are here, the receipt is confirmed in a statement. Trouble with the link is tried again on growing
delays; what the holder no longer gives ends the fetching, until an officer orders it again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import grpc
import structlog
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from cooperation.disclosure import commands, reads, tables
from cooperation.disclosure.documents import reads as document_reads
from cooperation.disclosure.documents import receive
from cooperation.disclosure.documents.encryption import DocumentRef
from cooperation.disclosure.documents.keys import key_to_keep
from cooperation.disclosure.documents.store import DocumentStore
from cooperation.disclosure.domain.documents import Described
from cooperation.disclosure.domain.requests import Disclosure, State
from cooperation.disclosure.tables import TransferRow
from cooperation.disclosure.transfer import tickets
from cooperation.disclosure.wire import KIND_SERVICE
from exchange import channels
from exchange.context import Actor, HostContext
from exchange.delivery.commands import Command, commit
from exchange.delivery.transaction import Transaction
from host import peer_addresses
from host.front_door import PEER
from host.lifecycle.loops import Loop, on_commit
from netral.disclosure.v1 import service_pb2
from netral.disclosure.v1.service_pb2_grpc import TransferServiceStub
from netral.exchange.v1.record_pb2 import Record
from refusals import Malformed, Refusal, WrongState
from storage.upserts import upsert

log = structlog.get_logger("cooperation.disclosure.transfer.client")

ACTOR = Actor(KIND_SERVICE, "disclosure-fetch", "service")
_AT_ONCE = 4
# How long the holder may be silent, and how long one disclosure may fetch before others that came meanwhile begin (seconds).
_PATIENCE, _ROUND = 20.0, 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(minutes=5)
# What ends a transfer, in the holder's words; everything else is trouble that may pass.
_ENDS = frozenset(
    (
        "GRANT_EXPIRED",
        "AGREEMENT_CLOSED",
        "BASIS_NOT_VALID",
        "ROLE_NOT_HELD",
        "ALREADY_RECEIVED",
        "NOT_GRANTED",
        "ERASED",
    )
)
# Reading ahead is what memory would be spent on.
_CHANNEL = [
    ("grpc.max_receive_message_length", 1024 * 1024),
    ("grpc.http2.lookahead_bytes", 512 * 1024),
    ("grpc.http2.bdp_probe", 0),
]


class Trouble(Exception):
    """A transfer did not get through; `word` says why, `ends` whether it is over."""

    def __init__(self, word: str, *, ends: bool = False) -> None:
        super().__init__(word)
        self.word, self.ends = word, ends


async def fetch_once(desk: HostContext) -> int:
    """Go on with every transfer that is due; how many got on."""
    wanted = await reads.in_state(desk.database, desk.parties, State.FETCHING, "asker")
    known = await reads.transfers(desk.database, wanted)
    places = asyncio.Semaphore(_AT_ONCE)

    async def go_on(disclosure: Disclosure) -> bool:
        before = known.get((disclosure.party, disclosure.id))
        if before is not None and before.due > desk.now():
            return False
        async with places:
            return await _Transfer(desk, disclosure).go_on(before.attempts if before else 0)

    return sum(await asyncio.gather(*map(go_on, wanted)))


async def next_due(desk: HostContext) -> datetime | None:
    """The time (UTC) at which a transfer that had trouble goes on; None while none is under way."""
    wanted = await reads.in_state(desk.database, desk.parties, State.FETCHING, "asker")
    known = await reads.transfers(desk.database, wanted)
    return min((row.due for row in known.values()), default=None)


@dataclass(frozen=True, slots=True)
class _Transfer:
    """One disclosure's documents on their way from the holder's desk."""

    desk: HostContext
    disclosure: Disclosure

    async def go_on(self, attempts: int) -> bool:
        """Fetch what is not here yet, and confirm when all is; whether it got on without trouble."""
        try:
            await self._fetch_missing()
        except Trouble as trouble:
            await self._note(attempts + 1, trouble.word)
            if trouble.ends:
                await self._run("stop", self.disclosure.updated.isoformat(), self._stop(trouble.word))
            return False
        except Refusal as refusal:
            await self._note(attempts + 1, refusal.reason)
            return False
        await self._note(0, "")
        return True

    async def _fetch_missing(self) -> None:
        of = self.disclosure
        here = {each.digest for each in await document_reads.held(self.desk.database, of)}
        missing = [each for each in of.granted if each.digest not in here]
        if await self._fetch(missing) == len(missing):
            await self._run("confirm", "", lambda tx: commands.confirm(tx, of.matter, of.id))

    async def _fetch(self, missing: Sequence[Described]) -> int:
        """Fetch documents for a while; how many."""
        if not missing:
            return 0
        of, fetched = self.disclosure, 0
        try:
            key = await key_to_keep(self.desk, of.party, of.matter)
        except WrongState as erased:
            raise Trouble(erased.reason, ends=True) from erased
        address = self._address()
        async with grpc.aio.insecure_channel(address, channels.options(address, _CHANNEL)) as channel:
            stub = TransferServiceStub(channel)
            ends = asyncio.get_running_loop().time() + _ROUND
            while fetched < len(missing) and asyncio.get_running_loop().time() < ends:
                document = missing[fetched]
                await self._fetch_one(stub, document, key)
                await self._run("keep", document.digest, self._keep(document.digest))
                fetched += 1
        return fetched

    def _address(self) -> str:
        try:
            address = peer_addresses.load(self.desk.settings.peers_file).get(self.disclosure.holder)
        except peer_addresses.BadPeersFile as error:
            log.error("peers", detail=str(error))
            address = None
        if address is None:
            raise Trouble("NO_ADDRESS")
        return address

    async def _fetch_one(self, stub: Any, document: Described, key: bytes) -> None:
        """Fetch one document and put it on the shelf.

        Raises:
            Trouble: it did not get through, or is not what was granted.
        """
        of, shelf = self.disclosure, DocumentStore.of(self.desk.settings)
        name = DocumentRef(of.party, of.matter, document.digest, document.size)
        async with shelf.draft(name, key) as draft:
            ticket = self._ticket(document, draft.received)
            metadata = (("netral-party", of.party), ("netral-officer", ACTOR.id), ("netral-role", PEER))
            call = stub.FetchDocument(service_pb2.FetchDocumentRequest(ticket=ticket), metadata=metadata)
            try:
                await receive.receive_upload(draft, _pieces(call), document.media_type)
            except grpc.aio.AioRpcError as error:
                raise _trouble(error) from None
            except Malformed as error:
                raise Trouble(error.reason, ends=True) from error
            finally:
                call.cancel()
            await shelf.keep(draft)

    def _ticket(self, document: Described, offset: int) -> bytes:
        of = self.disclosure
        return tickets.issue(
            self.desk.keys[of.party],
            id=self.desk.new_id(),
            disclosure=of.id,
            asker=of.party,
            holder=of.holder,
            digest=document.digest,
            offset=offset,
            now=self.desk.now(),
        )

    def _keep(self, digest: str) -> Callable[[Transaction], Record]:
        return lambda tx: commands.keep_fetched(tx, self.disclosure.matter, self.disclosure.id, digest)

    def _stop(self, word: str) -> Callable[[Transaction], Record]:
        return lambda tx: commands.stop_fetch(tx, self.disclosure.matter, self.disclosure.id, word)

    async def _run(self, act: str, what: str, handler: Callable[[Transaction], Record]) -> None:
        """An act of the service, once for good."""
        of = self.disclosure
        content = f"disclosure fetch\n{act} {of.id} {what}"
        keys = [tables.disclosures_key(of.party, of.matter)]
        keys += [tables.document_key(of.party, of.matter, each.digest) for each in of.granted]
        id = str(uuid5(NAMESPACE_URL, f"netral {content}"))
        (answer,) = await commit(self.desk, [Command(of.party, ACTOR, id, content.encode(), keys, handler)])
        if isinstance(answer, Refusal) and answer.reason != "ALREADY_ATTACHED":
            raise answer

    async def _note(self, attempts: int, trouble: str) -> None:
        """Remember how it went, and when to go on."""
        if trouble:
            log.warning("transfer", disclosure=self.disclosure.id, trouble=trouble, attempts=attempts)
        pause = min(_FIRST_PAUSE * 2 ** min(attempts, 12), _LONGEST_PAUSE) if attempts else timedelta()
        row = {
            "party": self.disclosure.party,
            "disclosure": self.disclosure.id,
            "attempts": attempts,
            "due": self.desk.now() + pause,
            "trouble": trouble,
        }
        async with self.desk.database.write() as connection:
            await upsert(connection, TransferRow, [row])


async def _pieces(call: Any) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(_PATIENCE):
                piece = await call.read()
        except TimeoutError:
            raise Trouble("HOLDER_SILENT") from None
        if piece is grpc.aio.EOF:
            return
        yield piece.data


def _trouble(error: grpc.aio.AioRpcError) -> Trouble:
    """Name the trouble in the holder's stable word; else by the status."""
    status = rpc_status.from_call(error)
    for packed in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if packed.Unpack(info) and info.reason.isascii() and info.reason.isidentifier():
            return Trouble(info.reason[:60], ends=info.reason in _ENDS)
    return Trouble(error.code().name)


LOOP = Loop("disclosure-fetch", fetch_once, pace=0.5, on=on_commit, due=next_due)
