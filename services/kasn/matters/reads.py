"""Reading calls on matters, and the search for earlier recommendations."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select

from agreement.parties import offices
from exchange.personal_data.vault import Vault
from host import desk_requests, reads
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
    """Show a page of matters, oldest first; those with a number or of an office, if one is given."""
    columns = table(MatterRow).c
    where = [or_(*(columns[name] == request.number for name in _NUMBERS))] if request.number else []
    if request.office:
        where.append(_of_office(desk_requests.parse_institution_name(request.parent), request.office))
    rows, token = await reads.page(
        context.desk, MatterRow, request, states=State, where=where, numbered="report_number"
    )
    return pb.ListMattersResponse(matters=map(wire.shown, rows), next_page_token=token)


def _of_office(party: str, office: str) -> ColumnElement[bool]:
    """Matters of an office of the supervisor, as their number names it, or of the examiner, assigned or derived."""
    columns = table(MatterRow).c
    if offices.is_code(offices.BAWASLU, office):
        named = columns.report_number.contains(f"/{office}/")
        return or_(columns.supervisor_office == office, and_(columns.supervisor_office == "", named))
    code = offices.office(party, office, field="office").code
    authority = case((columns.addressee != "", columns.addressee), else_=columns.employer)
    falls_to_it = authority.in_(sorted(offices.authorities_of(party, code)))
    return or_(columns.office == code, and_(columns.office == "", falls_to_it))


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
    reads.shows(pb.GetMatterRequest, MatterRow, wire.shown),
    Function(pb.ListMattersRequest, page),
)
