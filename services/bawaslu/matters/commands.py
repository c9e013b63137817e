"""Commands on a matter as rows, and plain functions for what registers one or gives its person."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from agreement.entities import replace
from agreement.parties import bawaslu_numbers
from bawaslu.matters import wire
from bawaslu.matters.domain import answers, changes, commands, events, offences, rules, states
from bawaslu.matters.domain.matter import Matter, blank
from bawaslu.matters.domain.reported_person import check
from bawaslu.matters.tables import MATTERS
from exchange.delivery.entity_store import number_key, use_new_number, use_number
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import desk_requests
from host.command_rows import (
    CallContext,
    Function,
    Number,
    Possibility,
    Row,
    Sending,
    Subject,
    by_state,
    carry_out,
    personal_part,
)
from netral.bawaslu.v1 import service_pb2 as pb
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from refusals import NotFound, Unavailable

REFERRED = "netral.supervisor.referred.v1"
COMPLETED = "netral.supervisor.completed.v1"
OFFENCE_FORWARDED = "netral.supervisor.offence_forwarded.v1"
OFFENCE_PROGRESSED = "netral.supervisor.offence_progressed.v1"
ANSWERED = "netral.supervisor.information_answered.v1"


def tell_authority(tx: Transaction, matter: Matter, event: events.Event) -> None:
    """Tell the authority whose first information led to a matter what happened to it. `matter` is as it stands after."""
    answer = answers.answer_for_person(matter, event, tx.today) if matter.informant else None
    if answer is not None:
        facts = wire.answered(answer)
        tx.send(ANSWERED, matter.informant, matter.information, matter.case_id, facts, cause=tx.cause)


def keep(tx: Transaction, matter: Matter, event: events.Event) -> Matter:
    """Save a matter after an event; an authority that informed is told."""
    changed = replace(changes.apply(matter, event), updated=tx.now)
    MATTERS.save(tx, matter.id, changed)
    tell_authority(tx, changed, event)
    return changed


MATTER: Subject[Matter, events.Event] = Subject(
    MATTERS.keys, MATTERS.existing, keep, wire.EVENTS.to_message, possible=by_state(states.POSSIBLE)
)
STUDY, LETTER = Number("study", "study_number"), Number("letter", "letter_number")


def _to_examiner(matter: Matter, event: events.Event) -> Sequence[Sending]:
    """A matter that is referred goes to the examiner that the referral names, and all that follows to the matter's."""
    if isinstance(event, events.Referred):
        return [Sending(REFERRED, event.examiner, matter.heard), *_offence_of(matter, event.examiner)]
    return [Sending(COMPLETED, matter.examiner, matter.heard)]


def _offence_of(matter: Matter, examiner: str) -> Sequence[Sending]:
    """Statements on an offence that was forwarded before, to an examiner that the matter is first referred to."""
    if examiner == matter.examiner:
        return ()
    told = (offences.forwarded(matter), offences.progressed(matter))
    return [_on_offence(examiner, matter, event) for event in told if event is not None]


def _on_offence(
    examiner: str, matter: Matter, event: events.OffenceForwarded | events.OffenceProgressed
) -> Sending:
    type = OFFENCE_FORWARDED if isinstance(event, events.OffenceForwarded) else OFFENCE_PROGRESSED
    return Sending(type, examiner, matter.heard, wire.EVENTS.to_message(event), sealed=False)


def _offence_to_examiner(matter: Matter, event: events.Event) -> Sequence[Sending]:
    """The examiner of a matter that was referred is told of the criminal track beside it."""
    if not matter.examiner or not isinstance(event, events.OffenceForwarded | events.OffenceProgressed):
        return ()
    return [_on_offence(matter.examiner, matter, event)]


