"""Way in 1: a party's own officers and systems. Translates the request and runs the handler; no rule is here.

What another party's desk may ask for is in `transfer_api`.
"""

from collections.abc import AsyncIterator, Callable, Sequence

import grpc

from cooperation.disclosure import commands, reads, tables, wire
from cooperation.disclosure.documents import receive
from cooperation.disclosure.documents.encryption import DocumentRef
from cooperation.disclosure.documents.keys import key_of, key_to_keep
from cooperation.disclosure.documents.store import DocumentStore
from cooperation.disclosure.domain import documents, requests
from cooperation.disclosure.transfer import service
from exchange.context import FactKey, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key
from exchange.delivery.transaction import Transaction
from host import desk_requests, front_door
from host.front_door import READERS, WRITERS, Context
from netral.disclosure.v1 import service_pb2, service_pb2_grpc
from netral.exchange.v1.service_pb2 import Act
from refusals import Malformed, NotFound, WrongState

WRITE, READ = "netral.disclosure.v1.DisclosureService", "netral.disclosure.v1.DisclosureReadService"
DOCUMENTS = "netral.disclosure.v1.DocumentService"
PERMISSIONS = (
    front_door.permissions({WRITE: WRITERS, READ: READERS, DOCUMENTS: WRITERS}, service_pb2.DESCRIPTOR)
    | service.PERMISSIONS
)

Matters = Sequence[Callable[[str, str], FactKey]]
"""The facts that say whether a desk has a matter, by party and matter: its own, and those that it watches."""

Decision = (
    service_pb2.GrantDisclosureRequest
    | service_pb2.RefuseDisclosureRequest
    | service_pb2.FetchDisclosureRequest
)


class Disclosures(service_pb2_grpc.DisclosureServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: HostContext, queue: Commands, matters: Matters = (matter_key,)) -> None:
        self._desk, self._queue, self._matters = desk, queue, matters

    async def RequestDisclosure(self, request: service_pb2.RequestDisclosureRequest, context: Context) -> Act:
        party, matter = desk_requests.parse_resource_name(request.name)
        command = wire.command(request, requests.RequestDisclosure)
        known = [key(party, matter) for key in self._matters]
        return await desk_requests.run_command(
            self._queue,
            request,
            party,
            [*known, tables.disclosures_key(party, matter)],
            lambda tx: commands.request(tx, matter, known, command),
            [(party, matter)],
        )

    async def GrantDisclosure(self, request: service_pb2.GrantDisclosureRequest, context: Context) -> Act:
        given = list(request.facts)
        command = wire.command(request, requests.Grant, facts=tuple(each.field for each in given))
        return await self._decide(
            request, lambda tx, matter, id: commands.grant(tx, matter, id, command, given, commands.OFFICER)
        )

    async def RefuseDisclosure(self, request: service_pb2.RefuseDisclosureRequest, context: Context) -> Act:
        reason = wire.refusal_reason(request)
        return await self._decide(
            request,
            lambda tx, matter, id: commands.refuse(tx, matter, id, reason, request.remarks, commands.OFFICER),
        )

    async def FetchDisclosure(self, request: service_pb2.FetchDisclosureRequest, context: Context) -> Act:
        return await self._decide(request, commands.order_fetch)

    async def _decide(
        self, request: Decision, handler: Callable[[Transaction, str, str], wire.Record]
    ) -> Act:
        """Run a command on the request's disclosure."""
        party, id = desk_requests.parse_resource_name(request.name)
        matter = await reads.matter_of(self._desk.database, party, id)
        needed = (tables.disclosures_key, tables.documents_key, tables.case_parties_key)
        return await desk_requests.run_command(
            self._queue,
            request,
            party,
            [key(party, matter) for key in needed],
            lambda tx: handler(tx, matter, id),
            [(party, matter)],
        )


