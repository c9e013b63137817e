"""Way in 3: another party's desk fetches what was granted to it. Its signed ticket says who asks, not the caller context.

The use of a ticket is a record of the disclosure, committed before the first byte goes; a ticket that was used is refused.
"""

from collections.abc import AsyncIterator
from hashlib import sha256

from cooperation.disclosure import commands, reads, tables, wire
from cooperation.disclosure.documents.encryption import DocumentRef
from cooperation.disclosure.documents.keys import key_of
from cooperation.disclosure.documents.store import DocumentStore
from cooperation.disclosure.domain.requests import Disclosure
from cooperation.disclosure.transfer import tickets
from cooperation.disclosure.transfer.tickets import Presented
from cooperation.disclosure.wire import Record
from exchange.context import Actor, HostContext
from exchange.delivery.commands import Command, Commands
from exchange.delivery.transaction import Transaction
from host import front_door
from host.front_door import PEER, PEERS, Context
from netral.disclosure.v1 import service_pb2, service_pb2_grpc
from refusals import NotAllowed, NotFound

TRANSFER = "netral.disclosure.v1.TransferService"
PERMISSIONS = front_door.permissions({TRANSFER: PEERS}, service_pb2.DESCRIPTOR)


class Transfers(service_pb2_grpc.TransferServiceServicer):
    """Service that gives another party's desk the documents of a grant."""

    def __init__(self, desk: HostContext, queue: Commands) -> None:
        self._desk, self._queue, self._shelf = desk, queue, DocumentStore.of(desk.settings)

    async def FetchDocument(
        self, request: service_pb2.FetchDocumentRequest, context: Context
    ) -> AsyncIterator[service_pb2.DocumentChunk]:
        desk, caller = self._desk, front_door.caller().party
        ticket = tickets.present(request.ticket, desk.trust, caller, desk.parties, desk.now())
        disclosure = await self._granted(ticket)
        size = next((each.size for each in disclosure.granted if each.digest == ticket.digest), 0)
        name = DocumentRef(disclosure.party, disclosure.matter, ticket.digest, size)
        key = await key_of(desk, self._shelf, name) if size else b""
        await self._record(ticket, disclosure, request.ticket)
        async for piece in self._shelf.read(name, key, ticket.offset):
            yield service_pb2.DocumentChunk(data=piece)

    async def _granted(self, ticket: Presented) -> Disclosure:
        nothing = NotAllowed("nothing of this name is granted", reason="NOT_GRANTED")
        try:
            found = await reads.disclosure(self._desk.database, ticket.holder, ticket.disclosure)
        except NotFound as error:
            raise nothing from error
        if found.holder != ticket.holder or found.asker != ticket.asker:
            raise nothing
        return found

    async def _record(self, ticket: Presented, disclosure: Disclosure, data: bytes) -> None:
        party, matter, digest = disclosure.party, disclosure.matter, sha256(data).hexdigest()
        ran = False

        def hand_over(tx: Transaction) -> Record:
            nonlocal ran
            ran = True
            return commands.hand_over(tx, matter, disclosure.id, ticket.digest, ticket.offset, digest)

        actor = Actor(wire.KIND_SERVICE, ticket.asker, PEER)
        keys = [tables.disclosures_key(party, matter)]
        await self._queue.run(Command(party, actor, ticket.use, data, keys, hand_over))
        if not ran:
            raise NotAllowed("the ticket was used before", reason="TICKET_USED")
