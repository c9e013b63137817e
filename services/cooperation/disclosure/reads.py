"""Reading calls on disclosures, and the plain queries that they and the loops ask."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from cooperation.disclosure import tables, wire
from cooperation.disclosure.documents.reads import held
from cooperation.disclosure.documents.store import DocumentStore
from cooperation.disclosure.domain.requests import Disclosure, State
from cooperation.disclosure.tables import DisclosureRow, TransferRow
from exchange.context import HostContext
from host import desk_requests, reads
from host.command_rows import CallContext, Function
from netral.disclosure.v1 import service_pb2 as pb
from storage.engines import Database
from storage.key_in import key_in
from storage.types import FoundRow, table


async def disclosure(database: Database, party: str, id: str) -> Disclosure:
    """A disclosure.

    Raises:
        NotFound: there is no such disclosure at this party.
    """
    rows = table(DisclosureRow)
    async with database.read_latest() as connection:
        found = await connection.execute(select(rows).where(rows.c.party == party, rows.c.id == id))
        row = found.one_or_none()
    if row is None:
        raise desk_requests.missing("disclosure")
    return tables.to_disclosure(row)


async def matter_of(database: Database, party: str, id: str) -> str:
    """The matter that a disclosure is on; "" if there is no such disclosure."""
    rows = table(DisclosureRow)
    async with database.read_latest() as connection:
        query = select(rows.c.matter).where(rows.c.party == party, rows.c.id == id)
        return str(await connection.scalar(query) or "")


async def disclosures(
    database: Database, party: str, request: pb.ListDisclosuresRequest
) -> tuple[list[Disclosure], str]:
    """A page of disclosures, oldest first, and the token of the next."""
    reads.check_state(request.state, State)
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
    async with database.read_latest() as connection:
        return [tables.to_disclosure(row) for row in await connection.execute(query)]


async def transfers(database: Database, found: Collection[Disclosure]) -> dict[tuple[str, str], FoundRow]:
    """Read the progress of fetching these disclosures, by party and id."""
    if not found:
        return {}
    rows = table(TransferRow)
    names = sorted({(each.party, each.id) for each in found})
    query = select(rows).where(key_in((rows.c.party, rows.c.disclosure), names))
    async with database.read_latest() as connection:
        return {(row.party, row.disclosure): row for row in await connection.execute(query)}


# --- calls -------------------------------------------------------------------------------------------------------


async def get(context: CallContext, request: pb.GetDisclosureRequest) -> pb.Disclosure:
    """Show a disclosure."""
    party, id = desk_requests.parse_resource_name(request.name)
    return await _shown(context.desk, await disclosure(context.desk.database, party, id))


async def list_disclosures(
    context: CallContext, request: pb.ListDisclosuresRequest
) -> pb.ListDisclosuresResponse:
    """List a party's disclosures, oldest first."""
    party = desk_requests.parse_institution_name(request.parent)
    found, token = await disclosures(context.desk.database, party, request)
    shown = [await _shown(context.desk, each) for each in found]
    return pb.ListDisclosuresResponse(disclosures=shown, next_page_token=token)


async def _shown(desk: HostContext, found: Disclosure) -> pb.Disclosure:
    """A disclosure for people; who asked sees how much of what was granted is here."""
    if found.party != found.asker or not found.granted:
        return wire.disclosure(found, 0, 0, "")
    shelf = DocumentStore.of(desk.settings)
    granted = {each.digest: each.size for each in found.granted}
    here = {each.digest for each in await held(desk.database, found)} & granted.keys()
    coming = [await shelf.kept(found.party, found.matter, digest) for digest in granted.keys() - here]
    rows = await transfers(desk.database, [found])
    row = rows.get((found.party, found.id))
    arrived = sum(granted[digest] for digest in here) + sum(coming)
    return wire.disclosure(found, len(here), arrived, row.trouble if row is not None else "")


METHODS = (Function(pb.GetDisclosureRequest, get), Function(pb.ListDisclosuresRequest, list_disclosures))
