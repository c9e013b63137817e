"""Facts in, decision, buffered writes out, before there is a matter.

An intake stays at Bawaslu; only an authority whose own statement opened it is told of its stages (`bawaslu.early_information.commands`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bawaslu import wire as matters_wire
from bawaslu.early_information import commands as informed
from bawaslu.intake import wire
from bawaslu.intake.domain import commands
from bawaslu.intake.domain import rules as domain
from bawaslu.intake.domain.events import Event
from bawaslu.matters.domain import rules
from bawaslu.matters.domain.reported_person import Person, check
from bawaslu.tables import intake_key
from bawaslu.wire import Record
from exchange.delivery.entity_store import matter_key, use_new_number, use_number
from exchange.delivery.transaction import Transaction
from refusals import Malformed, NotFound

Reported = tuple[str, Person, bytes]
"""Employer, person, and the entry of the person's file."""


@dataclass(frozen=True)
class Step:
    """What an officer does with an intake: the act's name, the rule, and which number it uses up, as kind and field."""

    action: str
    rule: Callable[..., Any]
    number: tuple[str, str] | None = None


STEPS: dict[type[commands.Command], Step] = {
    commands.StartTracing: Step("bawaslu.start_tracing", domain.start_tracing),
    commands.EstablishFinding: Step(
        "bawaslu.establish_finding", domain.establish_finding, ("report", "number")
    ),
    commands.CloseInformation: Step("bawaslu.close_information", domain.close_information),
    commands.AssessReport: Step("bawaslu.assess", domain.assess),
    commands.CompleteReport: Step("bawaslu.complete", domain.complete),
    commands.DelegateIntake: Step("bawaslu.delegate", domain.delegate),
    commands.DeclineRegistration: Step("bawaslu.decline_registration", domain.decline),
    commands.InviteToClarification: Step("bawaslu.invite", domain.invite),
    commands.ExtendStudy: Step("bawaslu.extend_study", domain.extend_study, ("letter", "letter_number")),
    commands.RecordClarification: Step("bawaslu.record_clarification", domain.record_clarification),
}


def receive_report(tx: Transaction, command: commands.ReceiveReport, part: bytes, reporter: bytes) -> Record:
    """Take in a report; `part` is what it says, `reporter` who gave it."""
    intake, pseudonym = _new(tx), _pseudonym(tx, reporter)
    event = domain.receive_report(intake, command, pseudonym, tx.today)
    use_number(tx, "report", event.number, intake.id, field="number")
    return _opened(tx, "bawaslu.receive_report", intake, event, part, pseudonym, reporter)


def receive_information(
    tx: Transaction, command: commands.ReceiveInformation, part: bytes, reporter: bytes
) -> Record:
    """Take in first information; `reporter` is who gave it, if it was a person."""
    intake, pseudonym = _new(tx), _pseudonym(tx, reporter)
    event = domain.receive_information(intake, command, pseudonym, tx.today)
    use_number(tx, "information", event.number, intake.id, field="number")
    return _opened(tx, "bawaslu.receive_information", intake, event, part, pseudonym, reporter)


def record_finding(tx: Transaction, command: commands.RecordFinding, part: bytes) -> Record:
    """Set a finding of the office's own supervision."""
    intake = _new(tx)
    event = domain.record_finding(intake, command, tx.today)
    use_number(tx, "report", event.number, intake.id, field="number")
    return _opened(tx, "bawaslu.record_finding", intake, event, part, "", b"")


def take_step(tx: Transaction, id: str, command: commands.Command, part: bytes = b"") -> Record:
    """Whatever changes one intake and nothing else; `part` is what was said in prose."""
    step = STEPS[type(command)]
    intake = intake_for_change(tx, id)
    event = step.rule(intake, command, tx.today)
    if step.number:
        kind, field = step.number
        use_number(tx, kind, getattr(command, field), intake.id, field=field)
    return _done(tx, step.action, intake, event, part)


def register(
    tx: Transaction, id: str, command: commands.RegisterIntake, persons: Sequence[Reported]
) -> Record:
    """Register an intake: a matter for each reported person, all of its case."""
    intake = intake_for_change(tx, id)
    ids = [tx.desk.new_id() for _ in persons]
    event = domain.register(intake, command, ids, tx.today)
    use_number(tx, "report", event.registration_number, intake.id, field="registration_number")
    _nobody_twice(persons)
    for index, (matter, reported) in enumerate(zip(ids, persons, strict=True)):
        with _within(f"persons[{index}]"):
            _open_matter(tx, intake, matter, event.registration_number, reported, index + 1)
    return _done(tx, "bawaslu.register_intake", intake, event)


