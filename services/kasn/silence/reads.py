"""Reading calls on claims of this examiner's silence."""

from exchange.delivery import entity_store
from host import desk_requests, reads
from host.command_rows import CallContext, Function
from kasn.matters.tables import MatterRow
from kasn.silence import wire
from kasn.silence.domain import Claim
from kasn.silence.tables import ClaimRow
from netral.kasn.v1 import service_pb2 as pb


async def get(context: CallContext, request: pb.GetSilenceRequest) -> pb.SilenceClaim:
    """Show what a supervisor claimed of this examiner's silence on a matter."""
    party, id = desk_requests.parse_resource_name(request.name)
    await reads.one(context.desk.database, MatterRow, party, id)
    async with context.desk.database.read() as connection:
        known = await entity_store.one(connection, ClaimRow, party, id)
    return wire.silence_claim(Claim(**known._mapping) if known else Claim(party, id))


METHODS = (Function(pb.GetSilenceRequest, get),)
