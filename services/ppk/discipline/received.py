"""Statements that change matter and discipline procedure together: a decree that the data holder annulled."""

from agreement.entities import replace
from cooperation.oversight.overseers import DecreeAnnulled
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.oversight.v1 import events_pb2
from ppk.discipline.domain import proceedings
from ppk.discipline.tables import PROCEEDINGS
from ppk.recommendations.domain import changes
from ppk.recommendations.tables import MATTERS


def receive(tx: Transaction, received: IncomingStatement, event: DecreeAnnulled) -> None:
    """Take up that the decree was annulled: matter and procedure stand as before it, and another one is to be made."""
    matter = MATTERS.existing(tx, received.matter)
    changed = changes.hear(matter, event, received.sender)
    MATTERS.save(tx, matter.id, replace(changed, updated=tx.now, heard=received.id))
    known = PROCEEDINGS.find(tx, matter.id)
    if known is not None:
        PROCEEDINGS.save(tx, matter.id, proceedings.apply(known, event))


RECEIVED = {
    "netral.data_holder.decree_annulled.v1": receives(
        events_pb2.DecreeAnnulled, DecreeAnnulled, receive, MATTERS.word, PROCEEDINGS.word
    ),
}
