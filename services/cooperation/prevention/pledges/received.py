"""Way in 2, lists of pledges: statement type → handler, at a supervisor or examiner."""

from collections.abc import Mapping

from cooperation.prevention.campaigns.tables import CAMPAIGN
from cooperation.prevention.pledges import commands, wire
from exchange.delivery.inbox.handlers import Handler
from netral.prevention.v1 import events_pb2

FROM_AUTHORITIES: Mapping[str, Handler] = {
    wire.LISTED: Handler(events_pb2.PledgesListed, commands.receive_listed, (CAMPAIGN,)),
}
