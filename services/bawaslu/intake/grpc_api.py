"""Way in 1, before there is a matter. Translates the request and runs the handler; no rule is here."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import grpc

from bawaslu.intake import commands as handlers
from bawaslu.intake import reads, wire
from bawaslu.intake.domain import commands as commands_of
from bawaslu.tables import intake_key
from bawaslu.wire import Record
from exchange.context import FactKey, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key, number_key
from exchange.delivery.transaction import Transaction
from host import case_files, front_door
from host.front_door import READERS, WRITERS
from netral.bawaslu.v1 import intake_pb2 as pb
from netral.bawaslu.v1 import intake_pb2_grpc
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from refusals import NotFound

WRITE, READ = "netral.bawaslu.v1.IntakeService", "netral.bawaslu.v1.IntakeReadService"
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, pb.DESCRIPTOR)


class Intake(intake_pb2_grpc.IntakeServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: HostContext, commands: Commands) -> None:
        self._desk, self._commands = desk, commands

    async def ReceiveReport(self, request: pb.ReceiveReportRequest, context: Any) -> Act:
        party = front_door.parse_institution_name(request.parent)
        command = wire.command(request, commands_of.ReceiveReport)
        part, reporter = wire.part(request.description), wire.part(request.reporter)
        return await self._act(
            request,
            party,
            [number_key(party, "report", request.number)],
            lambda tx: handlers.receive_report(tx, command, part, reporter),
        )

    async def ReceiveInformation(self, request: pb.ReceiveInformationRequest, context: Any) -> Act:
        party = front_door.parse_institution_name(request.parent)
        command = wire.command(request, commands_of.ReceiveInformation)
        part, reporter = wire.part(request.description), wire.part(request.reporter)
        return await self._act(
            request,
            party,
            [number_key(party, "information", request.number)],
            lambda tx: handlers.receive_information(tx, command, part, reporter),
        )

    async def RecordFinding(self, request: pb.RecordFindingRequest, context: Any) -> Act:
        party = front_door.parse_institution_name(request.parent)
        command = wire.command(request, commands_of.RecordFinding)
        part = wire.part(request.description)
        return await self._act(
            request,
            party,
            [number_key(party, "report", request.number)],
            lambda tx: handlers.record_finding(tx, command, part),
        )

    async def StartTracing(self, request: pb.StartTracingRequest, context: Any) -> Act:
        return await self._step(request, commands_of.StartTracing)

    async def EstablishFinding(self, request: pb.EstablishFindingRequest, context: Any) -> Act:
        return await self._step(request, commands_of.EstablishFinding, request.description)

    async def CloseInformation(self, request: pb.CloseInformationRequest, context: Any) -> Act:
        return await self._step(request, commands_of.CloseInformation, request.remarks)

    async def AssessReport(self, request: pb.AssessReportRequest, context: Any) -> Act:
        return await self._step(request, commands_of.AssessReport)

    async def CompleteReport(self, request: pb.CompleteReportRequest, context: Any) -> Act:
        return await self._step(request, commands_of.CompleteReport, request.remarks)

    async def DelegateIntake(self, request: pb.DelegateIntakeRequest, context: Any) -> Act:
        return await self._step(request, commands_of.DelegateIntake)

    async def RegisterIntake(self, request: pb.RegisterIntakeRequest, context: Any) -> Act:
        party, id = front_door.parse_matter_name(request.name)
        command = wire.command(request, commands_of.RegisterIntake)
        persons = [wire.reported(each) for each in request.persons]
        return await self._act(
            request,
            party,
            [intake_key(party, id), number_key(party, "report", request.registration_number)],
            lambda tx: handlers.register(tx, id, command, persons),
        )

    async def DeclineRegistration(self, request: pb.DeclineRegistrationRequest, context: Any) -> Act:
        return await self._step(request, commands_of.DeclineRegistration, request.remarks)

    async def InviteToClarification(self, request: pb.InviteToClarificationRequest, context: Any) -> Act:
        return await self._step(request, commands_of.InviteToClarification)

    async def RecordClarification(self, request: pb.RecordClarificationRequest, context: Any) -> Act:
        return await self._step(request, commands_of.RecordClarification)

    async def ExtendStudy(self, request: pb.ExtendStudyRequest, context: Any) -> Act:
        return await self._step(request, commands_of.ExtendStudy, request.remarks)

    async def ConcludeIntake(self, request: pb.ConcludeIntakeRequest, context: Any) -> Act:
        party, id = front_door.parse_matter_name(request.name)
        command = wire.command(request, commands_of.ConcludeIntake)
        keys = [intake_key(party, id), number_key(party, "study", request.study_number)]
        keys += [matter_key(party, each.matter) for each in request.conclusions]
        return await self._act(request, party, keys, lambda tx: handlers.conclude(tx, id, command))

    async def ReadIntakeFile(
        self, request: pb.ReadIntakeFileRequest, context: Any
    ) -> person_pb2.ReadFileResponse:
        party, id = front_door.parse_matter_name(request.name)
        act = await self._reading(request, party, id, "bawaslu.read_intake_file")
        entries = await case_files.opened(self._desk, party, id)
        return person_pb2.ReadFileResponse(entries=entries, record=act.record)

    async def ReadReporter(
        self, request: pb.ReadReporterRequest, context: Any
    ) -> person_pb2.ReadFileResponse:
        party, id = front_door.parse_matter_name(request.name)
        act = await self._reading(request, party, id, "bawaslu.read_reporter")
        row = await reads.intake(self._desk.database, party, id)
        entries = await case_files.opened(self._desk, party, row.reporter)
        return person_pb2.ReadFileResponse(entries=entries, record=act.record)

    async def _step(self, request: Any, kind: type[commands_of.Command], said: str = "") -> Act:
        """What changes one intake and nothing else; `said` goes into its file."""
        party, id = front_door.parse_matter_name(request.name)
        command = wire.command(request, kind)
        keys = [intake_key(party, id)]
        if number := handlers.STEPS[kind].number:
            keys.append(number_key(party, number[0], getattr(request, number[1])))
        part = wire.part(said)
        return await self._act(request, party, keys, lambda tx: handlers.take_step(tx, id, command, part))

    async def _reading(self, request: Any, party: str, id: str, action: str) -> Act:
        """Record that somebody reads what is kept on persons."""

        def record(tx: Transaction) -> Record:
            intake = handlers.intake_for_change(tx, id)
            if action == "bawaslu.read_reporter" and not intake.reporter:
                raise NotFound("no reporter was named", field="name")
            facts = person_pb2.FileRead(purpose=request.purpose)
            return tx.record(action, id, intake.case_id, intake.state, facts)

        return await self._act(request, party, [intake_key(party, id)], record)

    async def _act(
        self, request: Any, party: str, keys: Sequence[FactKey], handler: Callable[[Transaction], Record]
    ) -> Act:
        act = await front_door.run_command(self._commands, request, party, keys, handler)
        act.matter = act.matter.replace("/matters/", "/intakes/")
        return act


class IntakeRead(intake_pb2_grpc.IntakeReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._desk = desk

    async def GetIntake(self, request: pb.GetIntakeRequest, context: Any) -> pb.Intake:
        party, id = front_door.parse_matter_name(request.name)
        return wire.intake(await reads.intake(self._desk.database, party, id), self._today(party))

    async def ListIntakes(self, request: pb.ListIntakesRequest, context: Any) -> pb.ListIntakesResponse:
        party = front_door.parse_institution_name(request.parent)
        rows, token = await reads.page(self._desk.database, party, request)
        intakes = [wire.intake(row, self._today(party)) for row in rows]
        return pb.ListIntakesResponse(intakes=intakes, next_page_token=token)

    def _today(self, party: str) -> date:
        return self._desk.now().astimezone(self._desk.law.zone(party)).date()


def register(server: grpc.aio.Server, desk: HostContext, commands: Commands) -> Sequence[str]:
    """Add the services of intake to a server."""
    intake_pb2_grpc.add_IntakeServiceServicer_to_server(Intake(desk, commands), server)
    intake_pb2_grpc.add_IntakeReadServiceServicer_to_server(IntakeRead(desk), server)
    return WRITE, READ
