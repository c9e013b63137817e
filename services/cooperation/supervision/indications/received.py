"""Bawaslu's answers on first information, as they arrive at an authority; and copies of first information at KPU."""

from dataclasses import replace

from agreement.parties import institutions
from cooperation.supervision.indications import domain
from cooperation.supervision.indications.tables import INDICATIONS
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.supervision.v1 import events_pb2
from refusals import Conflict, NotAllowed


def receive(tx: Transaction, received: IncomingStatement, event: domain.Answered) -> None:
    """Take up what became of an indication, at one stage."""
    indication = INDICATIONS.existing(tx, received.matter)
    heard = domain.hear(indication, event, received.sender, received.case_id, received.id)
    INDICATIONS.save(tx, indication.id, replace(heard, updated=tx.now))


def receive_copy(tx: Transaction, received: IncomingStatement, event: domain.Passed) -> None:
    """Take up what a team passed to Bawaslu, at whoever organises elections and is told of it."""
    if not tx.holds(institutions.ORGANISER):
        raise NotAllowed("this party organises no election", reason="NOT_AN_ORGANISER")
    if INDICATIONS.find(tx, received.matter) is not None:
        raise Conflict("it was told before", reason="INFORMATION_KNOWN")
    told = domain.informed(tx.party, received.matter, event, received.copy_of, tx.now)
    INDICATIONS.save(tx, told.id, told)


TO_AUTHORITIES = {
    "netral.supervisor.information_answered.v1": receives(
        events_pb2.InformationAnswered, domain.Answered, receive, INDICATIONS.word
    ),
}
COPIES = {
    "netral.personnel_authority.information_passed.v1": receives(
        events_pb2.InformationPassed, domain.Passed, receive_copy, INDICATIONS.word
    ),
}
