"""Way in 2: statement type → handler."""

from exchange.delivery.inbox.handlers import Handler
from netral.kasn.v1 import events_pb2, succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from ppk.lateness import commands as notices
from ppk.recommendations import commands

HANDLERS = {
    "netral.examiner.clarification_requested.v1": Handler(
        events_pb2.ClarificationRequested, commands.receive
    ),
    "netral.examiner.recommended.v1": Handler(events_pb2.Recommended, commands.receive),
    "netral.examiner.corrected.v1": Handler(events_pb2.Corrected, commands.receive),
    "netral.examiner.due_date_moved.v1": Handler(events_pb2.DueDateMoved, commands.receive),
    "netral.examiner.withdrawn.v1": Handler(events_pb2.Withdrawn, commands.receive),
    "netral.examiner.objection_answered.v1": Handler(events_pb2.ObjectionAnswered, commands.receive),
    "netral.examiner.verified.v1": Handler(events_pb2.Verified, commands.receive),
    "netral.examiner.took_over.v1": Handler(succession_pb2.TookOver, commands.receive),
    "netral.examiner.reminded.v1": Handler(events_pb2.Reminded, notices.receive, notices.NEEDS),
    "netral.examiner.silence_claimed.v1": Handler(events_pb2.SilenceClaimed, notices.receive, notices.NEEDS),
    "netral.examiner.escalated.v1": Handler(events_pb2.Escalated, notices.receive, notices.NEEDS),
    "netral.data_holder.blocked.v1": Handler(oversight_events_pb2.Blocked, commands.receive),
    "netral.data_holder.unblocked.v1": Handler(oversight_events_pb2.Unblocked, commands.receive),
    "netral.warner.warned.v1": Handler(oversight_events_pb2.Warned, commands.receive),
}
