"""Reading calls on escalation."""

from typing import Any

from agreement.entities import replace
from agreement.parties import institutions
from exchange.delivery import entity_store
from host import desk_requests, reads
from host.command_rows import CallContext, Function
from kasn.escalation import domain, wire
from kasn.escalation.domain import Ladder
from kasn.escalation.tables import LadderRow
from kasn.matters.tables import MatterRow
from netral.kasn.v1 import service_pb2 as pb


async def get(context: CallContext, request: pb.GetLadderRequest) -> pb.Ladder:
    """Show where a matter stands on the ladder, and what comes next."""
    party, id = desk_requests.parse_resource_name(request.name)
    # A row has the fields of a matter.
    row: Any = await reads.one(context.desk.database, MatterRow, party, id)
    async with context.desk.database.read() as connection:
        kept = await entity_store.one(connection, LadderRow, party, id)
    known = Ladder(**kept._mapping) if kept else None
    if known is not None:
        known = replace(known, reached=tuple(known.reached))
    current = domain.of(row, known)
    today = context.desk.now().astimezone(institutions.zone(row.addressee)).date()
    return wire.standing(row, current, domain.next_step(row, current, today))


METHODS = (Function(pb.GetLadderRequest, get),)
