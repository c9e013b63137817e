"""Commands of officers before there is a matter: rows, and plain functions for what opens an intake or touches its matters.

An intake stays at Bawaslu; only an authority whose own statement opened it is told of its stages (`answers`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TypeVar

from google.protobuf.message import Message

from agreement.entities import replace
from agreement.parties import bawaslu_numbers
from bawaslu.intake import wire
from bawaslu.intake.domain import answers, commands, findings, rules, states
from bawaslu.intake.domain.events import Event, FindingRecorded
from bawaslu.intake.domain.state import Intake, apply, blank
from bawaslu.intake.tables import INTAKES, IntakeRow
from bawaslu.intake.wire import Reported
from bawaslu.matters import wire as matters_wire
from bawaslu.matters.commands import ANSWERED
from bawaslu.matters.commands import keep as keep_matter
from bawaslu.matters.domain import rules as matters
from bawaslu.matters.domain.commands import ConcludeStudy, RegisterMatter
from bawaslu.matters.domain.events import Event as MatterEvent
from bawaslu.matters.domain.events import Registered
from bawaslu.matters.domain.matter import Matter
from bawaslu.matters.domain.matter import blank as blank_matter
from bawaslu.matters.domain.reported_person import check
from bawaslu.matters.tables import MATTERS
from exchange.context import FactKey
from exchange.delivery.entity_store import number_key, use_new_number, use_number
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import case_files, desk_requests, reads
from host.command_rows import (
    CallContext,
    Function,
    Number,
    Possibility,
    Row,
    Subject,
    by_state,
    personal_part,
)
from host.desk_requests import text_of
from netral.bawaslu.v1 import intake_pb2 as pb
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from refusals import ActWarning, Malformed, NotFound

R = TypeVar("R", bound=Message)
C = TypeVar(
    "C",
    commands.ReceiveReport,
    commands.ReceiveInformation,
    commands.RecordSupervision,
    commands.RecordFinding,
)


def keep(tx: Transaction, intake: Intake, event: Event) -> Intake:
    """Save an intake after an event; an authority that informed is told."""
    changed = replace(apply(intake, event), updated=tx.now)
    INTAKES.save(tx, intake.id, changed)
    answer = answers.answer_for_intake(event) if changed.statement else None
    if answer is not None:
        facts = matters_wire.answered(answer)
        tx.send(ANSWERED, changed.informant, changed.id, changed.case_id, facts, cause=changed.statement)
    return changed


INTAKE: Subject[Intake, Event] = Subject(
    INTAKES.keys,
    INTAKES.existing,
    keep,
    wire.EVENTS.to_message,
    "intakes",
    possible=by_state(states.POSSIBLE),
)

ROWS = (
    Row(pb.StartTracingRequest, rules.start_tracing, "bawaslu.start_tracing", INTAKE),
    Row(
        pb.EstablishFindingRequest,
        findings.establish_finding,
        "bawaslu.establish_finding",
        INTAKE,
        (Number("report", "number", spelled=bawaslu_numbers.canonical),),
        filed="description",
        warns=findings.without_plenary,
    ),
    Row(pb.RecordIntakePlenaryRequest, findings.record_plenary, "bawaslu.record_intake_plenary", INTAKE),
    Row(
        pb.CloseInformationRequest,
        rules.close_information,
        "bawaslu.close_information",
        INTAKE,
        filed="remarks",
    ),
    Row(pb.AssessReportRequest, rules.assess, "bawaslu.assess", INTAKE),
    Row(
        pb.CompleteReportRequest,
        rules.complete,
        "bawaslu.complete",
        INTAKE,
        filed="remarks",
    ),
    Row(pb.DelegateIntakeRequest, rules.delegate, "bawaslu.delegate", INTAKE),
    Row(
        pb.DeclineRegistrationRequest,
        rules.decline,
        "bawaslu.decline_registration",
        INTAKE,
        filed="remarks",
    ),
    Row(
        pb.InviteToClarificationRequest,
        rules.invite,
        "bawaslu.invite",
        INTAKE,
    ),
    Row(
        pb.ExtendStudyRequest,
        rules.extend_study,
        "bawaslu.extend_study",
        INTAKE,
        (Number("letter", "letter_number"),),
        filed="remarks",
    ),
    Row(
        pb.RecordClarificationRequest,
        rules.record_clarification,
        "bawaslu.record_clarification",
        INTAKE,
    ),
)


def opens(
    request: type[R],
    command: type[C],
    rule: Callable[[Intake, C, str, date], Event],
    action: str,
    kind: str,
    warns: Callable[[Event], Sequence[ActWarning]] = lambda event: (),
) -> Function[R, Act]:
    """An act that opens an intake under a number of a kind; `rule` is given the reporter's pseudonym, "" if none is named.

    A Form A that the request names must have been recorded here.
    """

    async def open_intake(context: CallContext, asked: R) -> Act:
        party, number = (
            desk_requests.parse_institution_name(text_of(asked, "parent")),
            bawaslu_numbers.canonical(text_of(asked, "number")),
        )
        said = protobuf_mapping.to_dataclass(asked, command)
        part = personal_part(text_of(asked, "description"))
        named = "reporter" in asked.DESCRIPTOR.fields_by_name
        reporter = personal_part(text_of(asked, "reporter")) if named else b""
        form = text_of(asked, "form_number") if "form_number" in asked.DESCRIPTOR.fields_by_name else ""

        def handle(tx: Transaction) -> Record:
            intake = blank(party, tx.desk.new_id(), tx.desk.new_id(), tx.now)
            pseudonym = tx.desk.new_id() if reporter else ""
            event = rule(intake, said, pseudonym, tx.today)
            if form and tx.get(number_key(party, "form", form)) is None:
                raise NotFound("there is no such Form A at this party", field="form_number")
            use_number(tx, kind, number, intake.id, field="number")
            use_new_number(tx, "case", intake.case_id, intake.id)
            if pseudonym:  # a file of its own, with a key of its own
                tx.record("bawaslu.keep_reporter", pseudonym, intake.case_id, "", part=reporter)
            kept = keep(tx, intake, event)
            facts = wire.EVENTS.to_message(event)
            return tx.record(
                action, intake.id, intake.case_id, kept.state, facts, part, warnings=warns(event)
            )

        keys: list[FactKey] = [number_key(party, kind, number)]
        if form:
            keys.append(number_key(party, "form", form))
        return await _run(context, asked, party, keys, handle)

    return Function(request, open_intake)


def _record_finding(intake: Intake, command: commands.RecordFinding, reporter: str, today: date) -> Event:
    return findings.record_finding(intake, command, today)


def _record_supervision(
    intake: Intake, command: commands.RecordSupervision, reporter: str, today: date
) -> Event:
    return findings.record_supervision(intake, command, today)


def _without_form(event: Event) -> Sequence[ActWarning]:
    return findings.without_form(event) if isinstance(event, FindingRecorded) else ()


async def register(context: CallContext, request: pb.RegisterIntakeRequest) -> Act:
    """Register an intake: a matter for each reported person, all of its case."""
    party, id = desk_requests.parse_resource_name(request.name)
    command = protobuf_mapping.to_dataclass(request, commands.RegisterIntake)
    persons = [wire.reported(each) for each in request.persons]
    number = bawaslu_numbers.canonical(request.registration_number)

    def handle(tx: Transaction) -> Record:
        intake = INTAKES.existing(tx, id)
        ids = [tx.desk.new_id() for _ in persons]
        event = rules.register(intake, command, ids, tx.today)
        use_number(tx, "report", number, id, field="registration_number")
        _nobody_twice(persons)
        for index, (matter, reported) in enumerate(zip(ids, persons, strict=True)):
            with _within(f"persons[{index}]"):
                _open_matter(tx, intake, matter, event.registration_number, reported, index + 1)
        state = keep(tx, intake, event).state
        return tx.record("bawaslu.register_intake", id, intake.case_id, state, wire.EVENTS.to_message(event))

    return await _run(
        context, request, party, [*INTAKES.keys(party, id), number_key(party, "report", number)], handle
    )


async def conclude(context: CallContext, request: pb.ConcludeIntakeRequest) -> Act:
    """Conclude the study of the whole, and of each matter that it names."""
    party, id = desk_requests.parse_resource_name(request.name)
    command = wire.conclusion(request)
    keys = [*INTAKES.keys(party, id), number_key(party, "study", command.study_number)]
    keys += [MATTERS.key(party, each.matter) for each in command.conclusions]

    def handle(tx: Transaction) -> Record:
        intake = INTAKES.existing(tx, id)
        event = rules.conclude(intake, command, tx.today)
        use_number(tx, "study", event.study_number, id, field="study_number")
        for index, conclusion in enumerate(command.conclusions):
            with _within(f"conclusions[{index}]"):
                _conclude_matter(tx, command, conclusion)
        state = keep(tx, intake, event).state
        return tx.record("bawaslu.conclude_intake", id, intake.case_id, state, wire.EVENTS.to_message(event))

    return await _run(context, request, party, keys, handle)


async def read_file(context: CallContext, request: pb.ReadIntakeFileRequest) -> person_pb2.ReadFileResponse:
    """Record the reading of an intake's file, then open it."""
    party, id = desk_requests.parse_resource_name(request.name)
    record = await _reading(context, request, "bawaslu.read_intake_file", request.purpose)
    entries = await case_files.opened(context.desk, party, id)
    return person_pb2.ReadFileResponse(entries=entries, record=record)


