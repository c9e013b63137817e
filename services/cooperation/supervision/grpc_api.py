"""Way in 1: an authority's internal team; those who supervise together. Translates and runs the handler; no rule is here."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import grpc

from cooperation.supervision import reads, wire
from cooperation.supervision.indications import commands as handlers
from cooperation.supervision.indications import domain
from cooperation.supervision.plans import commands as plan_handlers
from cooperation.supervision.plans import domain as plans
from cooperation.supervision.tables import indication_key, number_key, plan_key
from exchange.context import FactKey, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key
from exchange.delivery.transaction import Transaction
from exchange.personal_data.vault import MatterOf
from host import case_files, front_door
from host.front_door import READERS, WRITERS
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from netral.supervision.v1 import indications_pb2 as pb
from netral.supervision.v1 import indications_pb2_grpc, plans_pb2, plans_pb2_grpc
from storage.engines import Database

WRITE, READ = "netral.supervision.v1.IndicationService", "netral.supervision.v1.IndicationReadService"
PLANS, PLANS_READ = "netral.supervision.v1.PlanService", "netral.supervision.v1.PlanReadService"
# At an authority, and at a supervisor or examiner.
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, pb.DESCRIPTOR)
PLANS_PERMISSIONS = front_door.permissions({PLANS: WRITERS, PLANS_READ: READERS}, plans_pb2.DESCRIPTOR)

Teams = Callable[[Database, str], Awaitable[Collection[str]]]
"""The numbers of the decrees by which a party registered its internal teams; a host has them from prevention."""


class Indications(indications_pb2_grpc.IndicationServiceServicer):
    """Writing calls of an authority's team; each is committed when it returns."""

    def __init__(self, desk: HostContext, commands: Commands, teams: Teams) -> None:
        self._desk, self._commands, self._teams = desk, commands, teams

    async def RecordIndication(self, request: pb.RecordIndicationRequest, context: Any) -> Act:
        party = front_door.parse_institution_name(request.parent)
        command, part = wire.record(request)
        # A team that was registered stays so: nothing is lost by looking before the command is committed.
        teams = await self._teams(self._desk.database, party)
        return await self._act(request, party, [], lambda tx: handlers.record(tx, command, teams, part))

    async def SettleIndication(self, request: pb.SettleIndicationRequest, context: Any) -> Act:
        party, id = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.SettleIndication)
        part = wire.part(request.remarks)
        keys = [indication_key(party, id)]
        return await self._act(request, party, keys, lambda tx: handlers.settle(tx, id, command, part))

    async def PassIndication(self, request: pb.PassIndicationRequest, context: Any) -> Act:
        party, id = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.PassIndication)
        keys = [indication_key(party, id), number_key(party, "letter", request.letter_number)]
        return await self._act(
            request, party, keys, lambda tx: handlers.pass_on(tx, id, command, request.remarks), [(party, id)]
        )

    async def ReadIndicationFile(
        self, request: pb.ReadIndicationFileRequest, context: Any
    ) -> person_pb2.ReadFileResponse:
        party, id = front_door.parse_matter_name(request.name)

        def record(tx: Transaction) -> wire.Record:
            state = handlers.indication_for_change(tx, id).state
            facts = person_pb2.FileRead(purpose=request.purpose)
            return tx.record("supervision.read_file", id, id, state, facts)

        act = await self._act(request, party, [indication_key(party, id)], record)
        entries = await case_files.opened(self._desk, party, id)
        return person_pb2.ReadFileResponse(entries=entries, record=act.record)

    async def _act(
        self,
        request: Any,
        party: str,
        keys: Sequence[FactKey],
        handler: Callable[[Transaction], wire.Record],
        opens: Sequence[MatterOf] = (),
    ) -> Act:
        act = await front_door.run_command(self._commands, request, party, keys, handler, opens)
        act.matter = act.matter.replace("/matters/", "/indications/")
        return act


