"""Lateness at this desk: reminders, claims of silence and escalations are taken up; a claim is refuted with a receipt."""

from dataclasses import replace

from exchange.context import FactKey
from exchange.delivery import delivery_evidence
from exchange.delivery.entity_store import matter_key
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from ppk import wire
from ppk.lateness import domain
from ppk.tables import NOTICE, notice_key
from ppk.wire import Record
from refusals import NotFound

SILENCE_REFUTED = "netral.personnel_authority.silence_refuted.v1"
NEEDS = ("matter", NOTICE)


def keys_of(party: str, matter: str) -> list[FactKey]:
    """The facts that a refutation needs."""
    return [
        matter_key(party, matter),
        notice_key(party, matter),
        delivery_evidence.receipts_key(party, matter),
    ]


def receive(tx: Transaction, received: IncomingStatement) -> None:
    """Take up what an examiner says of lateness."""
    key = notice_key(tx.party, received.matter)
    matter = tx.get(matter_key(tx.party, received.matter))
    known = (matter.examiner, matter.letter_number) if matter else ("", "")
    notice = tx.get(key) or domain.Notice(tx.party, received.matter, received.case_id, tx.now)
    event = wire.notice_event(received.facts)
    tx.save(key, replace(domain.hear(notice, event, received.sender, received.id, known), updated=tx.now))


def refute_silence(tx: Transaction, id: str, command: domain.RefuteSilence) -> Record:
    """Refute the last claim of silence; its examiner is told."""
    key = notice_key(tx.party, id)
    matter, notice = tx.get(matter_key(tx.party, id)), tx.get(key)
    if matter is None or notice is None:
        raise NotFound("silence was not claimed on such a matter at this party", field="name")
    receipts = tx.get(delivery_evidence.receipts_key(tx.party, id)) or {}
    event = domain.refute(notice, command, receipts)
    tx.save(key, replace(domain.apply(notice, event), updated=tx.now))
    facts = wire.notice_facts(event)
    tx.send(SILENCE_REFUTED, notice.examiner, id, notice.case_id, facts, cause=notice.claim)
    return tx.record("ppk.refute_silence", id, notice.case_id, matter.state, facts)
