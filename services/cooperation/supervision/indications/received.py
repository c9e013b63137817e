"""Way in 2, at an authority: Bawaslu's answers on first information."""

from collections.abc import Mapping

from cooperation.supervision.indications import commands, tables
from exchange.delivery.inbox.handlers import Handler
from netral.supervision.v1 import events_pb2

TO_AUTHORITIES: Mapping[str, Handler] = {
    "netral.supervisor.information_answered.v1": Handler(
        events_pb2.InformationAnswered, commands.receive_answer, (tables.INDICATION,)
    ),
}
