"""Reading calls on claims of the examiner's silence."""

from bawaslu.matters.tables import MatterRow
from bawaslu.silence import wire
from bawaslu.silence.domain import Silence
from bawaslu.silence.tables import SilenceRow
from exchange.delivery import entity_store
from host import desk_requests, reads
from host.command_rows import CallContext, Function
from netral.bawaslu.v1 import service_pb2 as pb


async def get(context: CallContext, request: pb.GetSilenceRequest) -> pb.SilenceClaim:
    """Show what was claimed of the examiner's silence on a matter."""
    party, id = desk_requests.parse_resource_name(request.name)
    await reads.one(context.desk.database, MatterRow, party, id)
    async with context.desk.database.read() as connection:
        known = await entity_store.one(connection, SilenceRow, party, id)
    return wire.silence_claim(Silence(**known._mapping) if known else Silence(party, id))


METHODS = (Function(pb.GetSilenceRequest, get),)
