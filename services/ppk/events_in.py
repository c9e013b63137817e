"""Way in 2: statement type → handler."""

from exchange.inbox import Handler
from netral.kasn.v1 import events_pb2, succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from ppk import handlers, notices

HANDLERS = {
    "netral.examiner.clarification_requested.v1": Handler(events_pb2.ClarificationRequested, handlers.hear),
    "netral.examiner.recommended.v1": Handler(events_pb2.Recommended, handlers.hear),
    "netral.examiner.corrected.v1": Handler(events_pb2.Corrected, handlers.hear),
    "netral.examiner.due_date_moved.v1": Handler(events_pb2.DueDateMoved, handlers.hear),
    "netral.examiner.withdrawn.v1": Handler(events_pb2.Withdrawn, handlers.hear),
    "netral.examiner.objection_answered.v1": Handler(events_pb2.ObjectionAnswered, handlers.hear),
    "netral.examiner.verified.v1": Handler(events_pb2.Verified, handlers.hear),
    "netral.examiner.took_over.v1": Handler(succession_pb2.TookOver, handlers.hear),
    "netral.examiner.reminded.v1": Handler(events_pb2.Reminded, notices.hear, notices.NEEDS),
    "netral.examiner.silence_claimed.v1": Handler(events_pb2.SilenceClaimed, notices.hear, notices.NEEDS),
    "netral.examiner.escalated.v1": Handler(events_pb2.Escalated, notices.hear, notices.NEEDS),
    "netral.data_holder.blocked.v1": Handler(oversight_events_pb2.Blocked, handlers.hear),
    "netral.data_holder.unblocked.v1": Handler(oversight_events_pb2.Unblocked, handlers.hear),
    "netral.warner.warned.v1": Handler(oversight_events_pb2.Warned, handlers.hear),
}
