"""Claims of the examiner's silence, and their refutation: facts in, decision, buffered writes and statements out."""

from bawaslu import wire
from bawaslu.matters.commands import COMPLETED, REFERRED, matter_for_change
from bawaslu.silence import domain
from bawaslu.tables import SILENCE, silence_key
from bawaslu.wire import Record
from exchange.context import FactKey
from exchange.delivery import delivery_evidence
from exchange.delivery.entity_store import matter_key
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import WrongState

CLAIMED = "netral.supervisor.silence_claimed.v1"
NEEDS = ("matter", SILENCE)


def keys_of(party: str, matter: str) -> list[FactKey]:
    """The facts that a claim needs."""
    return [matter_key(party, matter), silence_key(party, matter), delivery_evidence.sent_key(party, matter)]


def claim(tx: Transaction, id: str, command: domain.ClaimSilence) -> Record:
    """Claim that the examiner is silent; it is told, so that it can refute."""
    matter = matter_for_change(tx, id)
    event = domain.claim(matter, _held(tx, id), tx.today)
    facts = wire.silence_facts(event)
    sent = tx.send(CLAIMED, matter.examiner, id, matter.case_id, facts, cause=matter.heard)
    known = tx.get(silence_key(tx.party, id)) or domain.Silence(tx.party, id)
    tx.save(silence_key(tx.party, id), domain.apply(known, event, sent))
    return tx.record("bawaslu.claim_silence", id, matter.case_id, matter.state, facts)


def hear_refutation(tx: Transaction, received: IncomingStatement) -> None:
    """Take up the examiner's refutation."""
    matter = matter_for_change(tx, received.matter)
    key = silence_key(tx.party, received.matter)
    known = tx.get(key) or domain.Silence(tx.party, received.matter)
    tx.save(key, domain.hear(matter, known, wire.silence_event(received.facts), received.sender))


def _held(tx: Transaction, id: str) -> domain.Held:
    """Evidence of the last referral, or of what completed it; an examiner that took over has it from the former one."""
    sent: tuple[delivery_evidence.SentStatement, ...] = tx.get(delivery_evidence.sent_key(tx.party, id)) or ()
    own = [each for each in sent if each.type in (REFERRED, COMPLETED)]
    if not own:
        raise WrongState("nothing was referred to the examiner")
    last = own[-1]
    return domain.Held(last.id, last.time, last.custody, last.receipt)
