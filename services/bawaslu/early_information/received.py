"""First information of an authority's team, which opens an intake.

The intake has the id of the authority's indication, so that the sealed part that came along is its file.
"""

from bawaslu.early_information import domain
from bawaslu.intake.domain.state import apply, blank
from bawaslu.intake.tables import INTAKES
from bawaslu.intake.wire import EVENTS
from exchange.delivery.entity_store import use_new_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.supervision.v1 import events_pb2 as pb


def receive(tx: Transaction, received: IncomingStatement, passed: domain.Passed) -> None:
    """Take in first information of an authority's team."""
    known = INTAKES.find(tx, received.matter)
    # Not the sender's case: Bawaslu decides whose it is.
    intake = known or blank(tx.party, received.matter, tx.desk.new_id(), tx.now)
    event = domain.open_intake(intake, passed, received.sender, received.id, tx.today)
    use_new_number(tx, "case", intake.case_id, intake.id)
    changed = apply(intake, event)
    INTAKES.save(tx, intake.id, changed)
    facts = EVENTS.to_message(event)
    tx.record("bawaslu.receive_information", intake.id, intake.case_id, changed.state, facts)


RECEIVED = {
    "netral.personnel_authority.information_passed.v1": receives(
        pb.InformationPassed, domain.Passed, receive, INTAKES.word
    )
}
