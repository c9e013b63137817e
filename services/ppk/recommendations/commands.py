"""Facts in, decision, buffered writes and statements out: one function per command, one for what the examiner says."""

from dataclasses import replace

from exchange.delivery.entity_store import matter_key, use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from ppk import wire
from ppk.discipline.domain import proceedings, rules
from ppk.recommendations.domain import rules as domain
from ppk.tables import proceeding_key
from ppk.wire import Record
from refusals import NotFound

CLARIFIED = "netral.personnel_authority.clarified.v1"
OPENED = "netral.personnel_authority.opened.v1"
ACKNOWLEDGED = "netral.personnel_authority.acknowledged.v1"
REJECTED = "netral.personnel_authority.rejected.v1"
OBJECTED = "netral.personnel_authority.objected.v1"
DECIDED = "netral.personnel_authority.decided.v1"
FOLLOWED_UP = "netral.personnel_authority.followed_up.v1"


def answer_clarification(
    tx: Transaction, id: str, command: domain.AnswerClarification, part: bytes
) -> Record:
    """Answer the examiner's request; `part` is the answer, sealed to the examiner."""
    matter = matter_for_change(tx, id)
    event = domain.answer_clarification(matter, command, tx.today)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    return done(tx, "ppk.answer_clarification", CLARIFIED, matter, event, part)


def open_recommendation(tx: Transaction, id: str, command: domain.OpenRecommendation) -> Record:
    """An officer opens what arrived."""
    matter = matter_for_change(tx, id)
    event = domain.open_recommendation(matter, command)
    return done(tx, "ppk.open", OPENED, matter, event)


def acknowledge(tx: Transaction, id: str, command: domain.AcknowledgeRecommendation) -> Record:
    """Confirm receipt under the authority's own register number."""
    matter = matter_for_change(tx, id)
    event = domain.acknowledge(matter, command)
    use_number(tx, "register", event.register_number, matter.id, field="register_number")
    return done(tx, "ppk.acknowledge", ACKNOWLEDGED, matter, event)


def reject(tx: Transaction, id: str, command: domain.RejectRecommendation, part: bytes) -> Record:
    """Reject it; `part` are the remarks, sealed to the examiner."""
    matter = matter_for_change(tx, id)
    event = domain.reject(matter, command)
    rules.agree_with_check(proceeding_of(tx, id), command)
    return done(tx, "ppk.reject", REJECTED, matter, event, part)


def object_to(tx: Transaction, id: str, command: domain.ObjectToRecommendation, part: bytes) -> Record:
    """Object; `part` are the reasons, sealed to the examiner."""
    matter = matter_for_change(tx, id)
    event = domain.object_to(matter, command, tx.today)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    return done(tx, "ppk.object", OBJECTED, matter, event, part)


def impose_sanction(tx: Transaction, id: str, command: domain.ImposeSanction) -> Record:
    """Impose a sanction by decree, with what its class needs in the procedure."""
    matter = matter_for_change(tx, id)
    proceeding = proceeding_of(tx, id)
    event = domain.impose_sanction(matter, command, tx.today)
    rules.allow_sanction(matter, proceeding, command, event)
    use_number(tx, "decree", event.decree_number, matter.id, field="decree_number")
    tx.save(proceeding_key(tx.party, id), proceedings.apply(proceeding, event))
    return done(tx, "ppk.impose_sanction", DECIDED, matter, event)


def report_follow_up(tx: Transaction, id: str, command: domain.ReportFollowUp, part: bytes) -> Record:
    """Report the follow-up; `part` are the remarks, sealed to the examiner."""
    matter = matter_for_change(tx, id)
    event = domain.report_follow_up(matter, command, tx.today)
    rules.agree_with_check(proceeding_of(tx, id), command)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    return done(tx, "ppk.report_follow_up", FOLLOWED_UP, matter, event, part)


def receive(tx: Transaction, received: IncomingStatement) -> None:
    """Take up what an examiner says; a recommendation, or a request to clarify, begins the matter here.

    A copy (tembusan) does not come here: it is for those who oversee.
    """
    key = matter_key(tx.party, received.matter)
    event = wire.event(received.facts)
    matter: domain.Matter | None = tx.get(key)
    if matter is None:
        if not isinstance(event, domain.Recommended | domain.ClarificationRequested):
            raise NotFound("there is no such matter at this party", field="name")
        matter = domain.blank(tx.party, received.matter, received.case_id, tx.now)
    changed = domain.hear(matter, event, received.sender)
    tx.save(key, replace(changed, updated=tx.now, heard=received.id))


def matter_for_change(tx: Transaction, id: str) -> domain.Matter:
    """The matter, loaded for change.

    Raises:
        NotFound: this party has no such matter.
    """
    matter: domain.Matter | None = tx.get(matter_key(tx.party, id))
    if matter is None:
        raise NotFound("there is no such matter at this party", field="name")
    return matter


def proceeding_of(tx: Transaction, id: str) -> proceedings.Proceeding:
    """The matter's procedure, loaded for change; it is there from its first step on."""
    found: proceedings.Proceeding | None = tx.get(proceeding_key(tx.party, id))
    return found or proceedings.Proceeding(tx.party, id)


def done(
    tx: Transaction,
    action: str,
    type: str,
    matter: domain.Matter,
    event: domain.OwnEvent,
    part: bytes = b"",
) -> Record:
    """Every act of this desk is told to the matter's examiner."""
    changed = replace(domain.apply(matter, event), updated=tx.now)
    tx.save(matter_key(tx.party, matter.id), changed)
    facts = wire.facts(event)
    tx.send(type, matter.examiner, matter.id, matter.case_id, facts, part=part, cause=matter.heard)
    return tx.record(action, matter.id, matter.case_id, changed.state, facts)
