"""Way in 1: those who supervise together. Translates and runs the handler; no rule is here."""

from collections.abc import Callable, Sequence

import grpc
from google.protobuf.message import Message

from cooperation.supervision.plans import commands, domain, reads, wire
from cooperation.supervision.plans.tables import plan_key
from cooperation.supervision.shared_tables import number_key
from exchange.context import FactKey, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key
from exchange.delivery.transaction import Transaction
from host import desk_requests, front_door
from host.front_door import READERS, WRITERS, Context
from netral.exchange.v1.service_pb2 import Act
from netral.supervision.v1 import plans_pb2, plans_pb2_grpc

WRITE, READ = "netral.supervision.v1.PlanService", "netral.supervision.v1.PlanReadService"
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, plans_pb2.DESCRIPTOR)


class Plans(plans_pb2_grpc.PlanServiceServicer):
    """Writing calls of joint supervision. `role` is what this desk's parties hold: `supervisor` or `examiner`."""

    def __init__(self, desk: HostContext, queue: Commands, role: str) -> None:
        self._desk, self._queue, self._role = desk, queue, role

    async def ProposePlan(self, request: plans_pb2.ProposePlanRequest, context: Context) -> Act:
        party = desk_requests.parse_institution_name(request.parent)
        command = wire.command(request, domain.Proposed)
        keys = [number_key(party, "plan", request.number)]
        return await self._act(request, party, keys, lambda tx: commands.propose(tx, self._role, command))

    async def AgreePlan(self, request: plans_pb2.AgreePlanRequest, context: Context) -> Act:
        party, id = desk_requests.parse_resource_name(request.name)
        command = wire.command(request, domain.Agreed)
        keys = [plan_key(party, id), number_key(party, "plan", request.letter_number)]
        return await self._act(request, party, keys, lambda tx: commands.agree(tx, self._role, id, command))

    async def AddFieldNote(self, request: plans_pb2.AddFieldNoteRequest, context: Context) -> Act:
        party, id = desk_requests.parse_resource_name(request.name)
        command = wire.noted(request)
        keys = [plan_key(party, id)]
        if request.matter:
            keys.append(matter_key(*desk_requests.parse_resource_name(request.matter, "matter")))
        return await self._act(
            request, party, keys, lambda tx: commands.add_note(tx, self._role, id, command)
        )

    async def _act(
        self,
        request: Message,
        party: str,
        keys: Sequence[FactKey],
        handler: Callable[[Transaction], wire.Record],
    ) -> Act:
        act = await desk_requests.run_command(self._queue, request, party, keys, handler)
        act.matter = act.matter.replace("/matters/", "/plans/")
        return act


class PlansRead(plans_pb2_grpc.PlanReadServiceServicer):
    """Reading calls of joint supervision."""

    def __init__(self, desk: HostContext) -> None:
        self._database = desk.database

    async def GetPlan(self, request: plans_pb2.GetPlanRequest, context: Context) -> plans_pb2.Plan:
        party, id = desk_requests.parse_resource_name(request.name)
        return wire.plan(await reads.plan(self._database, party, id))

    async def ListPlans(
        self, request: plans_pb2.ListPlansRequest, context: Context
    ) -> plans_pb2.ListPlansResponse:
        party = desk_requests.parse_institution_name(request.parent)
        rows, token = await reads.plans(self._database, party, request)
        return plans_pb2.ListPlansResponse(plans=map(wire.plan, rows), next_page_token=token)


def register(server: grpc.aio.Server, desk: HostContext, queue: Commands, role: str) -> Sequence[str]:
    """Add joint supervision to a server; `role` is what its parties hold: `supervisor` or `examiner`."""
    plans_pb2_grpc.add_PlanServiceServicer_to_server(Plans(desk, queue, role), server)
    plans_pb2_grpc.add_PlanReadServiceServicer_to_server(PlansRead(desk), server)
    return WRITE, READ
