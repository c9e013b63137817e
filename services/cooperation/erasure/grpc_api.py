"""Way in 1: a party's own officers and systems. Translates the request and runs the handler; no rule is here."""

from collections.abc import Sequence

import grpc
from sqlmodel import SQLModel

from cooperation.erasure import commands, reads, retention, same_person, tables, wire
from exchange.context import HostContext
from exchange.delivery.commands import Commands
from host import desk_requests, front_door
from host.front_door import READERS, WRITERS, Context
from netral.erasure.v1 import service_pb2, service_pb2_grpc
from netral.exchange.v1.service_pb2 import Act

WRITE, READ = "netral.erasure.v1.ErasureService", "netral.erasure.v1.ErasureReadService"
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, service_pb2.DESCRIPTOR)


class Erasures(service_pb2_grpc.ErasureServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: HostContext, queue: Commands) -> None:
        self._desk, self._queue = desk, queue

    async def OrderErasure(self, request: service_pb2.OrderErasureRequest, context: Context) -> Act:
        party, matter = desk_requests.parse_resource_name(request.name)
        case_id = await reads.case_of(self._desk.database, party, matter)
        keys = [tables.erasure_key(party, matter), tables.dealings_key(party, matter)]
        return await desk_requests.run_command(
            self._queue,
            request,
            party,
            keys,
            lambda tx: commands.order(tx, matter, case_id, request.basis, request.ground),
        )

    async def FindSamePerson(
        self, request: service_pb2.FindSamePersonRequest, context: Context
    ) -> service_pb2.FindSamePersonResponse:
        party, matter = desk_requests.parse_resource_name(request.name)
        keys = [tables.dealings_key(party, matter)]
        act = await desk_requests.run_command(
            self._queue, request, party, keys, lambda tx: commands.look_for_person(tx, matter)
        )
        found = await same_person.same_person(self._desk, party, matter)
        names = [f"institutions/{party}/matters/{each}" for each in found]
        return service_pb2.FindSamePersonResponse(names=names, record=act.record)

    async def PlaceHold(self, request: service_pb2.PlaceHoldRequest, context: Context) -> Act:
        party, target = _held(request.name)
        case_id = await reads.case_of(self._desk.database, party, target) if target else ""
        keys = [tables.holds_key(party, target), tables.dealings_key(party, target)]
        keys += [tables.erasure_key(party, target)] if target else []
        return await desk_requests.run_command(
            self._queue,
            request,
            party,
            keys,
            lambda tx: commands.place_hold(tx, target, case_id, request.reason),
        )

    async def LiftHold(self, request: service_pb2.LiftHoldRequest, context: Context) -> Act:
        party, id = desk_requests.parse_resource_name(request.name)
        target = await reads.target_of(self._desk.database, party, id)
        case_id = await reads.case_of(self._desk.database, party, target) if target else ""
        keys = [tables.holds_key(party, target), tables.dealings_key(party, target)]
        return await desk_requests.run_command(
            self._queue, request, party, keys, lambda tx: commands.lift_hold(tx, target, case_id, id)
        )


class ErasureRead(service_pb2_grpc.ErasureReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext, kept: Sequence[type[SQLModel]] = ()) -> None:
        self._desk, self._kept = desk, kept

    async def ListRetention(
        self, request: service_pb2.ListRetentionRequest, context: Context
    ) -> service_pb2.ListRetentionResponse:
        party = desk_requests.parse_institution_name(request.parent)
        after, size = desk_requests.page_of(request)
        found, last = await retention.retained(self._desk, self._kept, party, after=after, size=size)
        shown = [wire.retained(each) for each in found if each.due or request.show_all]
        token = desk_requests.page_token(last) if last else ""
        return service_pb2.ListRetentionResponse(retained=shown, next_page_token=token)

    async def GetErasure(
        self, request: service_pb2.GetErasureRequest, context: Context
    ) -> service_pb2.Erasure:
        party, matter = desk_requests.parse_resource_name(request.name)
        found = await reads.erasures(self._desk.database, party, matter=matter)
        if not found:
            raise desk_requests.missing("erasure")
        return wire.erasure(*found[0])

    async def ListErasures(
        self, request: service_pb2.ListErasuresRequest, context: Context
    ) -> service_pb2.ListErasuresResponse:
        party = desk_requests.parse_institution_name(request.parent)
        after, size = desk_requests.page_of(request)
        found = await reads.erasures(self._desk.database, party, after=after, size=size + 1)
        token = desk_requests.page_token(found[size - 1][0].id) if len(found) > size else ""
        shown = [wire.erasure(*each) for each in found[:size]]
        return service_pb2.ListErasuresResponse(erasures=shown, next_page_token=token)

    async def ListHolds(
        self, request: service_pb2.ListHoldsRequest, context: Context
    ) -> service_pb2.ListHoldsResponse:
        party = desk_requests.parse_institution_name(request.parent)
        after, size = desk_requests.page_of(request)
        found = await reads.holds(
            self._desk.database, party, after=after, size=size + 1, lifted=request.show_lifted
        )
        token = desk_requests.page_token(found[size - 1].id) if len(found) > size else ""
        return service_pb2.ListHoldsResponse(holds=map(wire.hold, found[:size]), next_page_token=token)


def _held(name: str) -> tuple[str, str]:
    """Institution and matter ("": everything) of what a hold is placed on."""
    return (
        desk_requests.parse_resource_name(name)
        if "/matters/" in name
        else (desk_requests.parse_institution_name(name, "name"), "")
    )


def register(
    server: grpc.aio.Server, desk: HostContext, queue: Commands, kept: Sequence[type[SQLModel]]
) -> Sequence[str]:
    """Add the services to a server. `kept`: the tables of what this desk keeps on persons (see `retaining`)."""
    service_pb2_grpc.add_ErasureServiceServicer_to_server(Erasures(desk, queue), server)
    service_pb2_grpc.add_ErasureReadServiceServicer_to_server(ErasureRead(desk, kept), server)
    return READ, WRITE
