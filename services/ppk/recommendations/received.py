"""Statements of an examiner or overseer on a recommendation, one row per type.

A copy (tembusan) does not come here: it is for those who oversee (`cooperation.oversight`).
"""

from agreement.entities import replace
from cooperation.oversight import overseers
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.kasn.v1 import events_pb2, succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from ppk.recommendations.domain import changes, events
from ppk.recommendations.domain.matter import blank
from ppk.recommendations.tables import MATTERS
from refusals import NotFound


def receive(tx: Transaction, received: IncomingStatement, event: events.HeardEvent) -> None:
    """Take it up; a recommendation, or a request to clarify, begins the matter here."""
    matter = MATTERS.find(tx, received.matter)
    if matter is None:
        if not isinstance(event, events.Recommended | events.ClarificationRequested):
            raise NotFound("there is no such matter at this party", field="name")
        matter = blank(tx.party, received.matter, received.case_id, tx.now)
    changed = changes.hear(matter, event, received.sender)
    MATTERS.save(tx, matter.id, replace(changed, updated=tx.now, heard=received.id))


RECEIVED = {
    "netral.examiner.clarification_requested.v1": receives(
        events_pb2.ClarificationRequested, events.ClarificationRequested, receive
    ),
    "netral.examiner.recommended.v1": receives(events_pb2.Recommended, events.Recommended, receive),
    "netral.examiner.corrected.v1": receives(events_pb2.Corrected, events.Corrected, receive),
    "netral.examiner.due_date_moved.v1": receives(events_pb2.DueDateMoved, events.DueDateMoved, receive),
    "netral.examiner.withdrawn.v1": receives(events_pb2.Withdrawn, events.Withdrawn, receive),
    "netral.examiner.objection_answered.v1": receives(
        events_pb2.ObjectionAnswered, events.ObjectionAnswered, receive
    ),
    "netral.examiner.verified.v1": receives(events_pb2.Verified, events.Verified, receive),
    "netral.examiner.took_over.v1": receives(succession_pb2.TookOver, events.TookOver, receive),
    "netral.data_holder.blocked.v1": receives(oversight_events_pb2.Blocked, overseers.Blocked, receive),
    "netral.data_holder.unblocked.v1": receives(oversight_events_pb2.Unblocked, overseers.Unblocked, receive),
    "netral.warner.warned.v1": receives(oversight_events_pb2.Warned, overseers.Warned, receive),
}
