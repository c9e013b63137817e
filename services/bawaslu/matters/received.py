"""Statements on a matter that was referred to an examiner, one row per type: the examiner's, and BKN's annulment of a decree."""

from agreement.entities import replace
from bawaslu.matters.commands import tell_authority
from bawaslu.matters.domain import changes, events
from bawaslu.matters.tables import MATTERS
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.kasn.v1 import events_pb2 as pb
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from refusals import NotAllowed


def receive(tx: Transaction, received: IncomingStatement, event: events.Event) -> None:
    """Take up what the examiner says."""
    matter = MATTERS.existing(tx, received.matter)
    if received.sender != matter.examiner:
        raise NotAllowed("the matter was not referred to the sender", reason="NOT_THE_EXAMINER")
    changed = changes.apply(matter, event)
    MATTERS.save(tx, matter.id, replace(changed, updated=tx.now, heard=received.id))
    tell_authority(tx, changed, event)


def receive_annulment(tx: Transaction, received: IncomingStatement, event: events.DecreeAnnulled) -> None:
    """Take up our copy of an annulment: the authority's decree is gone, and another one is awaited."""
    matter = MATTERS.existing(tx, received.matter)
    changed = changes.apply(matter, event)
    MATTERS.save(tx, matter.id, replace(changed, updated=tx.now, heard=received.id))


def receive_succession(tx: Transaction, received: IncomingStatement, event: events.TookOver) -> None:
    """Turn to the next examiner, which took a matter over, and no longer to the one before it."""
    matter = MATTERS.existing(tx, received.matter)
    changed = changes.hear_succession(matter, event, received.sender)
    MATTERS.save(tx, matter.id, replace(changed, updated=tx.now, heard=received.id))


RECEIVED = {
    "netral.examiner.accepted.v1": receives(pb.Accepted, events.Accepted, receive),
    "netral.examiner.returned.v1": receives(pb.Returned, events.Returned, receive),
    "netral.examiner.completion_requested.v1": receives(
        pb.CompletionRequested, events.CompletionRequested, receive
    ),
    "netral.examiner.not_proven.v1": receives(pb.NotProven, events.NotProven, receive),
    "netral.examiner.recommended.v1": receives(pb.Recommended, events.Recommended, receive),
    "netral.examiner.corrected.v1": receives(pb.Corrected, events.Corrected, receive),
    "netral.examiner.due_date_moved.v1": receives(pb.DueDateMoved, events.DueDateMoved, receive),
    "netral.examiner.withdrawn.v1": receives(pb.Withdrawn, events.Withdrawn, receive),
    "netral.examiner.verified.v1": receives(pb.Verified, events.Verified, receive),
    "netral.data_holder.decree_annulled.v1": receives(
        oversight_events_pb2.DecreeAnnulled, events.DecreeAnnulled, receive_annulment
    ),
    "netral.examiner.took_over.v1": receives(succession_pb2.TookOver, events.TookOver, receive_succession),
}
