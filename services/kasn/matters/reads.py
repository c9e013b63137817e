"""Reading calls on matters, and the search for earlier recommendations."""

from typing import Any

from sqlalchemy import or_, select

from exchange.personal_data.vault import Vault
from host import reads
from host.command_rows import CallContext, Function
from kasn.matters import wire
from kasn.matters.domain.matter import State
from kasn.matters.tables import MatterRow, PersonIndex
from netral.kasn.v1 import service_pb2 as pb
from storage.engines import Database
from storage.types import table

_NUMBERS = (
    "report_number",
    "referral_number",
    "register_number",
    "decision_number",
    "letter_number",
    "decree_number",
    "follow_up_number",
)


async def page(context: CallContext, request: pb.ListMattersRequest) -> pb.ListMattersResponse:
    """Show a page of matters, oldest first; those with a number, if one is given."""
    columns = table(MatterRow).c
    where = [or_(*(columns[name] == request.number for name in _NUMBERS))] if request.number else []
    database = context.desk.database
    rows, token = await reads.page(
        database, MatterRow, request, states=State, where=where, numbered="report_number"
    )
    return pb.ListMattersResponse(matters=map(wire.matter, rows), next_page_token=token)


async def earlier(database: Database, vault: Vault, party: str, matter: str) -> list[Any]:
    """The rows of the person's other matters in which a recommendation stands, oldest first: what a progressive sanction
    (sanksi progresif) may rest on. None once the person was erased.

    The index holds a keyed digest per matter and no name or number; other desks' recommendations are not known here.
    """
    index, rows = table(PersonIndex), table(MatterRow)
    async with database.read() as connection:
        digest = select(index.c.digest).where(index.c.party == party, index.c.matter == matter)
        query = (
            select(rows)
            .join(index, (index.c.party == rows.c.party) & (index.c.matter == rows.c.id))
            .where(index.c.party == party, index.c.digest == digest.scalar_subquery(), rows.c.id != matter)
            .where(rows.c.letter_number != "", rows.c.state != State.WITHDRAWN)
            .order_by(rows.c.id)
        )
        found = list(await connection.execute(query))
    if not found:
        return []
    readable = await vault.keys({(party, matter), *((party, row.id) for row in found)}, make=False)
    return [row for row in found if {(party, matter), (party, row.id)} <= readable.keys()]


METHODS = (
    reads.shows(pb.GetMatterRequest, MatterRow, wire.matter),
    Function(pb.ListMattersRequest, page),
)