async def read_reporter(context: CallContext, request: pb.ReadReporterRequest) -> person_pb2.ReadFileResponse:
    """Record the reading of who reported, then open it."""
    party, id = desk_requests.parse_resource_name(request.name)
    record = await _reading(context, request, "bawaslu.read_reporter", request.purpose)
    row = await reads.one(context.desk.database, IntakeRow, party, id, "intake")
    entries = await case_files.opened(context.desk, party, row.reporter)
    return person_pb2.ReadFileResponse(entries=entries, record=record)


METHODS = (
    opens(
        pb.ReceiveReportRequest,
        commands.ReceiveReport,
        rules.receive_report,
        "bawaslu.receive_report",
        "report",
    ),
    opens(
        pb.ReceiveInformationRequest,
        commands.ReceiveInformation,
        rules.receive_information,
        "bawaslu.receive_information",
        "information",
    ),
    opens(
        pb.RecordSupervisionRequest,
        commands.RecordSupervision,
        _record_supervision,
        "bawaslu.record_supervision",
        "form",
    ),
    opens(
        pb.RecordFindingRequest,
        commands.RecordFinding,
        _record_finding,
        "bawaslu.record_finding",
        "report",
        _without_form,
    ),
    *ROWS,
    Function(
        pb.RegisterIntakeRequest,
        register,
        Possibility("bawaslu.register_intake", INTAKE, commands.RegisterIntake),
    ),
    Function(
        pb.ConcludeIntakeRequest,
        conclude,
        Possibility("bawaslu.conclude_intake", INTAKE, commands.ConcludeIntake),
    ),
    Function(pb.ReadIntakeFileRequest, read_file),
    Function(pb.ReadReporterRequest, read_reporter),
)


