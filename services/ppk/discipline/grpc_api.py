"""Way in 1 for the discipline procedure. Translates the request and runs the handler; no rule is here."""

from collections.abc import Callable, Sequence
from typing import Any

import grpc

from agreement.clocks import calendar
from exchange.context import FactKey, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key, number_key
from exchange.delivery.transaction import Transaction
from host import front_door
from host.front_door import READERS, WRITERS
from netral.exchange.v1.service_pb2 import Act
from netral.ppk.v1 import discipline_service_pb2 as pb
from netral.ppk.v1 import discipline_service_pb2_grpc as pb_grpc
from ppk import wire
from ppk.discipline import commands as handlers
from ppk.discipline.domain import proceedings
from ppk.discipline.domain import rules as domain
from ppk.recommendations import reads
from ppk.tables import proceeding_key
from ppk.wire import Record

WRITE, READ = "netral.ppk.v1.DisciplineService", "netral.ppk.v1.DisciplineReadService"
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, pb.DESCRIPTOR)


class Discipline(pb_grpc.DisciplineServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: HostContext, commands: Commands) -> None:
        self._desk, self._commands = desk, commands

    async def CheckEmployee(self, request: pb.CheckEmployeeRequest, context: Any) -> Act:
        command = wire.command(request, domain.CheckEmployee)
        return await self._act(request, lambda tx, id: handlers.check_employee(tx, id, command))

    async def FormTeam(self, request: pb.FormTeamRequest, context: Any) -> Act:
        command, part = wire.command(request, domain.FormTeam), wire.remarks(request.remarks)
        return await self._act(
            request,
            lambda tx, id: handlers.form_team(tx, id, command, part),
            ("decree", request.decree_number),
        )

    async def Summon(self, request: pb.SummonRequest, context: Any) -> Act:
        command = wire.command(request, domain.Summon)
        return await self._act(
            request, lambda tx, id: handlers.summon(tx, id, command), ("letter", request.letter_number)
        )

    async def RecordAbsence(self, request: pb.RecordAbsenceRequest, context: Any) -> Act:
        command = wire.command(request, domain.RecordAbsence)
        return await self._act(request, lambda tx, id: handlers.record_absence(tx, id, command))

    async def RecordExamination(self, request: pb.RecordExaminationRequest, context: Any) -> Act:
        command, part = wire.command(request, domain.RecordExamination), wire.remarks(request.remarks)
        return await self._act(request, lambda tx, id: handlers.record_examination(tx, id, command, part))

    async def ConcludeExamination(self, request: pb.ConcludeExaminationRequest, context: Any) -> Act:
        command = wire.command(request, domain.ConcludeExamination)
        return await self._act(
            request,
            lambda tx, id: handlers.conclude_examination(tx, id, command),
            ("examination", request.report_number),
        )

    async def DeliverDecision(self, request: pb.DeliverDecisionRequest, context: Any) -> Act:
        command = wire.command(request, domain.DeliverDecision)
        return await self._act(request, lambda tx, id: handlers.deliver(tx, id, command))

    async def FileAppeal(self, request: pb.FileAppealRequest, context: Any) -> Act:
        command = wire.command(request, domain.FileAppeal)
        return await self._act(request, lambda tx, id: handlers.file_appeal(tx, id, command))

    async def DecideAppeal(self, request: pb.DecideAppealRequest, context: Any) -> Act:
        command = wire.command(request, domain.DecideAppeal)
        return await self._act(
            request, lambda tx, id: handlers.decide_appeal(tx, id, command), ("decree", request.decree_number)
        )

    async def _act(
        self, request: Any, handler: Callable[[Transaction, str], Record], *numbers: tuple[str, str]
    ) -> Act:
        """Run a step on the matter that the request names; `numbers` are those it gives out."""
        party, matter = front_door.parse_matter_name(request.name)
        keys: list[FactKey] = [matter_key(party, matter), proceeding_key(party, matter)]
        keys += [number_key(party, kind, number) for kind, number in numbers if number]
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: handler(tx, matter)
        )


class DisciplineRead(pb_grpc.DisciplineReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._desk = desk

    async def GetProceeding(self, request: pb.GetProceedingRequest, context: Any) -> pb.Proceeding:
        party, matter = front_door.parse_matter_name(request.name)
        kept = await reads.proceeding(self._desk.database, party, matter)
        return wire.proceeding(kept, proceedings.due_dates(kept, calendar.latest()))


def register(server: grpc.aio.Server, desk: HostContext, commands: Commands) -> Sequence[str]:
    """Add the procedure's services to a server."""
    pb_grpc.add_DisciplineServiceServicer_to_server(Discipline(desk, commands), server)
    pb_grpc.add_DisciplineReadServiceServicer_to_server(DisciplineRead(desk), server)
    return WRITE, READ
