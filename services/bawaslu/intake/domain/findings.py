"""Supervision acts (pengawasan) and the findings (temuan) that are set of them, or of first information that was traced.

Officers put each supervision act down in a Form A (Formulir Model A, laporan hasil pengawasan). In general elections a finding is
set of it (Perbawaslu 5/2022 art. 18); for local elections no such clause was read, so that nothing is asked there.
"""

from collections.abc import Sequence
from datetime import date

from agreement.enforcement import intake
from agreement.information import clauses
from agreement.parties import bawaslu_offices, identifiers, regions
from agreement.parties.bawaslu_numbers import Number
from bawaslu.intake.domain import checks
from bawaslu.intake.domain.commands import (
    EstablishFinding,
    RecordFinding,
    RecordIntakePlenary,
    RecordSupervision,
)
from bawaslu.intake.domain.events import Event, FindingRecorded, IntakePlenaryHeld, SupervisionRecorded
from bawaslu.intake.domain.state import Intake, State
from bawaslu.intake.domain.states import require
from refusals import ActWarning, Malformed

_FORM_A, _PLENARY = "form-a-pemilu", "finding-plenary-pemilu"


def record_supervision(subject: Intake, command: RecordSupervision, today: date) -> SupervisionRecorded:
    """Record a supervision act by its Form A. `today` is the legal date at the desk.

    Raises:
        Malformed: number, office, region, subjects or date cannot be right.
    """
    require(subject, command)
    regions.region(command.region, field="region")
    checks.not_future(command.supervised_date, today, "supervised_date")
    for index, code in enumerate(command.subjects):
        intake.subject(code, field=f"subjects[{index}]")
    return SupervisionRecorded(
        number=identifiers.decree_number(command.number, field="number"),
        election=command.election,
        office=bawaslu_offices.office(command.office),
        region=command.region,
        supervised_date=command.supervised_date,
        subjects=command.subjects,
        form_digest=command.form_digest,
    )


def record_finding(subject: Intake, command: RecordFinding, today: date) -> FindingRecorded:
    """Set a finding (temuan) of Bawaslu's own supervision (UU 7/2017 art. 454(5)).

    Raises:
        Malformed: number, region or dates cannot be right.
    """
    require(subject, command)
    number = checks.number(command.number, "FINDING", registered=False)
    regions.region(command.region, field="region")
    return _finding(number, command, today, region=command.region, form=command.form_number)


def establish_finding(subject: Intake, command: EstablishFinding, today: date) -> FindingRecorded:
    """Make a finding of first information that was traced, or of a supervision act, whose Form A it then names.

    Raises:
        Malformed: number or dates cannot be right, or the number is of another election or office.
    """
    require(subject, command)
    number = checks.number(command.number, "FINDING", registered=False)
    checks.same_election_and_office(number, subject, "number")
    return _finding(number, command, today, region=subject.region, form=subject.form_number)


def _finding(
    number: Number, command: RecordFinding | EstablishFinding, today: date, *, region: str, form: str
) -> FindingRecorded:
    checks.not_future(command.found_date, today, "found_date")
    if command.known_date > command.found_date:
        raise Malformed("found before it was discovered", field="known_date")
    if command.event_date > command.known_date:
        raise Malformed("discovered before it happened", field="event_date")
    return FindingRecorded(
        number=number.text,
        election=number.election,
        office=number.office,
        region=region,
        event_date=command.event_date,
        known_date=command.known_date,
        found_date=command.found_date,
        form_number=form,
    )


def record_plenary(subject: Intake, command: RecordIntakePlenary, today: date) -> IntakePlenaryHeld:
    """Record what a plenary decided on the intake.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(subject, command)
    number = identifiers.decree_number(command.minutes_number, field="minutes_number")
    start = subject.received_date
    checks.between(command.plenary_date, start, today, "plenary_date", "before it came in")
    return IntakePlenaryHeld(number, command.plenary_date, command.minutes_digest, command.decisions)


def without_plenary(subject: Intake, event: Event) -> Sequence[ActWarning]:
    """Warn of a finding of supervision in a general election on which no plenary decided (Perbawaslu 5/2022 art. 18)."""
    clause = clauses.clause(_PLENARY)
    if not isinstance(event, FindingRecorded) or subject.state != State.SUPERVISED:
        return ()
    if (
        event.election != "PEMILU"
        or "FINDING" in subject.plenary_decisions
        or not clause.on(event.found_date)
    ):
        return ()
    return [
        ActWarning(
            "no plenary is recorded that decided that it is a finding ({basis})",
            reason="NO_PLENARY",
            basis=clause.basis,
        )
    ]


def without_form(event: FindingRecorded) -> Sequence[ActWarning]:
    """Warn of a finding of own supervision in a general election that names no Form A (Perbawaslu 5/2022 art. 18).

    It is taken all the same: the form may be on paper, and registers of before have none.
    """
    clause = clauses.clause(_FORM_A)
    if event.election != "PEMILU" or event.form_number or not clause.on(event.found_date):
        return ()
    return [
        ActWarning(
            "no Form A is named, of which a finding is set ({basis})", reason="NO_FORM_A", basis=clause.basis
        )
    ]