class IndicationsRead(indications_pb2_grpc.IndicationReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._database = desk.database

    async def GetIndication(self, request: pb.GetIndicationRequest, context: Any) -> pb.Indication:
        party, id = front_door.parse_matter_name(request.name)
        return wire.indication(await reads.indication(self._database, party, id))

    async def ListIndications(
        self, request: pb.ListIndicationsRequest, context: Any
    ) -> pb.ListIndicationsResponse:
        party = front_door.parse_institution_name(request.parent)
        rows, token = await reads.indications(self._database, party, request)
        return pb.ListIndicationsResponse(indications=map(wire.indication, rows), next_page_token=token)


class Plans(plans_pb2_grpc.PlanServiceServicer):
    """Writing calls of joint supervision. `role` is what this desk's parties hold: `supervisor` or `examiner`."""

    def __init__(self, desk: HostContext, commands: Commands, role: str) -> None:
        self._desk, self._commands, self._role = desk, commands, role

    async def ProposePlan(self, request: plans_pb2.ProposePlanRequest, context: Any) -> Act:
        party = front_door.parse_institution_name(request.parent)
        command = wire.command(request, plans.Proposed)
        keys = [number_key(party, "plan", request.number)]
        return await self._act(
            request, party, keys, lambda tx: plan_handlers.propose(tx, self._role, command)
        )

    async def AgreePlan(self, request: plans_pb2.AgreePlanRequest, context: Any) -> Act:
        party, id = front_door.parse_matter_name(request.name)
        command = wire.command(request, plans.Agreed)
        keys = [plan_key(party, id), number_key(party, "plan", request.letter_number)]
        return await self._act(
            request, party, keys, lambda tx: plan_handlers.agree(tx, self._role, id, command)
        )

    async def AddFieldNote(self, request: plans_pb2.AddFieldNoteRequest, context: Any) -> Act:
        party, id = front_door.parse_matter_name(request.name)
        command = wire.noted(request)
        keys = [plan_key(party, id)]
        if request.matter:
            keys.append(matter_key(*front_door.parse_matter_name(request.matter, "matter")))
        return await self._act(
            request, party, keys, lambda tx: plan_handlers.add_note(tx, self._role, id, command)
        )

    async def _act(
        self, request: Any, party: str, keys: Sequence[FactKey], handler: Callable[[Transaction], wire.Record]
    ) -> Act:
        act = await front_door.run_command(self._commands, request, party, keys, handler)
        act.matter = act.matter.replace("/matters/", "/plans/")
        return act


class PlansRead(plans_pb2_grpc.PlanReadServiceServicer):
    """Reading calls of joint supervision."""

    def __init__(self, desk: HostContext) -> None:
        self._database = desk.database

    async def GetPlan(self, request: plans_pb2.GetPlanRequest, context: Any) -> plans_pb2.Plan:
        party, id = front_door.parse_matter_name(request.name)
        return wire.plan(await reads.plan(self._database, party, id))

    async def ListPlans(
        self, request: plans_pb2.ListPlansRequest, context: Any
    ) -> plans_pb2.ListPlansResponse:
        party = front_door.parse_institution_name(request.parent)
        rows, token = await reads.plans(self._database, party, request)
        return plans_pb2.ListPlansResponse(plans=map(wire.plan, rows), next_page_token=token)


def register_plans(
    server: grpc.aio.Server, desk: HostContext, commands: Commands, role: str
) -> Sequence[str]:
    """Add joint supervision to a server; `role` is what its parties hold: `supervisor` or `examiner`."""
    plans_pb2_grpc.add_PlanServiceServicer_to_server(Plans(desk, commands, role), server)
    plans_pb2_grpc.add_PlanReadServiceServicer_to_server(PlansRead(desk), server)
    return PLANS, PLANS_READ


def register(server: grpc.aio.Server, desk: HostContext, commands: Commands, teams: Teams) -> Sequence[str]:
    """Add what an authority's team does to a server."""
    indications_pb2_grpc.add_IndicationServiceServicer_to_server(Indications(desk, commands, teams), server)
    indications_pb2_grpc.add_IndicationReadServiceServicer_to_server(IndicationsRead(desk), server)
    return WRITE, READ
