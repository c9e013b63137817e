"""Way in 2: statement type → handler."""

from exchange.inbox import Handler
from netral.kasn.v1 import events_pb2, succession_pb2
from ppk import handlers

HANDLERS = {
    "netral.examiner.recommended.v1": Handler(events_pb2.Recommended, handlers.hear),
    "netral.examiner.withdrawn.v1": Handler(events_pb2.Withdrawn, handlers.hear),
    "netral.examiner.objection_answered.v1": Handler(events_pb2.ObjectionAnswered, handlers.hear),
    "netral.examiner.verified.v1": Handler(events_pb2.Verified, handlers.hear),
    "netral.examiner.took_over.v1": Handler(succession_pb2.TookOver, handlers.hear),
}
