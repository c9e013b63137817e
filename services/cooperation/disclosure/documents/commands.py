"""Commands on the documents of a matter: attached, and the streams by which a party's own officers give and read them."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

from cooperation.disclosure import tables, wire
from cooperation.disclosure.documents import reads, receive
from cooperation.disclosure.documents.encryption import DocumentRef
from cooperation.disclosure.documents.keys import key_of, key_to_keep
from cooperation.disclosure.documents.store import DocumentStore
from cooperation.disclosure.domain import documents
from exchange.context import FactKey, HostContext
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import desk_requests
from host.command_rows import CallContext, Stream
from host.front_door import Context
from host.streams import GivesStream, TakesStream
from netral.disclosure.v1 import service_pb2 as pb
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from refusals import Malformed, NotFound, WrongState
from storage import together

Matters = Sequence[Callable[[str, str], FactKey]]
"""The facts that say whether a desk has a matter, by party and matter: its own, and those that it watches."""


def case_of(tx: Transaction, known: Sequence[FactKey]) -> str:
    """The case of a matter, of which one of these facts says that the desk has it.

    Raises:
        NotFound: there is no such matter at this party.
    """
    for key in known:
        if (found := tx.get(key)) is not None:
            case_id: str = found.case_id
            return case_id
    raise NotFound("there is no such matter at this party", field="name")


def keep_document(
    tx: Transaction, matter: str, case_id: str, event: documents.DocumentAttached, file_name: str
) -> Record:
    """Attach a document to a matter, and record it; its file's name, if known, goes into the person's file."""
    document = documents.Document(
        tx.party,
        matter,
        event.digest,
        event.size,
        event.media_type,
        event.kind,
        tx.now,
        event.disclosure,
    )
    tx.save(tables.document_key(tx.party, matter, event.digest), document)
    part = wire.part(names={event.digest: file_name}) if file_name else b""
    return tx.record("disclosure.attach_document", matter, case_id, "", wire.facts(event), part)


async def upload(
    matters: Matters, context: CallContext, requests: AsyncIterator[pb.UploadDocumentRequest]
) -> Act:
    """Attach a document to a matter: one header, and then its bytes."""
    first = await anext(requests, None)
    if first is None or first.WhichOneof("content") != "header":
        raise Malformed("the header comes first", field="header")
    header, desk = first.header, context.desk
    party, matter = desk_requests.parse_resource_name(header.name, "header.name")
    declared = protobuf_mapping.to_dataclass(header, documents.Upload)
    documents.check_upload(declared, desk.settings.document_max_bytes)
    known = [key(party, matter) for key in matters]
    await _require_matter(desk, known)
    # What was answered before is answered again, or refused, without any bytes.
    if not (
        await reads.is_used(desk.database, party, header.request_id.lower())
        or await reads.document(desk.database, party, matter, declared.digest)
    ):
        name = DocumentRef(party, matter, declared.digest, declared.size)
        await _receive(desk, name, header, requests)
    document = tables.document_key(party, matter, declared.digest)
    asked = type(header)()
    asked.CopyFrom(header)
    asked.offset = 0  # where it goes on is not what is asked

    def handle(tx: Transaction) -> Record:
        case_id = case_of(tx, known)
        event = documents.attach(declared, tx.get(document))
        return keep_document(tx, matter, case_id, event, declared.file_name)

    return await desk_requests.run_command(context.commands, asked, party, [*known, document], handle)


async def _require_matter(desk: HostContext, known: Sequence[FactKey]) -> None:
    """Take no byte for a matter that nobody has."""
    async with desk.database.read_latest() as connection:
        found = await together.run(connection, desk.store.load(known))
    if not found.keys() & set(known):
        raise NotFound("there is no such matter at this party", field="header.name")


async def _receive(
    desk: HostContext,
    name: DocumentRef,
    header: pb.UploadHeader,
    requests: AsyncIterator[pb.UploadDocumentRequest],
) -> None:
    shelf, key = DocumentStore.of(desk.settings), await key_to_keep(desk, name.party, name.matter)
    async with shelf.draft(name, key, upto=header.offset) as draft:
        if draft.received != header.offset:
            raise WrongState(
                "go on from byte {offset}", offset=draft.received, field="header.offset", reason="OFFSET"
            )
        await receive.receive_upload(draft, _data(requests), header.media_type)
        await shelf.keep(draft)


async def _data(requests: AsyncIterator[pb.UploadDocumentRequest]) -> AsyncIterator[bytes]:
    async for request in requests:
        if request.WhichOneof("content") != "data":
            raise Malformed("one header, and then data", field="header")
        yield request.data


async def download(
    matters: Matters, context: CallContext, request: pb.DownloadDocumentRequest, caller: Context
) -> AsyncIterator[pb.DocumentChunk]:
    """Give a document to an officer; the reading is recorded first."""
    party, matter, digest = reads.document_of(request.name)
    desk, shelf = context.desk, DocumentStore.of(context.desk.settings)
    purpose = wire.read_purpose(request)
    offset, request.offset = request.offset, 0
    known = [key(party, matter) for key in matters]
    document = tables.document_key(party, matter, digest)
    found = await reads.document(desk.database, party, matter, digest)
    name = DocumentRef(party, matter, digest, found.size if found else 0)
    if found is not None and offset > found.size:
        raise WrongState("the offset is beyond the document", field="offset", reason="OFFSET")
    data_key = await key_of(desk, shelf, name) if found else b""

    def handle(tx: Transaction) -> Record:
        if tx.get(document) is None:
            raise NotFound("there is no such document at this party", field="name")
        facts = wire.facts(documents.DocumentRead(digest, purpose))
        return tx.record("disclosure.read_document", matter, case_of(tx, known), "", facts)

    await desk_requests.run_command(context.commands, request, party, [*known, document], handle)
    async for piece in shelf.read(name, data_key, offset):
        yield pb.DocumentChunk(data=piece)


def streams(matters: Matters) -> tuple[Stream, ...]:
    """The calls of a host whose parties have these matters."""
    return (
        TakesStream(pb.UploadDocumentRequest, partial(upload, matters)),
        GivesStream(pb.DownloadDocumentRequest, partial(download, matters)),
    )
