"""Way in 2, campaigns: statement type → handler, for each of the two sides."""

from collections.abc import Mapping

from cooperation.prevention.campaigns import commands, tables
from exchange.delivery.inbox.handlers import Handler
from netral.prevention.v1 import events_pb2

# At a supervisor or examiner: statements of authorities.
FROM_AUTHORITIES: Mapping[str, Handler] = {
    commands.OPENED: Handler(events_pb2.CampaignOpened, commands.receive_opened, (tables.CAMPAIGN,)),
    commands.REPORTED: Handler(events_pb2.PreventionReported, commands.receive_reported, (tables.CAMPAIGN,)),
}

# At an authority: statements of supervisor and examiner.
TO_AUTHORITIES: Mapping[str, Handler] = {
    commands.issued(role): Handler(events_pb2.CampaignIssued, commands.receive_issued, (tables.RECEIVED,))
    for role in ("supervisor", "examiner")
}
