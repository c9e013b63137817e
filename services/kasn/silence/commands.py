"""A supervisor's claims of this examiner's silence are taken up, and refuted with a receipt out of its own log."""

from exchange.context import FactKey
from exchange.delivery import delivery_evidence
from exchange.delivery.entity_store import matter_key
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from kasn import wire
from kasn.matters.commands import matter_for_change
from kasn.silence import domain
from kasn.tables import CLAIM, claim_key
from kasn.wire import Record

REFUTED = "netral.examiner.silence_refuted.v1"
NEEDS = ("matter", CLAIM)


def keys_of(party: str, matter: str) -> list[FactKey]:
    """The facts that a refutation needs."""
    return [
        matter_key(party, matter),
        claim_key(party, matter),
        delivery_evidence.receipts_key(party, matter),
    ]


def receive(tx: Transaction, received: IncomingStatement) -> None:
    """Take up what the supervisor claims."""
    matter = matter_for_change(tx, received.matter)
    key = claim_key(tx.party, received.matter)
    known = tx.get(key) or domain.Claim(tx.party, received.matter)
    event = wire.claim_event(received.facts)
    tx.save(key, domain.hear(matter, known, event, received.sender, received.id))


def refute_silence(tx: Transaction, id: str, command: domain.RefuteSilence) -> Record:
    """Refute the last claim of silence; the supervisor is told."""
    matter = matter_for_change(tx, id)
    key = claim_key(tx.party, id)
    known = tx.get(key) or domain.Claim(tx.party, id)
    event = domain.refute(known, command, tx.get(delivery_evidence.receipts_key(tx.party, id)) or {})
    tx.save(key, domain.apply(known, event))
    facts = wire.claim_facts(event)
    tx.send(REFUTED, known.supervisor, id, matter.case_id, facts, cause=known.claim)
    return tx.record("kasn.refute_silence", id, matter.case_id, matter.state, facts)
