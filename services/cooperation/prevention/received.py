"""Way in 2: statement type → handler, for each of the two sides."""

from collections.abc import Mapping

from cooperation.prevention import commands, tables, wire
from exchange.delivery.inbox.handlers import Handler
from netral.prevention.v1 import events_pb2

# At a supervisor or examiner: what authorities say.
FROM_AUTHORITIES: Mapping[str, Handler] = {
    commands.OPENED: Handler(events_pb2.CampaignOpened, commands.hear_opened, (tables.CAMPAIGN,)),
    commands.REPORTED: Handler(events_pb2.PreventionReported, commands.hear_reported, (tables.CAMPAIGN,)),
    wire.LISTED: Handler(events_pb2.PledgesListed, commands.hear_listed, (tables.CAMPAIGN,)),
}

# At an authority: what supervisor and examiner say.
TO_AUTHORITIES: Mapping[str, Handler] = {
    commands.issued(role): Handler(events_pb2.CampaignIssued, commands.hear_issued, (tables.RECEIVED,))
    for role in ("supervisor", "examiner")
}
