"""Way in 2: statement type → handler."""

from exchange.delivery.inbox.handlers import Handler
from kasn import tables
from kasn.escalation import commands as ladder
from kasn.matters import commands as handlers
from kasn.silence import commands
from kasn.succession import commands as handover
from netral.bawaslu.v1 import events_pb2 as bawaslu_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import discipline_events_pb2
from netral.ppk.v1 import events_pb2 as ppk_events_pb2

HANDLERS = {
    "netral.supervisor.referred.v1": Handler(bawaslu_events_pb2.Referred, handlers.receive),
    "netral.supervisor.completed.v1": Handler(bawaslu_events_pb2.Completed, handlers.receive),
    "netral.supervisor.silence_claimed.v1": Handler(
        bawaslu_events_pb2.SilenceClaimed, commands.receive, commands.NEEDS
    ),
    "netral.personnel_authority.clarified.v1": Handler(ppk_events_pb2.Clarified, handlers.receive),
    "netral.personnel_authority.opened.v1": Handler(ppk_events_pb2.Opened, handlers.receive),
    "netral.personnel_authority.acknowledged.v1": Handler(ppk_events_pb2.Acknowledged, handlers.receive),
    "netral.personnel_authority.rejected.v1": Handler(ppk_events_pb2.Rejected, handlers.receive),
    "netral.personnel_authority.objected.v1": Handler(ppk_events_pb2.Objected, handlers.receive),
    "netral.personnel_authority.decided.v1": Handler(ppk_events_pb2.Decided, handlers.receive),
    "netral.personnel_authority.followed_up.v1": Handler(ppk_events_pb2.FollowedUp, handlers.receive),
    "netral.examiner.transferred.v1": Handler(
        succession_pb2.Transferred, handover.take_over, ("matter", tables.LADDER)
    ),
    "netral.examiner.took_over.v1": Handler(succession_pb2.TookOver, handlers.receive),
    "netral.examiner.forwarded.v1": Handler(succession_pb2.Forwarded, handlers.receive),
    "netral.personnel_authority.silence_refuted.v1": Handler(
        ppk_events_pb2.SilenceRefuted, ladder.hear_refutation, ("matter", tables.LADDER)
    ),
    "netral.data_holder.blocked.v1": Handler(oversight_events_pb2.Blocked, handlers.receive),
    "netral.data_holder.unblocked.v1": Handler(oversight_events_pb2.Unblocked, handlers.receive),
    "netral.warner.warned.v1": Handler(oversight_events_pb2.Warned, handlers.receive),
    "netral.personnel_authority.progressed.v1": Handler(discipline_events_pb2.Progressed, handlers.receive),
    "netral.personnel_authority.appealed.v1": Handler(discipline_events_pb2.Appealed, handlers.receive),
}
