"""Reading calls on documents, and the plain queries that they ask."""

from sqlalchemy import select

from cooperation.disclosure import tables, wire
from cooperation.disclosure.documents.store import DocumentStore
from cooperation.disclosure.domain.documents import Document
from cooperation.disclosure.domain.requests import Disclosure
from cooperation.disclosure.tables import DocumentRow
from exchange.tables import Request
from host import desk_requests
from host.command_rows import CallContext, Function
from netral.disclosure.v1 import service_pb2 as pb
from storage import together
from storage.engines import Database
from storage.types import table


async def document(database: Database, party: str, matter: str, digest: str) -> Document | None:
    """A document of a matter, if it is attached."""
    rows = table(DocumentRow)
    query = select(rows).where(rows.c.party == party, rows.c.matter == matter, rows.c.digest == digest)
    async with database.read_latest() as connection:
        row = (await connection.execute(query)).one_or_none()
    return tables.to_document(row) if row is not None else None


async def is_used(database: Database, party: str, request_id: str) -> bool:
    """True if a request id was answered before."""
    rows = table(Request)
    query = select(rows.c.record).where(rows.c.party == party, rows.c.request_id == request_id)
    async with database.read_latest() as connection:
        return await connection.scalar(query) is not None


async def documents(
    database: Database, party: str, request: pb.ListDocumentsRequest
) -> tuple[list[Document], str]:
    """A page of documents, by matter (oldest first) and digest, and the token of the next."""
    after, size = desk_requests.page_of(request)
    matter, _, digest = after.partition("/")
    rows = table(DocumentRow)
    query = (
        select(rows)
        .where(
            rows.c.party == party,
            (rows.c.matter > matter) | ((rows.c.matter == matter) & (rows.c.digest > digest)),
        )
        .order_by(rows.c.matter, rows.c.digest)
        .limit(size + 1)
    )
    if request.matter_id:
        query = query.where(rows.c.matter == request.matter_id)
    async with database.read() as connection:
        found = [tables.to_document(row) for row in await connection.execute(query)]
    last = found[size - 1] if len(found) > size else None
    return found[:size], desk_requests.page_token(f"{last.matter}/{last.digest}") if last else ""


async def held(database: Database, found: Disclosure) -> list[Document]:
    """The documents of a disclosure's matter at its party, oldest first."""
    key = tables.documents_key(found.party, found.matter)
    async with database.read_latest() as connection:
        loaded = await together.run(connection, tables.STORES[tables.DOCUMENTS].load([key]))
    return list(loaded[key])


# --- calls -------------------------------------------------------------------------------------------------------


def document_of(name: str) -> tuple[str, str, str]:
    """Institution, matter and digest of a document's name, if it is the caller's own."""
    party, matter = desk_requests.parse_resource_name(name)
    return party, matter, name.rpartition("/")[2]


async def get(context: CallContext, request: pb.GetDocumentRequest) -> pb.Document:
    """Show a document, without its bytes."""
    found = await document(context.desk.database, *document_of(request.name))
    if found is None:
        raise desk_requests.missing("document")
    return wire.document(found)


async def list_documents(context: CallContext, request: pb.ListDocumentsRequest) -> pb.ListDocumentsResponse:
    """List the documents of a party, or of one matter."""
    party = desk_requests.parse_institution_name(request.parent)
    found, token = await documents(context.desk.database, party, request)
    return pb.ListDocumentsResponse(documents=map(wire.document, found), next_page_token=token)


async def get_upload(context: CallContext, request: pb.GetUploadRequest) -> pb.Upload:
    """Show how far an upload is."""
    name = document_of(request.name)
    found = await document(context.desk.database, *name)
    if found is not None:
        return pb.Upload(offset=found.size, complete=True)
    return pb.Upload(offset=await DocumentStore.of(context.desk.settings).kept(*name))


METHODS = (
    Function(pb.GetDocumentRequest, get),
    Function(pb.ListDocumentsRequest, list_documents),
    Function(pb.GetUploadRequest, get_upload),
)
