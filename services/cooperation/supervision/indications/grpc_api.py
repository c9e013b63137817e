"""Way in 1: an authority's internal team. Translates and runs the handler; no rule is here."""

from collections.abc import Awaitable, Callable, Collection, Sequence

import grpc
from google.protobuf.message import Message

from cooperation.supervision.indications import commands, domain, reads, wire
from cooperation.supervision.indications.tables import indication_key
from cooperation.supervision.shared_tables import number_key
from exchange.context import FactKey, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.transaction import Transaction
from exchange.personal_data.vault import MatterOf
from host import case_files, desk_requests, front_door
from host.front_door import READERS, WRITERS, Context
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from netral.supervision.v1 import indications_pb2 as pb
from netral.supervision.v1 import indications_pb2_grpc
from storage.engines import Database

WRITE, READ = "netral.supervision.v1.IndicationService", "netral.supervision.v1.IndicationReadService"
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, pb.DESCRIPTOR)

Teams = Callable[[Database, str], Awaitable[Collection[str]]]
"""The numbers of the decrees by which a party registered its internal teams; a host has them from prevention."""


class Indications(indications_pb2_grpc.IndicationServiceServicer):
    """Writing calls of an authority's team; each is committed when it returns."""

    def __init__(self, desk: HostContext, queue: Commands, teams: Teams) -> None:
        self._desk, self._queue, self._teams = desk, queue, teams

    async def RecordIndication(self, request: pb.RecordIndicationRequest, context: Context) -> Act:
        party = desk_requests.parse_institution_name(request.parent)
        command, part = wire.record(request)
        # A team that was registered stays so: nothing is lost by looking before the command is committed.
        teams = await self._teams(self._desk.database, party)
        return await self._act(request, party, [], lambda tx: commands.record(tx, command, teams, part))

    async def SettleIndication(self, request: pb.SettleIndicationRequest, context: Context) -> Act:
        party, id = desk_requests.parse_resource_name(request.name)
        command = wire.command(request, domain.SettleIndication)
        part = wire.part(request.remarks)
        keys = [indication_key(party, id)]
        return await self._act(request, party, keys, lambda tx: commands.settle(tx, id, command, part))

    async def PassIndication(self, request: pb.PassIndicationRequest, context: Context) -> Act:
        party, id = desk_requests.parse_resource_name(request.name)
        command = wire.command(request, domain.PassIndication)
        keys = [indication_key(party, id), number_key(party, "letter", request.letter_number)]
        return await self._act(
            request, party, keys, lambda tx: commands.pass_on(tx, id, command, request.remarks), [(party, id)]
        )

    async def ReadIndicationFile(
        self, request: pb.ReadIndicationFileRequest, context: Context
    ) -> person_pb2.ReadFileResponse:
        party, id = desk_requests.parse_resource_name(request.name)

        def record(tx: Transaction) -> wire.Record:
            state = commands.indication_for_change(tx, id).state
            facts = person_pb2.FileRead(purpose=request.purpose)
            return tx.record("supervision.read_file", id, id, state, facts)

        act = await self._act(request, party, [indication_key(party, id)], record)
        entries = await case_files.opened(self._desk, party, id)
        return person_pb2.ReadFileResponse(entries=entries, record=act.record)

    async def _act(
        self,
        request: Message,
        party: str,
        keys: Sequence[FactKey],
        handler: Callable[[Transaction], wire.Record],
        opens: Sequence[MatterOf] = (),
    ) -> Act:
        act = await desk_requests.run_command(self._queue, request, party, keys, handler, opens)
        act.matter = act.matter.replace("/matters/", "/indications/")
        return act


class IndicationsRead(indications_pb2_grpc.IndicationReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._database = desk.database

    async def GetIndication(self, request: pb.GetIndicationRequest, context: Context) -> pb.Indication:
        party, id = desk_requests.parse_resource_name(request.name)
        return wire.indication(await reads.indication(self._database, party, id))

    async def ListIndications(
        self, request: pb.ListIndicationsRequest, context: Context
    ) -> pb.ListIndicationsResponse:
        party = desk_requests.parse_institution_name(request.parent)
        rows, token = await reads.indications(self._database, party, request)
        return pb.ListIndicationsResponse(indications=map(wire.indication, rows), next_page_token=token)


def register(server: grpc.aio.Server, desk: HostContext, queue: Commands, teams: Teams) -> Sequence[str]:
    """Add what an authority's team does to a server."""
    indications_pb2_grpc.add_IndicationServiceServicer_to_server(Indications(desk, queue, teams), server)
    indications_pb2_grpc.add_IndicationReadServiceServicer_to_server(IndicationsRead(desk), server)
    return WRITE, READ
