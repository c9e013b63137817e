"""Way in 2: statement type → handler."""

from collections.abc import Mapping

from exchange.inbox import Handler
from netral.supervision.v1 import events_pb2
from supervision import handlers, store

# At an authority: what Bawaslu tells of first information.
TO_AUTHORITIES: Mapping[str, Handler] = {
    "netral.supervisor.information_answered.v1": Handler(
        events_pb2.InformationAnswered, handlers.hear, (store.INDICATION,)
    ),
}
