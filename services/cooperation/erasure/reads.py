"""Reading calls on erasures and holds, and the plain queries that they and the executor ask."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log.events import audit_event
from audit.tables import Leaf, LeafIndex
from cooperation.erasure import wire
from cooperation.erasure.domain.orders import OPEN, State
from cooperation.erasure.tables import ErasureRow, HoldRow
from exchange.tables import PersonalPart
from host import desk_requests, reads
from host.command_rows import CallContext, Function
from netral.erasure.v1 import service_pb2 as pb
from storage.engines import Database
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import FoundRow, table

_AT_ONCE = 100


async def open_orders(database: Database, parties: Collection[str]) -> list[FoundRow]:
    """Orders of these parties that are not carried out, oldest first, some at a time: those that nothing stops first."""
    rows = table(ErasureRow)
    query = select(rows).where(rows.c.state.in_(OPEN)).order_by(rows.c.created, rows.c.id)
    async with database.read_latest() as connection:
        found = [row for row in await connection.execute(query) if row.party in parties]
    return sorted(found, key=lambda row: row.state == State.HELD)


async def stopping(connection: Connection, party: str, matter: str) -> list[str]:
    """Ids of the holds that stop erasures of a matter now."""
    rows = table(HoldRow)
    query = select(rows.c.id).where(
        rows.c.party == party, rows.c.target.in_((matter, "")), rows.c.lift_date.is_(None)
    )
    return [row.id for row in await connection.execute(query.order_by(rows.c.id))]


async def sources(database: Database, party: str, matter: str) -> list[str]:
    """Ids of the statements and records whose personal parts are kept on a matter."""
    parts = table(PersonalPart)
    query = select(parts.c.source).where(parts.c.party == party, parts.c.matter == matter)
    async with database.read_latest() as connection:
        return [row.source for row in await connection.execute(query.order_by(parts.c.source))]


async def case_of(database: Database, party: str, matter: str) -> str:
    """The case of a matter, as its latest leaf in the party's log that names one says; empty if there is none."""
    leaves = table(Leaf)
    query = (
        select(leaves.c.body)
        .where(leaves.c.party == party, leaves.c.matter == matter, leaves.c.kind != int(Kind.RECEIPT))
        .order_by(leaves.c.id.desc())
        .limit(_AT_ONCE)
    )
    async with database.read_latest() as connection:
        events = [audit_event(row.body) for row in await connection.execute(query)]
    return next((event.case for event in events if event is not None and event.case), "")


async def target_of(database: Database, party: str, hold: str) -> str:
    """Read what a hold is on; empty too if no such hold is at this party."""
    rows = table(HoldRow)
    async with database.read_latest() as connection:
        query = select(rows.c.target).where(rows.c.party == party, rows.c.id == hold)
        return await connection.scalar(query) or ""


async def erasures(
    database: Database, party: str, *, after: str = "", size: int = 1, matter: str = ""
) -> list[tuple[FoundRow, int, list[str]]]:
    """Orders of a party after a matter (or that on one matter), each with the place in its log where it says that it was carried
    out (-1: nowhere yet) and the holds that stop it."""
    rows = table(ErasureRow)
    query = select(rows).where(rows.c.party == party, rows.c.id > after).order_by(rows.c.id).limit(size)
    if matter:
        query = query.where(rows.c.id == matter)
    async with database.read() as connection:
        found = list(await connection.execute(query))
        places = await _places(connection, party, [row.id for row in found])
        return [
            (
                row,
                places.get(row.id, -1),
                await stopping(connection, party, row.id) if row.state in OPEN else [],
            )
            for row in found
        ]


async def _places(connection: Connection, party: str, matters: Sequence[str]) -> dict[str, int]:
    """Find where in its log a party says of these matters that their data are erased."""
    if not matters:
        return {}
    leaves, places = table(Leaf), table(LeafIndex)
    query = (
        select(leaves.c.matter, places.c.index.label("place"))
        .join(places, (places.c.party == leaves.c.party) & (places.c.leaf_id == leaves.c.id))
        .where(
            key_in((leaves.c.party, leaves.c.matter), [(party, each) for each in matters]),
            leaves.c.type == "erasure.carry_out",
        )
    )
    return {row.matter: row.place for row in await connection.execute(query)}


# --- calls -------------------------------------------------------------------------------------------------------


async def get_erasure(context: CallContext, request: pb.GetErasureRequest) -> pb.Erasure:
    """Show the order on a matter."""
    party, matter = desk_requests.parse_resource_name(request.name)
    found = await erasures(context.desk.database, party, matter=matter)
    if not found:
        raise desk_requests.missing("erasure")
    return wire.erasure(*found[0])


async def list_erasures(context: CallContext, request: pb.ListErasuresRequest) -> pb.ListErasuresResponse:
    """List a party's orders, by matter."""
    party = desk_requests.parse_institution_name(request.parent)
    after, size = desk_requests.page_of(request)
    found = await erasures(context.desk.database, party, after=after, size=size + 1)
    token = desk_requests.page_token(found[size - 1][0].id) if len(found) > size else ""
    shown = [wire.erasure(*each) for each in found[:size]]
    return pb.ListErasuresResponse(erasures=shown, next_page_token=token)


async def list_holds(context: CallContext, request: pb.ListHoldsRequest) -> pb.ListHoldsResponse:
    """List the holds at a party, oldest first."""
    where = [] if request.show_lifted else [table(HoldRow).c.lift_date.is_(None)]
    rows, token = await reads.page(context.desk, HoldRow, request, filters=(), where=where)
    return pb.ListHoldsResponse(holds=map(wire.hold, rows), next_page_token=token)


METHODS = (
    Function(pb.GetErasureRequest, get_erasure),
    Function(pb.ListErasuresRequest, list_erasures),
    Function(pb.ListHoldsRequest, list_holds),
)