async def _run(
    context: CallContext,
    request: Message,
    party: str,
    keys: Sequence[FactKey],
    handle: Callable[[Transaction], Record],
) -> Act:
    return await desk_requests.run_command(
        context.commands, request, party, keys, handle, collection=INTAKE.collection
    )


async def _reading(
    context: CallContext, request: Message, action: str, purpose: person_pb2.ReadPurpose.ValueType
) -> str:
    """Record that somebody reads personal data that an intake has; gives the record."""
    party, id = desk_requests.parse_resource_name(text_of(request, "name"))

    def record(tx: Transaction) -> Record:
        intake = INTAKES.existing(tx, id)
        if action == "bawaslu.read_reporter" and not intake.reporter:
            raise NotFound("no reporter was named", field="name")
        facts = person_pb2.FileRead(purpose=purpose)
        return tx.record(action, id, intake.case_id, intake.state, facts)

    act = await _run(context, request, party, INTAKES.keys(party, id), record)
    return act.record


def _open_matter(
    tx: Transaction, intake: Intake, id: str, number: str, reported: Reported, place: int
) -> None:
    employer, person, part = reported
    if intake.event_date is None or intake.known_date is None:
        raise AssertionError("reports and findings have their dates")
    check(person)
    command = RegisterMatter(
        intake.origin, number, intake.region, intake.event_date, intake.known_date, employer
    )
    matter = blank_matter(tx.party, id, intake.case_id, tx.now)
    event = matters.register(matter, command, person.employment, tx.today)
    _keep_matter(tx, "bawaslu.register", matter, _of_information(event, intake, place), part)


def _conclude_matter(
    tx: Transaction, command: commands.ConcludeIntake, conclusion: commands.MatterConclusion
) -> None:
    matter = MATTERS.find(tx, conclusion.matter)
    if matter is None:
        raise AssertionError("the matters of an intake are kept with it")
    study = ConcludeStudy(
        command.study_number,
        command.study_date,
        "OTHER_LAW_VIOLATION" if conclusion.suspected_acts else "NOT_A_VIOLATION",
        conclusion.suspected_acts,
        command.study_digest,
    )
    concluded = replace(
        matters.conclude_study(matter, study, tx.today), plenary_number=command.plenary_number
    )
    _keep_matter(tx, "bawaslu.conclude_study", matter, concluded)


def _keep_matter(tx: Transaction, action: str, matter: Matter, event: MatterEvent, part: bytes = b"") -> None:
    changed = keep_matter(tx, matter, event)
    facts = matters_wire.EVENTS.to_message(event)
    tx.record(action, matter.id, matter.case_id, changed.state, facts, part)


def _of_information(event: Registered, intake: Intake, place: int) -> Registered:
    """The registration of a person of an intake, with where it came from if an authority's statement opened it."""
    if not intake.statement:
        return event
    return replace(event, informant=intake.informant, information=intake.id, place=place)


def _nobody_twice(persons: Sequence[Reported]) -> None:
    known = [person.nip or person.nik for _, person, _ in persons]
    for index, identifier in enumerate(known):
        if identifier in known[:index]:
            raise Malformed("this person is named twice", field=f"persons[{index}].person")


@contextmanager
def _within(path: str) -> Iterator[None]:
    """Name the field at fault from the request's root."""
    try:
        yield
    except Malformed as refusal:
        refusal.field = f"{path}.{refusal.field}"
        raise
