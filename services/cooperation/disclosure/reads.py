"""Plain queries for people and loops."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from cooperation.disclosure import tables
from cooperation.disclosure.domain.documents import Document
from cooperation.disclosure.domain.requests import Disclosure
from cooperation.disclosure.tables import DisclosureRow, DocumentRow, TransferRow
from exchange.tables import Request
from host import desk_requests
from netral.disclosure.v1 import service_pb2
from storage.engines import Database
from storage.key_in import key_in
from storage.types import FoundRow, table


async def disclosure(database: Database, party: str, id: str) -> Disclosure:
    """A disclosure.

    Raises:
        NotFound: there is no such disclosure at this party.
    """
    rows = table(DisclosureRow)
    async with database.glance() as connection:
        found = await connection.execute(select(rows).where(rows.c.party == party, rows.c.id == id))
        row = found.one_or_none()
    if row is None:
        raise desk_requests.missing("disclosure")
    return tables.to_disclosure(row)


async def matter_of(database: Database, party: str, id: str) -> str:
    """The matter that a disclosure is on; "" if there is no such disclosure."""
    rows = table(DisclosureRow)
    async with database.glance() as connection:
        query = select(rows.c.matter).where(rows.c.party == party, rows.c.id == id)
        return str(await connection.scalar(query) or "")


async def disclosures(
    database: Database, party: str, request: service_pb2.ListDisclosuresRequest
) -> tuple[list[Disclosure], str]:
    """A page of disclosures, oldest first, and the token of the next."""
    after, size = desk_requests.page_of(request)
    rows = table(DisclosureRow)
    query = select(rows).where(rows.c.party == party, rows.c.id > after).order_by(rows.c.id).limit(size + 1)
    for column, value in ((rows.c.state, request.state), (rows.c.matter, request.matter_id)):
        if value:
            query = query.where(column == value)
    async with database.read() as connection:
        found = [tables.to_disclosure(row) for row in await connection.execute(query)]
    token = desk_requests.page_token(found[size - 1].id) if len(found) > size else ""
    return found[:size], token


async def in_state(
    database: Database, parties: Collection[str], state: str, side: str
) -> Sequence[Disclosure]:
    """All disclosures in a state in which these parties are the `asker` or the `holder`, oldest first."""
    rows = table(DisclosureRow)
    query = (
        select(rows)
        .where(rows.c.party.in_(sorted(parties)), rows.c.state == state, rows.c.party == rows.c[side])
        .order_by(rows.c.id)
    )
    async with database.glance() as connection:
        return [tables.to_disclosure(row) for row in await connection.execute(query)]


async def document(database: Database, party: str, matter: str, digest: str) -> Document | None:
    """A document of a matter, if it is attached."""
    rows = table(DocumentRow)
    query = select(rows).where(rows.c.party == party, rows.c.matter == matter, rows.c.digest == digest)
    async with database.glance() as connection:
        row = (await connection.execute(query)).one_or_none()
    return tables.to_document(row) if row is not None else None


async def is_used(database: Database, party: str, request_id: str) -> bool:
    """True if a request id was answered before."""
    rows = table(Request)
    query = select(rows.c.record).where(rows.c.party == party, rows.c.request_id == request_id)
    async with database.glance() as connection:
        return await connection.scalar(query) is not None


async def documents(
    database: Database, party: str, request: service_pb2.ListDocumentsRequest
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
    async with database.glance() as connection:
        loaded = await tables.STORES[tables.DOCUMENTS].load(connection, [key])
    return list(loaded[key])


async def transfers(database: Database, found: Collection[Disclosure]) -> dict[tuple[str, str], FoundRow]:
    """Read the progress of fetching these disclosures, by party and id."""
    if not found:
        return {}
    rows = table(TransferRow)
    names = sorted({(each.party, each.id) for each in found})
    query = select(rows).where(key_in((rows.c.party, rows.c.disclosure), names))
    async with database.glance() as connection:
        return {(row.party, row.disclosure): row for row in await connection.execute(query)}
