"""Facts in, decision, buffered writes and statements out: one function per command, one for what others say."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from agreement.enforcement import copies
from exchange.delivery.entity_store import matter_key, use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from kasn import wire
from kasn.matters import person_index
from kasn.matters.domain import examination, letters, steps
from kasn.matters.domain import rules as domain
from kasn.succession import commands as handover
from kasn.succession.domain import transfer
from kasn.wire import Record
from refusals import NotFound

ACCEPTED = "netral.examiner.accepted.v1"
RETURNED = "netral.examiner.returned.v1"
NOT_PROVEN = "netral.examiner.not_proven.v1"
RECOMMENDED = "netral.examiner.recommended.v1"
WITHDRAWN = "netral.examiner.withdrawn.v1"
OBJECTION_ANSWERED = "netral.examiner.objection_answered.v1"
VERIFIED = "netral.examiner.verified.v1"
COMPLETION_REQUESTED = "netral.examiner.completion_requested.v1"
CLARIFICATION_REQUESTED = "netral.examiner.clarification_requested.v1"
CORRECTED = "netral.examiner.corrected.v1"


def accept(tx: Transaction, id: str, command: domain.AcceptReferral) -> Record:
    """Accept a referral; the supervisor is told."""
    matter = matter_for_change(tx, id)
    event = domain.accept(matter, command)
    use_number(tx, "register", event.register_number, matter.id, field="register_number")
    _tell(tx, ACCEPTED, matter.supervisor, matter, event)
    return done(tx, "kasn.accept", matter, event)


def return_referral(tx: Transaction, id: str, command: domain.ReturnReferral, part: bytes) -> Record:
    """Return a referral; `part` are the remarks, sealed to the supervisor."""
    matter = matter_for_change(tx, id)
    event = domain.return_referral(matter, command)
    _tell(tx, RETURNED, matter.supervisor, matter, event, part)
    return done(tx, "kasn.return", matter, event)


def request_completion(tx: Transaction, id: str, command: steps.RequestCompletion, part: bytes) -> Record:
    """Ask the supervisor for what is missing; `part` are remarks, sealed to the supervisor."""
    matter = matter_for_change(tx, id)
    event = examination.request_completion(matter, command, tx.today)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    _tell(tx, COMPLETION_REQUESTED, matter.supervisor, matter, event, part)
    return done(tx, "kasn.request_completion", matter, event)


def request_clarification(
    tx: Transaction, id: str, command: steps.RequestClarification, part: bytes
) -> Record:
    """Ask an authority; `part` is the person and the questions, sealed to it."""
    matter = matter_for_change(tx, id)
    event = examination.request_clarification(matter, command, tx.today)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    _tell(tx, CLARIFICATION_REQUESTED, event.addressee, matter, event, part)
    return done(tx, "kasn.request_clarification", matter, event)


def record_clarification(tx: Transaction, id: str, command: steps.RecordClarification, part: bytes) -> Record:
    """Record a clarification with the person; `part` are remarks for the file."""
    matter = matter_for_change(tx, id)
    event = examination.record_clarification(matter, command, tx.today)
    return done(tx, "kasn.record_clarification", matter, event, part)


def declare_conflict(tx: Transaction, id: str, command: steps.DeclareConflict, part: bytes) -> Record:
    """Declare a conflict of interest; a recommendation that stands with the authority is off. `part` are remarks for the file.

    The supervisor is not told of the withdrawal: for it the recommendation goes on, with another addressee.
    """
    matter = matter_for_change(tx, id)
    event = examination.declare_conflict(matter, command)
    if matter.addressee:
        gone = steps.Withdrawn(matter.letter_number, matter.addressee, "CONFLICT_OF_INTEREST")
        _tell(tx, WITHDRAWN, matter.addressee, matter, gone)
    return done(tx, "kasn.declare_conflict", matter, event, part)


def decide_not_proven(tx: Transaction, id: str, command: domain.DecideNotProven, part: bytes) -> Record:
    """Decide that nothing is proven; `part` are the reasons, sealed to the supervisor."""
    matter = matter_for_change(tx, id)
    event = domain.decide_not_proven(matter, command, tx.today)
    use_number(tx, "decision", event.decision_number, matter.id, field="decision_number")
    _tell(tx, NOT_PROVEN, matter.supervisor, matter, event, part)
    return done(tx, "kasn.decide_not_proven", matter, event)


def recommend(
    tx: Transaction, id: str, command: domain.Recommend, part: bytes, *, repeated: bool = False
) -> Record:
    """Recommend to the addressee, with copies (tembusan); a former addressee is told it is off.

    `part` is the person and the reasons, sealed to each recipient. `repeated`: the person was recommended on before.
    """
    matter = matter_for_change(tx, id)
    event = domain.recommend(matter, command, tx.today, repeated=repeated)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    return _recommended(tx, matter, event, part)


def recommend_letter(
    tx: Transaction, items: Sequence[tuple[str, domain.Recommend, bytes]], repeated: Collection[str]
) -> Record:
    """Recommend on many matters in one letter; each item is matter id, command, personal part.

    Each matter has its statements and its record; the letter has a record of its own, and its number is used once.
    """
    matters = [
        matter_for_change(tx, id, field=f"items[{place}].name") for place, (id, _, _) in enumerate(items)
    ]
    commands = [command for _, command, _ in items]
    letter, events = letters.recommend(list(zip(matters, commands, strict=True)), tx.today, repeated)
    use_number(tx, "letter", letter.letter_number, matters[0].id, field="letter_number")
    for matter, event, (_, _, part) in zip(matters, events, items, strict=True):
        _recommended(tx, matter, event, part)
    return tx.record("kasn.recommend_letter", "", "", "", wire.letter(letter))


def _recommended(tx: Transaction, matter: domain.Matter, event: domain.Recommended, part: bytes) -> Record:
    if matter.state == domain.State.REJECTED:  # a conflict was told when it was declared
        gone = steps.Withdrawn(matter.letter_number, matter.addressee, "NOT_ADDRESSEES_EMPLOYEE")
        _tell(tx, WITHDRAWN, matter.addressee, matter, gone)
    tell_all(tx, RECOMMENDED, event.addressee, matter, event, part)
    return done(tx, "kasn.recommend", matter, event)


def correct(tx: Transaction, id: str, command: steps.CorrectRecommendation, part: bytes) -> Record:
    """Correct a recommendation, with copies; `part` are the reasons, sealed to each recipient."""
    matter = matter_for_change(tx, id)
    event = examination.correct(matter, command, tx.today)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    tell_all(tx, CORRECTED, matter.addressee, matter, event, part)
    return done(tx, "kasn.correct", matter, event)


def withdraw(tx: Transaction, id: str, command: steps.WithdrawRecommendation, part: bytes) -> Record:
    """Withdraw a recommendation, with copies; `part` are the reasons, sealed to each recipient."""
    matter = matter_for_change(tx, id)
    event = examination.withdraw(matter, command, tx.today)
    use_number(tx, "letter", event.withdrawal_number, matter.id, field="letter_number")
    tell_all(tx, WITHDRAWN, matter.addressee, matter, event, part)
    return done(tx, "kasn.withdraw", matter, event)


def answer_objection(tx: Transaction, id: str, command: domain.AnswerObjection, part: bytes) -> Record:
    """Answer an objection; `part` are the reasons, sealed to the addressee (and the supervisor, if withdrawn)."""
    matter = matter_for_change(tx, id)
    event = domain.answer_objection(matter, command, tx.today)
    use_number(tx, "letter", command.letter_number, matter.id, field="letter_number")
    if isinstance(event, steps.Withdrawn):
        tell_all(tx, WITHDRAWN, matter.addressee, matter, event, part)
    else:
        _tell(tx, OBJECTION_ANSWERED, matter.addressee, matter, event, part)
    return done(tx, "kasn.answer_objection", matter, event)


def verify(tx: Transaction, id: str, command: domain.VerifyFollowUp, part: bytes) -> Record:
    """Verify the follow-up; addressee and supervisor are told. `part` are remarks, sealed to each."""
    matter = matter_for_change(tx, id)
    event = domain.verify(matter, command, tx.today)
    tell_all(tx, VERIFIED, matter.addressee, matter, event, part)
    return done(tx, "kasn.verify", matter, event)


def find_earlier(tx: Transaction, id: str) -> Record:
    """Somebody searches for earlier recommendations of the matter's person; no state changes."""
    matter = matter_for_change(tx, id)
    return tx.record("kasn.find_earlier", matter.id, matter.case_id, matter.state)


