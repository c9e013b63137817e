"""Refutation of a claim of silence by the examiner."""

from bawaslu.matters.tables import MATTERS
from bawaslu.silence import domain
from bawaslu.silence.tables import SILENCES
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.kasn.v1 import events_pb2 as pb


def receive(tx: Transaction, received: IncomingStatement, event: domain.SilenceRefuted) -> None:
    """Take up the examiner's refutation."""
    matter = MATTERS.existing(tx, received.matter)
    known = SILENCES.find(tx, received.matter) or domain.Silence(tx.party, received.matter)
    SILENCES.save(tx, received.matter, domain.hear(matter, known, event, received.sender))


RECEIVED = {
    "netral.examiner.silence_refuted.v1": receives(
        pb.SilenceRefuted, domain.SilenceRefuted, receive, MATTERS.word, SILENCES.word
    )
}
