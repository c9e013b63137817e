"""First information that arrives as an authority's statement opens an intake; the authority is told what becomes of it.

The intake has the id of the authority's indication, so that the sealed part that came along is its file.
"""

from dataclasses import replace

from bawaslu import wire
from bawaslu.early_information import domain
from bawaslu.intake.domain import events, rules
from bawaslu.matters.domain import rules as matters
from bawaslu.tables import INTAKE, INTAKES
from exchange.delivery.entity_store import use_new_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction

ANSWERED = "netral.supervisor.information_answered.v1"
NEEDS = (INTAKE,)


def hear_passed(tx: Transaction, received: IncomingStatement) -> None:
    """Take in first information of an authority's team."""
    known = INTAKES.find(tx, received.matter)
    # Not the sender's case: whose case it is decides Bawaslu.
    subject = known or rules.blank(tx.party, received.matter, tx.desk.new_id(), tx.now)
    event = domain.take_in(subject, wire.passed(received.facts), received.sender, received.id, tx.today)
    use_new_number(tx, "case", subject.case_id, subject.id)
    changed = rules.apply(subject, event)
    INTAKES.save(tx, subject.id, changed)
    facts = wire.intake_facts(event)
    tx.record("bawaslu.receive_information", subject.id, subject.case_id, changed.state, facts)


def tell_of_intake(tx: Transaction, subject: rules.Intake, event: events.Event) -> None:
    """Tell the authority whose statement opened an intake what was done with it."""
    answer = domain.of_the_whole(event) if subject.statement else None
    if answer is not None:
        _tell(tx, subject.informant, subject.id, subject.case_id, answer, subject.statement)


def tell_of_matter(tx: Transaction, matter: matters.Matter, event: matters.Event) -> None:
    """Tell the authority whose first information led to a matter what happened to it. `matter` is as it stands after."""
    answer = domain.of_a_person(matter, event, tx.today) if matter.informant else None
    if answer is not None:
        _tell(tx, matter.informant, matter.information, matter.case_id, answer, tx.cause)


def of_information(event: matters.Registered, subject: rules.Intake, place: int) -> matters.Registered:
    """The registration of a person of an intake, with where it came from if an authority's statement opened it."""
    if not subject.statement:
        return event
    return replace(event, informant=subject.informant, information=subject.id, place=place)


def _tell(
    tx: Transaction, authority: str, information: str, case_id: str, answer: domain.Answered, cause: str
) -> None:
    tx.send(ANSWERED, authority, information, case_id, wire.answered(answer), cause=cause)