async def register(context: CallContext, request: pb.RegisterMatterRequest) -> Act:
    """Register a matter, in a case that is there or a new one. Who reported never leaves this desk."""
    party = desk_requests.parse_institution_name(request.parent)
    command = protobuf_mapping.to_dataclass(request, commands.RegisterMatter)
    person = wire.person(request.person)
    file, reporter = personal_part(request.description, request.person), personal_part(request.reporter)
    number = bawaslu_numbers.canonical(request.number)

    def handle(tx: Transaction) -> Record:
        check(person)
        case_id = request.case_id
        if case_id and tx.get(number_key(party, "case", case_id)) is None:
            raise NotFound("there is no such case at this party", field="case_id")
        matter = blank(party, tx.desk.new_id(), case_id or tx.desk.new_id(), tx.now)
        event = rules.register(matter, command, person.employment, tx.today)
        use_number(tx, "report", number, matter.id, field="number")
        if not case_id:
            use_new_number(tx, "case", matter.case_id, matter.id)
        if reporter:
            tx.record("bawaslu.keep_reporter", matter.id, matter.case_id, "", part=reporter)
        return carry_out(MATTER, "bawaslu.register", tx, matter, event, (), filed=file)

    keys = [number_key(party, "report", number), number_key(party, "case", request.case_id)]
    return await desk_requests.run_command(context.commands, request, party, keys, handle)


async def refer(context: CallContext, request: pb.ReferMatterRequest) -> Act:
    """Refer the matter to whoever holds the examiner role now; the person is sealed to the examiner."""
    examiners = context.desk.trust.holders("examiner", context.desk.now())
    return await replace(REFER, rule=partial(_refer_to, examiners)).answer(context, request)


def _refer_to(
    examiners: Sequence[str], matter: Matter, command: commands.ReferMatter, today: date
) -> events.Referred:
    if len(examiners) != 1:
        raise Unavailable("nobody, or more than one, holds the examiner role now", reason="NO_EXAMINER")
    return rules.refer(matter, command, examiners[0], today)


REFER: Row[pb.ReferMatterRequest, commands.ReferMatter, Matter, events.Event] = Row(
    pb.ReferMatterRequest,
    partial(_refer_to, ()),
    "bawaslu.refer",
    MATTER,
    (LETTER,),
    _to_examiner,
    passes_on=True,
)


async def complete(context: CallContext, request: pb.CompleteReferralRequest) -> Act:
    """Complete a referral: the person, if given, and remarks are sealed to the examiner and kept in the file."""
    party, id = desk_requests.parse_resource_name(request.name)
    command = protobuf_mapping.to_dataclass(request, commands.CompleteReferral)
    named = request.HasField("person")
    person = wire.person(request.person) if named else None
    part = personal_part(request.remarks, request.person if named else None)

    def handle(tx: Transaction) -> Record:
        if person is not None:
            check(person)
        matter = MATTERS.existing(tx, id)
        event = rules.complete(matter, command, person, tx.today)
        use_number(tx, "letter", event.letter_number, id, field="letter_number")
        if event.study_number:
            use_number(tx, "study", event.study_number, id, field="study_number")
        sendings = _to_examiner(matter, event)
        return carry_out(MATTER, "bawaslu.complete", tx, matter, event, sendings, sealed=part, filed=part)

    keys = [
        MATTERS.key(party, id),
        number_key(party, "letter", request.letter_number),
        number_key(party, "study", request.study_number),
    ]
    return await desk_requests.run_command(context.commands, request, party, keys, handle)


METHODS = (
    Function(pb.RegisterMatterRequest, register),
    Row(
        pb.ConcludeStudyRequest,
        rules.conclude_study,
        "bawaslu.conclude_study",
        MATTER,
        (STUDY,),
    ),
    Row(pb.RecordPlenaryRequest, rules.record_plenary, "bawaslu.record_plenary", MATTER),
    Function(pb.ReferMatterRequest, refer, REFER.possibility),
    Row(
        pb.ForwardOffenceRequest,
        offences.forward,
        "bawaslu.forward_offence",
        MATTER,
        (LETTER,),
        _offence_to_examiner,
    ),
    Row(
        pb.RecordOffenceStepRequest,
        offences.record_step,
        "bawaslu.record_offence_step",
        MATTER,
        sends=_offence_to_examiner,
    ),
    Function(
        pb.CompleteReferralRequest,
        complete,
        Possibility("bawaslu.complete", MATTER, commands.CompleteReferral),
    ),
)