class DisclosureRead(service_pb2_grpc.DisclosureReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._desk, self._shelf = desk, DocumentStore.of(desk.settings)

    async def GetDisclosure(
        self, request: service_pb2.GetDisclosureRequest, context: Context
    ) -> service_pb2.Disclosure:
        party, id = desk_requests.parse_resource_name(request.name)
        found = await reads.disclosure(self._desk.database, party, id)
        return await self._shown(found)

    async def ListDisclosures(
        self, request: service_pb2.ListDisclosuresRequest, context: Context
    ) -> service_pb2.ListDisclosuresResponse:
        party = desk_requests.parse_institution_name(request.parent)
        found, token = await reads.disclosures(self._desk.database, party, request)
        shown = [await self._shown(each) for each in found]
        return service_pb2.ListDisclosuresResponse(disclosures=shown, next_page_token=token)

    async def GetDocument(
        self, request: service_pb2.GetDocumentRequest, context: Context
    ) -> service_pb2.Document:
        party, matter, digest = _document_of(request.name)
        found = await reads.document(self._desk.database, party, matter, digest)
        if found is None:
            raise desk_requests.missing("document")
        return wire.document(found)

    async def ListDocuments(
        self, request: service_pb2.ListDocumentsRequest, context: Context
    ) -> service_pb2.ListDocumentsResponse:
        party = desk_requests.parse_institution_name(request.parent)
        found, token = await reads.documents(self._desk.database, party, request)
        return service_pb2.ListDocumentsResponse(documents=map(wire.document, found), next_page_token=token)

    async def GetUpload(self, request: service_pb2.GetUploadRequest, context: Context) -> service_pb2.Upload:
        party, matter, digest = _document_of(request.name)
        found = await reads.document(self._desk.database, party, matter, digest)
        if found is not None:
            return service_pb2.Upload(offset=found.size, complete=True)
        return service_pb2.Upload(offset=await self._shelf.kept(party, matter, digest))

    async def _shown(self, found: requests.Disclosure) -> service_pb2.Disclosure:
        if found.party != found.asker or not found.granted:
            return wire.disclosure(found, 0, 0, "")
        granted = {each.digest: each.size for each in found.granted}
        here = {each.digest for each in await reads.held(self._desk.database, found)} & granted.keys()
        coming = [
            await self._shelf.kept(found.party, found.matter, digest) for digest in granted.keys() - here
        ]
        rows = await reads.transfers(self._desk.database, [found])
        row = rows.get((found.party, found.id))
        arrived = sum(granted[digest] for digest in here) + sum(coming)
        return wire.disclosure(found, len(here), arrived, row.trouble if row is not None else "")


class Documents(service_pb2_grpc.DocumentServiceServicer):
    """The documents of a party's matters, for its own officers."""

    def __init__(self, desk: HostContext, queue: Commands, matters: Matters = (matter_key,)) -> None:
        self._desk, self._queue, self._matters = desk, queue, matters
        self._shelf = DocumentStore.of(desk.settings)

    async def UploadDocument(
        self, requests: AsyncIterator[service_pb2.UploadDocumentRequest], context: Context
    ) -> Act:
        first = await anext(requests, None)
        if first is None or first.WhichOneof("content") != "header":
            raise Malformed("the header comes first", field="header")
        header = first.header
        party, matter = desk_requests.parse_resource_name(header.name, "header.name")
        upload = wire.command(header, documents.Upload)
        documents.check_upload(upload, self._desk.settings.document_max_bytes)
        known = [key(party, matter) for key in self._matters]
        await self._require(known)
        # What was answered before is answered again, or refused, without any bytes.
        database = self._desk.database
        if not (
            await reads.is_used(database, party, header.request_id.lower())
            or await reads.document(database, party, matter, upload.digest)
        ):
            await self._receive(DocumentRef(party, matter, upload.digest, upload.size), header, requests)
        keys = [*known, tables.document_key(party, matter, upload.digest)]
        asked = type(header)()
        asked.CopyFrom(header)
        asked.offset = 0  # where it goes on is not what is asked
        return await desk_requests.run_command(
            self._queue, asked, party, keys, lambda tx: commands.attach(tx, matter, known, upload)
        )

    async def DownloadDocument(
        self, request: service_pb2.DownloadDocumentRequest, context: Context
    ) -> AsyncIterator[service_pb2.DocumentChunk]:
        party, matter, digest = _document_of(request.name)
        purpose = wire.read_purpose(request)
        offset, request.offset = request.offset, 0
        known = [key(party, matter) for key in self._matters]
        keys = [*known, tables.document_key(party, matter, digest)]
        found = await reads.document(self._desk.database, party, matter, digest)
        name = DocumentRef(party, matter, digest, found.size if found else 0)
        if found is not None and offset > found.size:
            raise WrongState("the offset is beyond the document", field="offset", reason="OFFSET")
        key = await key_of(self._desk, self._shelf, name) if found else b""
        await desk_requests.run_command(
            self._queue,
            request,
            party,
            keys,
            lambda tx: commands.read(tx, matter, digest, purpose, known),
        )
        async for piece in self._shelf.read(name, key, offset):
            yield service_pb2.DocumentChunk(data=piece)

    async def _require(self, known: Sequence[FactKey]) -> None:
        """No byte is taken for a matter that nobody has."""
        async with self._desk.database.glance() as connection:
            found = await self._desk.store.load(connection, known)
        if not found.keys() & set(known):
            raise NotFound("there is no such matter at this party", field="header.name")

    async def _receive(
        self,
        name: DocumentRef,
        header: service_pb2.UploadHeader,
        requests: AsyncIterator[service_pb2.UploadDocumentRequest],
    ) -> None:
        key = await key_to_keep(self._desk, name.party, name.matter)
        async with self._shelf.draft(name, key, upto=header.offset) as draft:
            if draft.received != header.offset:
                raise WrongState(
                    "go on from byte {offset}", offset=draft.received, field="header.offset", reason="OFFSET"
                )
            await receive.receive_upload(draft, _data(requests), header.media_type)
            await self._shelf.keep(draft)


async def _data(requests: AsyncIterator[service_pb2.UploadDocumentRequest]) -> AsyncIterator[bytes]:
    async for request in requests:
        if request.WhichOneof("content") != "data":
            raise Malformed("one header, and then data", field="header")
        yield request.data


def _document_of(name: str) -> tuple[str, str, str]:
    """Institution, matter and digest of a document's name, if it is the caller's own."""
    party, matter = desk_requests.parse_resource_name(name)
    return party, matter, name.rpartition("/")[2]


def register(
    server: grpc.aio.Server, desk: HostContext, queue: Commands, matters: Matters = (matter_key,)
) -> Sequence[str]:
    """Add the services of disclosures to a server."""
    write = Disclosures(desk, queue, matters)
    service_pb2_grpc.add_DisclosureServiceServicer_to_server(write, server)
    service_pb2_grpc.add_DisclosureReadServiceServicer_to_server(DisclosureRead(desk), server)
    service_pb2_grpc.add_DocumentServiceServicer_to_server(Documents(desk, queue, matters), server)
    transfers = service.Transfers(desk, queue)
    service_pb2_grpc.add_TransferServiceServicer_to_server(transfers, server)
    return WRITE, READ, DOCUMENTS, service.TRANSFER
