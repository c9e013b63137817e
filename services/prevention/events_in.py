"""Way in 2: statement type → handler, for each of the two sides."""

from collections.abc import Mapping

from exchange.inbox import Handler
from netral.prevention.v1 import events_pb2
from prevention import handlers, store, wire

# At a supervisor or examiner: what authorities say.
FROM_AUTHORITIES: Mapping[str, Handler] = {
    handlers.OPENED: Handler(events_pb2.CampaignOpened, handlers.hear_opened, (store.CAMPAIGN,)),
    handlers.REPORTED: Handler(events_pb2.PreventionReported, handlers.hear_reported, (store.CAMPAIGN,)),
    wire.LISTED: Handler(events_pb2.PledgesListed, handlers.hear_listed, (store.CAMPAIGN,)),
}

# At an authority: what supervisor and examiner say.
TO_AUTHORITIES: Mapping[str, Handler] = {
    handlers.issued(role): Handler(events_pb2.CampaignIssued, handlers.hear_issued, (store.RECEIVED,))
    for role in ("supervisor", "examiner")
}