def receive(tx: Transaction, received: IncomingStatement) -> None:
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
    changed = transfer.hear(matter, event, received.sender, received.id)
    said = event.said if isinstance(event, transfer.Forwarded) else event
    if isinstance(said, domain.Referred | steps.Completed):
        person_index.index(tx, received)
    tx.save(key, replace(changed, updated=tx.now, heard=received.id))
    if matter.successor and not isinstance(event, transfer.TookOver):
        handover.forward(tx, matter, received)


def matter_for_change(tx: Transaction, id: str, *, field: str = "name") -> domain.Matter:
    """The matter, loaded for change.

    Raises:
        NotFound: this party has no such matter.
    """
    matter: domain.Matter | None = tx.get(matter_key(tx.party, id))
    if matter is None:
        raise NotFound("there is no such matter at this party", field=field)
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


def tell_all(
    tx: Transaction,
    type: str,
    addressee: str,
    matter: domain.Matter,
    event: domain.OwnEvent,
    part: bytes = b"",
) -> None:
    """The statement to the addressee, and copies (tembusan) to those that the agreement lists and that are parties.

    Each copy is a statement of its own, also to itself: an examiner that holds the data as well (BKN) watches by its copies.
    The person does not go along then, whose file is here.
    """
    original = _tell(tx, type, addressee, matter, event, part)
    for copy in copies.recipients(type, addressee, matter.supervisor, tx.today):
        if tx.desk.trust.get(copy.recipient) is not None:
            sealed = part if copy.person and copy.recipient != tx.party else b""
            _tell(tx, type, copy.recipient, matter, event, sealed, copy_of=original)


def done(
    tx: Transaction, action: str, matter: domain.Matter, event: domain.OwnEvent, part: bytes = b""
) -> Record:
    """Keep the matter after the event, and record the act; `part` stays in the file."""
    changed = replace(domain.apply(matter, event), updated=tx.now)
    tx.save(matter_key(tx.party, matter.id), changed)
    return tx.record(action, matter.id, matter.case_id, changed.state, wire.facts(event), part)