def conclude(tx: Transaction, id: str, command: commands.ConcludeIntake) -> Record:
    """Conclude the study of the whole, and of each matter that it names."""
    intake = intake_for_change(tx, id)
    event = domain.conclude(intake, command, tx.today)
    use_number(tx, "study", event.study_number, intake.id, field="study_number")
    for index, conclusion in enumerate(command.conclusions):
        with _within(f"conclusions[{index}]"):
            _conclude_matter(tx, command, conclusion)
    return _done(tx, "bawaslu.conclude_intake", intake, event)


def intake_for_change(tx: Transaction, id: str) -> domain.Intake:
    """The intake, loaded for change.

    Raises:
        NotFound: this party has no such intake.
    """
    intake: domain.Intake | None = tx.get(intake_key(tx.party, id))
    if intake is None:
        raise NotFound("there is no such intake at this party", field="name")
    return intake


def _open_matter(
    tx: Transaction, intake: domain.Intake, id: str, number: str, reported: Reported, place: int
) -> None:
    employer, person, part = reported
    if intake.event_date is None or intake.known_date is None:
        raise AssertionError("reports and findings have their dates")
    check(person)
    command = rules.RegisterMatter(
        intake.origin, number, intake.region, intake.event_date, intake.known_date, employer
    )
    matter = rules.blank(tx.party, id, intake.case_id, tx.now)
    event = rules.register(matter, command, person.employment, tx.today)
    _keep(tx, "bawaslu.register", matter, informed.of_information(event, intake, place), part)


def _conclude_matter(
    tx: Transaction, command: commands.ConcludeIntake, conclusion: commands.MatterConclusion
) -> None:
    matter: rules.Matter | None = tx.get(matter_key(tx.party, conclusion.matter))
    if matter is None:
        raise AssertionError("the matters of an intake are kept with it")
    study = rules.ConcludeStudy(
        command.study_number,
        command.study_date,
        "OTHER_LAW_VIOLATION" if conclusion.suspected_acts else "NOT_A_VIOLATION",
        conclusion.suspected_acts,
        command.study_digest,
    )
    _keep(tx, "bawaslu.conclude_study", matter, rules.conclude_study(matter, study, tx.today))


def _keep(tx: Transaction, action: str, matter: rules.Matter, event: rules.Event, part: bytes = b"") -> None:
    changed = replace(rules.apply(matter, event), updated=tx.now)
    tx.save(matter_key(tx.party, matter.id), changed)
    informed.tell_of_matter(tx, changed, event)
    facts = matters_wire.facts(event)
    tx.record(action, matter.id, matter.case_id, changed.state, facts, part)


def _nobody_twice(persons: Sequence[Reported]) -> None:
    known = [person.nip or person.nik for _, person, _ in persons]
    for index, identifier in enumerate(known):
        if identifier in known[:index]:
            raise Malformed("this person is named twice", field=f"persons[{index}].person")


def _new(tx: Transaction) -> domain.Intake:
    return domain.blank(tx.party, tx.desk.new_id(), tx.desk.new_id(), tx.now)


def _pseudonym(tx: Transaction, reporter: bytes) -> str:
    return tx.desk.new_id() if reporter else ""


def _opened(
    tx: Transaction,
    action: str,
    intake: domain.Intake,
    event: Event,
    part: bytes,
    pseudonym: str,
    reporter: bytes,
) -> Record:
    """A new intake, its case, and the reporter under a pseudonym: a file of its own, with a key of its own."""
    use_new_number(tx, "case", intake.case_id, intake.id)
    if pseudonym:
        tx.record("bawaslu.keep_reporter", pseudonym, intake.case_id, "", part=reporter)
    return _done(tx, action, intake, event, part)


def _done(tx: Transaction, action: str, intake: domain.Intake, event: Event, part: bytes = b"") -> Record:
    changed = replace(domain.apply(intake, event), updated=tx.now)
    tx.save(intake_key(tx.party, intake.id), changed)
    informed.tell_of_intake(tx, changed, event)
    return tx.record(action, intake.id, intake.case_id, changed.state, wire.facts(event), part)


@contextmanager
def _within(path: str) -> Iterator[None]:
    """Name the field at fault from the request's root."""
    try:
        yield
    except Malformed as refusal:
        raise Malformed(refusal.message, field=f"{path}.{refusal.field}", reason=refusal.reason) from None
