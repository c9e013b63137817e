"""Way in 2: statement type → handler. Copies only: an original goes to the host's own desk."""

from cooperation.oversight import commands, tables
from exchange.delivery.inbox.handlers import Handler
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2

_NEEDS = (tables.WATCHED,)

HANDLERS = {
    "netral.examiner.recommended.v1": Handler(kasn_events_pb2.Recommended, commands.receive, _NEEDS),
    "netral.examiner.corrected.v1": Handler(kasn_events_pb2.Corrected, commands.receive, _NEEDS),
    "netral.examiner.due_date_moved.v1": Handler(kasn_events_pb2.DueDateMoved, commands.receive, _NEEDS),
    "netral.examiner.withdrawn.v1": Handler(kasn_events_pb2.Withdrawn, commands.receive, _NEEDS),
    "netral.examiner.verified.v1": Handler(kasn_events_pb2.Verified, commands.receive, _NEEDS),
    "netral.examiner.took_over.v1": Handler(succession_pb2.TookOver, commands.receive, _NEEDS),
    "netral.warner.warned.v1": Handler(events_pb2.Warned, commands.receive, _NEEDS),
}
