"""Way in 1: an authority's internal team. Translates the request and runs the handler; no rule is here."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import grpc

from exchange import files, rpc
from exchange.commands import Commands
from exchange.database import Database
from exchange.rpc import READERS, WRITERS
from exchange.transaction import Desk, Key, Transaction
from exchange.vault import MatterOf
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from netral.supervision.v1 import indications_pb2 as pb
from netral.supervision.v1 import indications_pb2_grpc
from supervision import handlers, reads, wire
from supervision.domain import indications as domain
from supervision.store import indication_key, number_key

WRITE, READ = "netral.supervision.v1.IndicationService", "netral.supervision.v1.IndicationReadService"
PERMISSIONS = rpc.permissions({WRITE: WRITERS, READ: READERS}, pb.DESCRIPTOR)

Teams = Callable[[Database, str], Awaitable[Collection[str]]]
"""The numbers of the decrees by which a party registered its internal teams; a host has them from prevention."""


class Indications(indications_pb2_grpc.IndicationServiceServicer):
    """Writing calls of an authority's team; each is committed when it returns."""

    def __init__(self, desk: Desk, commands: Commands, teams: Teams) -> None:
        self._desk, self._commands, self._teams = desk, commands, teams

    async def RecordIndication(self, request: pb.RecordIndicationRequest, context: Any) -> Act:
        party = rpc.institution_of(request.parent)
        command, part = wire.record(request)
        # A team that was registered stays so: nothing is lost by looking before the command is committed.
        teams = await self._teams(self._desk.database, party)
        return await self._act(request, party, [], lambda tx: handlers.record(tx, command, teams, part))

    async def SettleIndication(self, request: pb.SettleIndicationRequest, context: Any) -> Act:
        party, id = rpc.matter_of(request.name)
        command = wire.command(request, domain.SettleIndication)
        part = wire.part(request.remarks)
        keys = [indication_key(party, id)]
        return await self._act(request, party, keys, lambda tx: handlers.settle(tx, id, command, part))

    async def PassIndication(self, request: pb.PassIndicationRequest, context: Any) -> Act:
        party, id = rpc.matter_of(request.name)
        command = wire.command(request, domain.PassIndication)
        keys = [indication_key(party, id), number_key(party, "letter", request.letter_number)]
        return await self._act(
            request, party, keys, lambda tx: handlers.pass_on(tx, id, command, request.remarks), [(party, id)]
        )

    async def ReadIndicationFile(
        self, request: pb.ReadIndicationFileRequest, context: Any
    ) -> person_pb2.ReadFileResponse:
        party, id = rpc.matter_of(request.name)

        def record(tx: Transaction) -> wire.Record:
            state = handlers.indication_for_change(tx, id).state
            facts = person_pb2.FileRead(purpose=request.purpose)
            return tx.record("supervision.read_file", id, id, state, facts)

        act = await self._act(request, party, [indication_key(party, id)], record)
        entries = await files.opened(self._desk, party, id)
        return person_pb2.ReadFileResponse(entries=entries, record=act.record)

    async def _act(
        self,
        request: Any,
        party: str,
        keys: Sequence[Key],
        handler: Callable[[Transaction], wire.Record],
        opens: Sequence[MatterOf] = (),
    ) -> Act:
        act = await rpc.act(self._commands, request, party, keys, handler, opens)
        act.matter = act.matter.replace("/matters/", "/indications/")
        return act


class IndicationsRead(indications_pb2_grpc.IndicationReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database

    async def GetIndication(self, request: pb.GetIndicationRequest, context: Any) -> pb.Indication:
        party, id = rpc.matter_of(request.name)
        return wire.indication(await reads.indication(self._database, party, id))

    async def ListIndications(
        self, request: pb.ListIndicationsRequest, context: Any
    ) -> pb.ListIndicationsResponse:
        party = rpc.institution_of(request.parent)
        rows, token = await reads.indications(self._database, party, request)
        return pb.ListIndicationsResponse(indications=map(wire.indication, rows), next_page_token=token)


def register(server: grpc.aio.Server, desk: Desk, commands: Commands, teams: Teams) -> Sequence[str]:
    """Add what an authority's team does to a server."""
    indications_pb2_grpc.add_IndicationServiceServicer_to_server(Indications(desk, commands, teams), server)
    indications_pb2_grpc.add_IndicationReadServiceServicer_to_server(IndicationsRead(desk), server)
    return WRITE, READ
