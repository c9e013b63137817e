"""Reading calls on the discipline procedure."""

from agreement.clocks import calendar
from agreement.enforcement import appeals
from agreement.parties import institutions
from exchange.delivery import entity_store
from host import desk_requests, reads
from host.command_rows import CallContext, Function
from netral.ppk.v1 import discipline_service_pb2 as pb
from ppk.discipline import wire
from ppk.discipline.domain import due_dates
from ppk.discipline.domain.proceedings import Proceeding
from ppk.discipline.tables import ProceedingRow
from ppk.recommendations.domain.matter import Matter
from ppk.recommendations.tables import MatterRow


async def get(context: CallContext, request: pb.GetProceedingRequest) -> pb.Proceeding:
    """Show the procedure of a matter, with its limits; one without a step if nothing was done yet."""
    party, id = desk_requests.parse_resource_name(request.name)
    await reads.one(context.desk.database, MatterRow, party, id)
    async with context.desk.database.read() as connection:
        matter: Matter | None = await entity_store.one(connection, MatterRow, party, id)
        kept = await entity_store.one(connection, ProceedingRow, party, id)
    known: Proceeding = kept or Proceeding(party, id)
    days_off = calendar.latest(institutions.region_of(party))
    return wire.proceeding(known, due_dates.due_dates(known, days_off, _remedy(matter)))


def _remedy(matter: Matter | None) -> appeals.Remedy | None:
    """The remedy against the decree of a matter; None while there is no decree."""
    if matter is None or not matter.sanction or matter.decree_date is None:
        return None
    return appeals.remedy("PPK", matter.sanction, matter.employment or "PNS", matter.decree_date)


METHODS = (Function(pb.GetProceedingRequest, get),)
