"""The call by which another party's desk fetches what was granted to it. Its signed ticket says who asks, not the caller context.

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
from exchange.context import Actor, HostContext
from exchange.delivery.commands import Command
from exchange.delivery.transaction import Transaction
from host import front_door
from host.command_rows import CallContext
from host.front_door import PEER, Context
from host.streams import GivesStream
from netral.disclosure.v1 import service_pb2 as pb
from netral.exchange.v1.record_pb2 import Record
from refusals import NotAllowed, NotFound


async def fetch(
    context: CallContext, request: pb.FetchDocumentRequest, caller: Context
) -> AsyncIterator[pb.DocumentChunk]:
    """Give another party's desk a document of a grant."""
    desk, shelf = context.desk, DocumentStore.of(context.desk.settings)
    asker = front_door.caller().party
    ticket = tickets.present(request.ticket, desk.trust, asker, desk.parties, desk.now())
    disclosure = await _granted(desk, ticket)
    size = next((each.size for each in disclosure.granted if each.digest == ticket.digest), 0)
    name = DocumentRef(disclosure.party, disclosure.matter, ticket.digest, size)
    key = await key_of(desk, shelf, name) if size else b""
    await _record(context, ticket, disclosure, request.ticket)
    async for piece in shelf.read(name, key, ticket.offset):
        yield pb.DocumentChunk(data=piece)


async def _granted(desk: HostContext, ticket: Presented) -> Disclosure:
    nothing = NotAllowed("nothing of this name is granted", reason="NOT_GRANTED")
    try:
        found = await reads.disclosure(desk.database, ticket.holder, ticket.disclosure)
    except NotFound as error:
        raise nothing from error
    if found.holder != ticket.holder or found.asker != ticket.asker:
        raise nothing
    return found


async def _record(context: CallContext, ticket: Presented, disclosure: Disclosure, data: bytes) -> None:
    party, matter, digest = disclosure.party, disclosure.matter, sha256(data).hexdigest()
    ran = False

    def hand_over(tx: Transaction) -> Record:
        nonlocal ran
        ran = True
        return commands.hand_over(tx, matter, disclosure.id, ticket.digest, ticket.offset, digest)

    actor = Actor(wire.KIND_SERVICE, ticket.asker, PEER)
    keys = [tables.disclosures_key(party, matter)]
    await context.commands.run(Command(party, actor, ticket.use, data, keys, hand_over))
    if not ran:
        raise NotAllowed("the ticket was used before", reason="TICKET_USED")


FETCH = GivesStream(pb.FetchDocumentRequest, fetch)
