"""Bawaslu's answers on first information, as they arrive at an authority."""

from dataclasses import replace

from cooperation.supervision.indications import domain
from cooperation.supervision.indications.tables import INDICATIONS
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.supervision.v1 import events_pb2


def receive(tx: Transaction, received: IncomingStatement, event: domain.Answered) -> None:
    """Take up what became of an indication, at one stage."""
    indication = INDICATIONS.existing(tx, received.matter)
    heard = domain.hear(indication, event, received.sender, received.case_id, received.id)
    INDICATIONS.save(tx, indication.id, replace(heard, updated=tx.now))


TO_AUTHORITIES = {
    "netral.supervisor.information_answered.v1": receives(
        events_pb2.InformationAnswered, domain.Answered, receive, INDICATIONS.word
    ),
}
