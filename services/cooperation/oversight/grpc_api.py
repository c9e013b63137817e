"""Way in 1: an overseer's own officers and systems. Translates the request and runs the handler; no rule is here."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import grpc

from cooperation.oversight import commands, reads, wire
from cooperation.oversight.domain import matters
from cooperation.oversight.tables import number_key, watched_key
from exchange.context import HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.transaction import Transaction
from host import case_files, desk_requests, front_door
from host.front_door import READERS, WRITERS, Context
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.oversight.v1 import service_pb2, service_pb2_grpc

WRITE, READ = "netral.oversight.v1.OversightService", "netral.oversight.v1.OversightReadService"
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, service_pb2.DESCRIPTOR)

C = TypeVar("C")
Asked = service_pb2.OpenCopyRequest | service_pb2.BlockDataRequest | service_pb2.UnblockDataRequest


class Oversight(service_pb2_grpc.OversightServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: HostContext, queue: Commands) -> None:
        self._desk, self._queue = desk, queue

    async def OpenCopy(self, request: service_pb2.OpenCopyRequest, context: Context) -> Act:
        return await self._act(request, matters.OpenCopy, commands.open_copy)

    async def BlockData(self, request: service_pb2.BlockDataRequest, context: Context) -> Act:
        return await self._act(request, matters.BlockData, commands.block, ("act", request.act_number))

    async def UnblockData(self, request: service_pb2.UnblockDataRequest, context: Context) -> Act:
        return await self._act(request, matters.UnblockData, commands.unblock, ("act", request.act_number))

    async def WarnAuthority(self, request: service_pb2.WarnAuthorityRequest, context: Context) -> Act:
        party, first = desk_requests.parse_resource_name(request.name)
        fields = {first: "name"}  # a matter that stands twice in a letter is warned of once
        for at, name in enumerate(request.further_matters):
            field = f"further_matters[{at}]"
            fields.setdefault(desk_requests.parse_resource_name(name, field)[1], field)
        command = wire.command(request, matters.WarnAuthority)
        keys = [
            *(watched_key(party, id) for id in fields),
            number_key(party, "letter", request.letter_number),
        ]
        return await desk_requests.run_command(
            self._queue, request, party, keys, lambda tx: commands.warn(tx, fields, command)
        )

    async def ReadFile(
        self, request: person_pb2.ReadFileRequest, context: Context
    ) -> person_pb2.ReadFileResponse:
        return await case_files.read_file(self._desk, self._queue, request, watched_key)

    async def _act(
        self,
        request: Asked,
        kind: type[C],
        handler: Callable[[Transaction, str, C], Record],
        number: tuple[str, str] | None = None,
    ) -> Act:
        """Run a command on the request's matter, and on the number that it uses."""
        party, matter = desk_requests.parse_resource_name(request.name)
        command = wire.command(request, kind)
        keys = [watched_key(party, matter), *([number_key(party, *number)] if number else [])]
        return await desk_requests.run_command(
            self._queue, request, party, keys, lambda tx: handler(tx, matter, command)
        )


class OversightRead(service_pb2_grpc.OversightReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._desk = desk

    async def GetWatchedMatter(
        self, request: service_pb2.GetWatchedMatterRequest, context: Context
    ) -> service_pb2.WatchedMatter:
        party, matter = desk_requests.parse_resource_name(request.name)
        return wire.watched(await reads.watched(self._desk.database, party, matter), self._desk.now())

    async def ListWatchedMatters(
        self, request: service_pb2.ListWatchedMattersRequest, context: Context
    ) -> service_pb2.ListWatchedMattersResponse:
        party, now = desk_requests.parse_institution_name(request.parent), self._desk.now()
        rows, token = await reads.page(self._desk.database, party, request, now)
        shown = [wire.watched(row, now) for row in rows]
        return service_pb2.ListWatchedMattersResponse(matters=shown, next_page_token=token)


def register(server: grpc.aio.Server, desk: HostContext, queue: Commands) -> Sequence[str]:
    """Add this desk's services to a server."""
    service_pb2_grpc.add_OversightServiceServicer_to_server(Oversight(desk, queue), server)
    service_pb2_grpc.add_OversightReadServiceServicer_to_server(OversightRead(desk), server)
    return WRITE, READ
