"""Statements of lateness, one row per type: reminders, reprimands, claims of silence, and escalations to this authority as superior."""

from dataclasses import replace

from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.kasn.v1 import events_pb2
from ppk.lateness import domain
from ppk.lateness.tables import NOTICES
from ppk.recommendations.tables import MATTERS

_LOADS = (MATTERS.word, NOTICES.word)


def receive(tx: Transaction, received: IncomingStatement, event: domain.HeardEvent) -> None:
    """Take up what an examiner says of lateness."""
    matter = MATTERS.find(tx, received.matter)
    known = (matter.examiner, matter.letter_number) if matter else ("", "")
    notice = NOTICES.find(tx, received.matter)
    notice = notice or domain.Notice(tx.party, received.matter, received.case_id, tx.now)
    heard = domain.hear(notice, event, received.sender, received.id, known)
    NOTICES.save(tx, received.matter, replace(heard, updated=tx.now))


RECEIVED = {
    "netral.examiner.reminded.v1": receives(events_pb2.Reminded, domain.Reminded, receive, *_LOADS),
    "netral.examiner.reprimanded.v1": receives(events_pb2.Reprimanded, domain.Reprimanded, receive, *_LOADS),
    "netral.examiner.silence_claimed.v1": receives(
        events_pb2.SilenceClaimed, domain.SilenceClaimed, receive, *_LOADS
    ),
    "netral.examiner.escalated.v1": receives(events_pb2.Escalated, domain.Escalated, receive, *_LOADS),
}
