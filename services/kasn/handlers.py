"""Facts in, decision, buffered writes and statements out: one function per command, one for what others say."""

from dataclasses import replace

from exchange.inbox import Received
from exchange.matters import claim, matter_key
from exchange.refusals import NotFound
from exchange.transaction import Transaction
from kasn import handover, wire
from kasn.domain import matters as domain
from kasn.domain import succession
from kasn.wire import Record

ACCEPTED = "netral.examiner.accepted.v1"
RETURNED = "netral.examiner.returned.v1"
NOT_PROVEN = "netral.examiner.not_proven.v1"
RECOMMENDED = "netral.examiner.recommended.v1"
WITHDRAWN = "netral.examiner.withdrawn.v1"
OBJECTION_ANSWERED = "netral.examiner.objection_answered.v1"
VERIFIED = "netral.examiner.verified.v1"


def accept(tx: Transaction, id: str, command: domain.AcceptReferral) -> Record:
    """Accept a referral; the supervisor is told."""
    matter = matter_for_change(tx, id)
    event = domain.accept(matter, command)
    claim(tx, "register", event.register_number, matter.id, field="register_number")
    _tell(tx, ACCEPTED, matter.supervisor, matter, event)
    return _done(tx, "kasn.accept", matter, event)


def return_referral(tx: Transaction, id: str, command: domain.ReturnReferral, part: bytes) -> Record:
    """Return a referral; `part` are the remarks, sealed to the supervisor."""
    matter = matter_for_change(tx, id)
    event = domain.return_referral(matter, command)
    _tell(tx, RETURNED, matter.supervisor, matter, event, part)
    return _done(tx, "kasn.return", matter, event)


def decide_not_proven(tx: Transaction, id: str, command: domain.DecideNotProven, part: bytes) -> Record:
    """Decide that nothing is proven; `part` are the reasons, sealed to the supervisor."""
    matter = matter_for_change(tx, id)
    event = domain.decide_not_proven(matter, command, tx.today)
    claim(tx, "decision", event.decision_number, matter.id, field="decision_number")
    _tell(tx, NOT_PROVEN, matter.supervisor, matter, event, part)
    return _done(tx, "kasn.decide_not_proven", matter, event)


def recommend(tx: Transaction, id: str, command: domain.Recommend, part: bytes) -> Record:
    """Recommend to the addressee, with a copy (tembusan) to the supervisor; a former addressee is told it is off.

    `part` is the person and the reasons, sealed to each recipient.
    """
    matter = matter_for_change(tx, id)
    event = domain.recommend(matter, command, tx.today)
    claim(tx, "letter", event.letter_number, matter.id, field="letter_number")
    if event.readdressed_from:
        gone = domain.Withdrawn(matter.letter_number, matter.addressee, "NOT_ADDRESSEES_EMPLOYEE")
        _tell(tx, WITHDRAWN, matter.addressee, matter, gone)
    _tell_both(tx, RECOMMENDED, event.addressee, matter, event, part)
    return _done(tx, "kasn.recommend", matter, event)


def answer_objection(tx: Transaction, id: str, command: domain.AnswerObjection, part: bytes) -> Record:
    """Answer an objection; `part` are the reasons, sealed to the addressee (and the supervisor, if withdrawn)."""
    matter = matter_for_change(tx, id)
    event = domain.answer_objection(matter, command, tx.today)
    claim(tx, "letter", command.letter_number, matter.id, field="letter_number")
    if isinstance(event, domain.Withdrawn):
        _tell_both(tx, WITHDRAWN, matter.addressee, matter, event, part)
    else:
        _tell(tx, OBJECTION_ANSWERED, matter.addressee, matter, event, part)
    return _done(tx, "kasn.answer_objection", matter, event)


def verify(tx: Transaction, id: str, command: domain.VerifyFollowUp, part: bytes) -> Record:
    """Verify the follow-up; addressee and supervisor are told. `part` are remarks, sealed to each."""
    matter = matter_for_change(tx, id)
    event = domain.verify(matter, command, tx.today)
    _tell_both(tx, VERIFIED, matter.addressee, matter, event, part)
    return _done(tx, "kasn.verify", matter, event)


def hear(tx: Transaction, received: Received) -> None:
    """Take up what the supervisor or the addressee says; a referral begins the matter here.

    What comes after the matter passed to the next examiner is forwarded.
    """
    key = matter_key(tx.party, received.matter)
    event = wire.event(received.facts)
    matter: domain.Matter | None = tx.get(key)
    if matter is None:
        if not isinstance(event, domain.Referred):
            raise NotFound("there is no such matter at this party", field="name")
        matter = domain.blank(tx.party, received.matter, received.case_id, tx.now)
    changed = succession.hear(matter, event, received.sender)
    tx.put(key, replace(changed, updated=tx.now, heard=received.id))
    if matter.successor and received.sender != matter.successor:
        handover.forward(tx, matter, received)


def matter_for_change(tx: Transaction, id: str) -> domain.Matter:
    """The matter, loaded for change.

    Raises:
        NotFound: this party has no such matter.
    """
    matter: domain.Matter | None = tx.get(matter_key(tx.party, id))
    if matter is None:
        raise NotFound("there is no such matter at this party", field="name")
    return matter


def _tell(
    tx: Transaction,
    type: str,
    recipient: str,
    matter: domain.Matter,
    event: domain.OwnEvent,
    part: bytes = b"",
    copy_of: str = "",
) -> str:
    facts = wire.facts(event)
    return tx.send(
        type, recipient, matter.id, matter.case_id, facts, part=part, cause=matter.heard, copy_of=copy_of
    )


def _tell_both(
    tx: Transaction, type: str, addressee: str, matter: domain.Matter, event: domain.OwnEvent, part: bytes
) -> None:
    """The statement to the addressee and its copy to the supervisor: a statement of its own."""
    original = _tell(tx, type, addressee, matter, event, part)
    _tell(tx, type, matter.supervisor, matter, event, part, copy_of=original)


def _done(tx: Transaction, action: str, matter: domain.Matter, event: domain.OwnEvent) -> Record:
    changed = replace(domain.apply(matter, event), updated=tx.now)
    tx.put(matter_key(tx.party, matter.id), changed)
    return tx.record(action, matter.id, matter.case_id, changed.state, wire.facts(event))
