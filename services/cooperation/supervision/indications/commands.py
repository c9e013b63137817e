"""Commands of an authority's internal team: a row, and plain functions for what begins an indication or passes it on."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from agreement.enforcement import copies
from agreement.parties import institutions
from cooperation.supervision.indications import domain, wire
from cooperation.supervision.indications.domain import Indication, State
from cooperation.supervision.indications.tables import INDICATIONS
from cooperation.supervision.shared_tables import NUMBER
from exchange.delivery.entity_store import use_number
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import case_files, desk_requests
from host.command_rows import (
    CallContext,
    Function,
    Method,
    Possibility,
    Row,
    Subject,
    carry_out,
    personal_part,
)
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.supervision.v1 import indications_pb2 as pb
from refusals import NotAllowed, Unavailable
from storage.engines import Database

PASSED = "netral.personnel_authority.information_passed.v1"

Teams = Callable[[Database, str], Awaitable[Collection[str]]]
"""The numbers of the decrees by which a party registered its internal teams; a host has them from prevention."""


def keep(tx: Transaction, indication: Indication, event: domain.Settled | domain.Passed) -> Indication:
    """Save an indication after what the authority did."""
    changed = replace(domain.apply(indication, event), updated=tx.now)
    INDICATIONS.save(tx, indication.id, changed)
    return changed


INDICATION: Subject[Indication, domain.Settled | domain.Passed] = Subject(
    INDICATIONS.keys,
    INDICATIONS.existing,
    keep,
    wire.EVENTS.to_message,
    "indications",
    possible=lambda indication, command: indication.state == State.RECORDED,
)


def records(teams: Teams) -> Function[pb.RecordIndicationRequest, Act]:
    """The act that records an indication; `teams` gives the registered teams' numbers."""

    async def record(context: CallContext, request: pb.RecordIndicationRequest) -> Act:
        party = desk_requests.parse_institution_name(request.parent)
        command, part = wire.record(request)
        # A team that was registered stays so: nothing is lost by looking before the command is committed.
        registered = await teams(context.desk.database, party)

        def handle(tx: Transaction) -> Record:
            if not tx.holds(institutions.PERSONNEL_AUTHORITY):
                raise NotAllowed("only a personnel authority has a team of its own", reason="ROLE_NOT_HELD")
            event = domain.record(command, registered, tx.today)
            indication = domain.begin(party, tx.desk.new_id(), event, tx.now)
            INDICATIONS.save(tx, indication.id, indication)
            facts, id = wire.EVENTS.to_message(event), indication.id
            return tx.record("supervision.record", id, id, indication.state, facts, part)

        return await desk_requests.run_command(
            context.commands, request, party, [], handle, collection=INDICATION.collection
        )

    return Function(pb.RecordIndicationRequest, record)


async def pass_on(context: CallContext, request: pb.PassIndicationRequest) -> Act:
    """Pass an indication to the supervisor, with its file, sealed."""
    party, id = desk_requests.parse_resource_name(request.name)
    command = protobuf_mapping.to_dataclass(request, domain.PassIndication)

    def handle(tx: Transaction) -> Record:
        indication = INDICATIONS.existing(tx, id)
        event = domain.pass_on(indication, command, tx.today)
        supervisors = tx.desk.trust.holders(institutions.SUPERVISOR, tx.now)
        if len(supervisors) != 1:
            raise Unavailable(
                "nobody, or more than one, holds the supervisor role now", reason="NO_SUPERVISOR"
            )
        use_number(tx, "letter", event.letter_number, id, field="letter_number", word=NUMBER)
        part = wire.part_to_pass(tx, id, request.remarks)
        statement = tx.send(PASSED, supervisors[0], id, id, wire.EVENTS.to_message(event), part=part)
        _tell_others(tx, id, event, supervisors[0], statement)
        passed = replace(indication, supervisor=supervisors[0], statement=statement)
        remarks = personal_part(request.remarks)
        return carry_out(INDICATION, "supervision.pass", tx, passed, event, (), filed=remarks)

    keys = [INDICATIONS.key(party, id), (NUMBER, party, "letter", request.letter_number)]
    return await desk_requests.run_command(
        context.commands, request, party, keys, handle, [(party, id)], INDICATION.collection
    )


def _tell_others(tx: Transaction, id: str, event: domain.Passed, supervisor: str, statement: str) -> None:
    """Send copies to those that are parties (KPU): codes and dates, without the file."""
    for copy in copies.recipients(PASSED, supervisor, supervisor, tx.today):
        if tx.desk.trust.get(copy.recipient) is not None:
            tx.send(PASSED, copy.recipient, id, id, wire.EVENTS.to_message(event), copy_of=statement)


async def read_file(
    context: CallContext, request: pb.ReadIndicationFileRequest
) -> person_pb2.ReadFileResponse:
    """Record the reading of an indication's file, then open it."""
    party, id = desk_requests.parse_resource_name(request.name)

    def record(tx: Transaction) -> Record:
        state = INDICATIONS.existing(tx, id).state
        return tx.record("supervision.read_file", id, id, state, person_pb2.FileRead(purpose=request.purpose))

    act = await desk_requests.run_command(
        context.commands, request, party, INDICATIONS.keys(party, id), record
    )
    entries = await case_files.opened(context.desk, party, id)
    return person_pb2.ReadFileResponse(entries=entries, record=act.record)


def methods(teams: Teams) -> tuple[Method, ...]:
    """The acts of a host whose parties have these teams."""
    return (
        records(teams),
        Row(
            pb.SettleIndicationRequest,
            domain.settle,
            "supervision.settle",
            INDICATION,
            filed="remarks",
        ),
        Function(
            pb.PassIndicationRequest,
            pass_on,
            Possibility("supervision.pass", INDICATION, domain.PassIndication),
        ),
        Function(pb.ReadIndicationFileRequest, read_file),
    )
