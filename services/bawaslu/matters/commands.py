"""Facts in, decision, buffered writes and statements out: one function per command and per statement type."""

from dataclasses import replace

from bawaslu import wire
from bawaslu.early_information import commands
from bawaslu.matters.domain import rules as domain
from bawaslu.matters.domain.reported_person import Person, check
from bawaslu.wire import Record
from exchange.delivery.entity_store import matter_key, number_key, use_new_number, use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import NotAllowed, NotFound, Unavailable

REFERRED = "netral.supervisor.referred.v1"
COMPLETED = "netral.supervisor.completed.v1"


def register(
    tx: Transaction,
    command: domain.RegisterMatter,
    person: Person,
    case_id: str,
    part: bytes,
    reporter: bytes,
) -> Record:
    """Register a matter; `part` is the person's file, `reporter` what never leaves this desk."""
    check(person)
    if case_id and tx.get(number_key(tx.party, "case", case_id)) is None:
        raise NotFound("there is no such case at this party", field="case_id")
    matter = domain.blank(tx.party, tx.desk.new_id(), case_id or tx.desk.new_id(), tx.now)
    event = domain.register(matter, command, person.employment, tx.today)
    use_number(tx, "report", event.number, matter.id, field="number")
    if not case_id:
        use_new_number(tx, "case", matter.case_id, matter.id)
    if reporter:
        tx.record("bawaslu.keep_reporter", matter.id, matter.case_id, "", part=reporter)
    return _done(tx, "bawaslu.register", matter, event, part)


def conclude_study(tx: Transaction, id: str, command: domain.ConcludeStudy) -> Record:
    """Enter the study and its conclusion."""
    matter = matter_for_change(tx, id)
    event = domain.conclude_study(matter, command, tx.today)
    use_number(tx, "study", event.study_number, matter.id, field="study_number")
    return _done(tx, "bawaslu.conclude_study", matter, event)


def refer(tx: Transaction, id: str, command: domain.ReferMatter, part: bytes) -> Record:
    """Refer the matter to whoever holds the examiner role now; `part` is the person, sealed to the examiner."""
    matter = matter_for_change(tx, id)
    examiners = tx.desk.trust.holders("examiner", tx.now)
    if len(examiners) != 1:
        raise Unavailable("nobody, or more than one, holds the examiner role now", reason="NO_EXAMINER")
    event = domain.refer(matter, command, examiners[0], tx.today)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    tx.send(
        REFERRED, event.examiner, matter.id, matter.case_id, wire.facts(event), part=part, cause=matter.heard
    )
    return _done(tx, "bawaslu.refer", matter, event)


def complete(
    tx: Transaction, id: str, command: domain.CompleteReferral, person: Person | None, part: bytes
) -> Record:
    """Complete a referral; `part` is the person, if given, and remarks: sealed to the examiner, kept in the file."""
    if person is not None:
        check(person)
    matter = matter_for_change(tx, id)
    event = domain.complete(matter, command, person, tx.today)
    use_number(tx, "letter", event.letter_number, matter.id, field="letter_number")
    if event.study_number:
        use_number(tx, "study", event.study_number, matter.id, field="study_number")
    facts = wire.facts(event)
    tx.send(COMPLETED, matter.examiner, matter.id, matter.case_id, facts, part=part, cause=matter.heard)
    return _done(tx, "bawaslu.complete", matter, event, part)


def receive(tx: Transaction, received: IncomingStatement) -> None:
    """Take up what the examiner says of a matter that was referred to it."""
    matter = matter_for_change(tx, received.matter)
    if received.sender != matter.examiner:
        raise NotAllowed("the matter was not referred to the sender", reason="NOT_THE_EXAMINER")
    event = wire.event(received.facts)
    changed = domain.apply(matter, event)
    tx.save(matter_key(tx.party, matter.id), replace(changed, updated=tx.now, heard=received.id))
    commands.tell_of_matter(tx, changed, event)


def hear_succession(tx: Transaction, received: IncomingStatement) -> None:
    """The next examiner took a matter over: from now on it is heard, and no longer the one before it."""
    matter = matter_for_change(tx, received.matter)
    changed = domain.hear_succession(matter, wire.event(received.facts), received.sender)
    tx.save(matter_key(tx.party, matter.id), replace(changed, updated=tx.now, heard=received.id))


def matter_for_change(tx: Transaction, id: str) -> domain.Matter:
    """The matter, loaded for change.

    Raises:
        NotFound: this party has no such matter.
    """
    matter: domain.Matter | None = tx.get(matter_key(tx.party, id))
    if matter is None:
        raise NotFound("there is no such matter at this party", field="name")
    return matter


def _done(
    tx: Transaction, action: str, matter: domain.Matter, event: domain.Event, part: bytes = b""
) -> Record:
    changed = replace(domain.apply(matter, event), updated=tx.now)
    tx.save(matter_key(tx.party, matter.id), changed)
    commands.tell_of_matter(tx, changed, event)
    return tx.record(action, matter.id, matter.case_id, changed.state, wire.facts(event), part)
