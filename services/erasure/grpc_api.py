"""Way in 1: a party's own officers and systems. Translates the request and runs the handler; no rule is here."""

from collections.abc import Sequence
from typing import Any

import grpc
from sqlmodel import SQLModel

from erasure import handlers, persons, reads, retaining, store, wire
from exchange import rpc
from exchange.commands import Commands
from exchange.rpc import READERS, WRITERS
from exchange.transaction import Desk
from netral.erasure.v1 import service_pb2, service_pb2_grpc
from netral.exchange.v1.service_pb2 import Act

WRITE, READ = "netral.erasure.v1.ErasureService", "netral.erasure.v1.ErasureReadService"
PERMISSIONS = rpc.permissions({WRITE: WRITERS, READ: READERS}, service_pb2.DESCRIPTOR)


class Erasures(service_pb2_grpc.ErasureServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: Desk, commands: Commands) -> None:
        self._desk, self._commands = desk, commands

    async def OrderErasure(self, request: service_pb2.OrderErasureRequest, context: Any) -> Act:
        party, matter = rpc.matter_of(request.name)
        case_id = await reads.case_of(self._desk.database, party, matter)
        keys = [store.erasure_key(party, matter), store.dealings_key(party, matter)]
        return await rpc.act(
            self._commands,
            request,
            party,
            keys,
            lambda tx: handlers.order(tx, matter, case_id, request.basis, request.ground),
        )

    async def FindSamePerson(
        self, request: service_pb2.FindSamePersonRequest, context: Any
    ) -> service_pb2.FindSamePersonResponse:
        party, matter = rpc.matter_of(request.name)
        keys = [store.dealings_key(party, matter)]
        act = await rpc.act(
            self._commands, request, party, keys, lambda tx: handlers.look_for_person(tx, matter)
        )
        found = await persons.same_person(self._desk, party, matter)
        names = [f"institutions/{party}/matters/{each}" for each in found]
        return service_pb2.FindSamePersonResponse(names=names, record=act.record)

    async def PlaceHold(self, request: service_pb2.PlaceHoldRequest, context: Any) -> Act:
        party, target = _held(request.name)
        case_id = await reads.case_of(self._desk.database, party, target) if target else ""
        keys = [store.holds_key(party, target), store.dealings_key(party, target)]
        keys += [store.erasure_key(party, target)] if target else []
        return await rpc.act(
            self._commands,
            request,
            party,
            keys,
            lambda tx: handlers.place_hold(tx, target, case_id, request.reason),
        )

    async def LiftHold(self, request: service_pb2.LiftHoldRequest, context: Any) -> Act:
        party, id = rpc.resource_of(request.name)
        target = await reads.target_of(self._desk.database, party, id)
        case_id = await reads.case_of(self._desk.database, party, target) if target else ""
        keys = [store.holds_key(party, target), store.dealings_key(party, target)]
        return await rpc.act(
            self._commands, request, party, keys, lambda tx: handlers.lift_hold(tx, target, case_id, id)
        )


class ErasureRead(service_pb2_grpc.ErasureReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: Desk, kept: Sequence[type[SQLModel]] = ()) -> None:
        self._desk, self._kept = desk, kept

    async def ListRetention(
        self, request: service_pb2.ListRetentionRequest, context: Any
    ) -> service_pb2.ListRetentionResponse:
        party = rpc.institution_of(request.parent)
        after, size = rpc.page_of(request)
        found, last = await retaining.retained(self._desk, self._kept, party, after=after, size=size)
        shown = [wire.retained(each) for each in found if each.due or request.show_all]
        token = rpc.page_token(last) if last else ""
        return service_pb2.ListRetentionResponse(retained=shown, next_page_token=token)

    async def GetErasure(self, request: service_pb2.GetErasureRequest, context: Any) -> service_pb2.Erasure:
        party, matter = rpc.matter_of(request.name)
        found = await reads.erasures(self._desk.database, party, matter=matter)
        if not found:
            raise rpc.missing("erasure")
        return wire.erasure(*found[0])

    async def ListErasures(
        self, request: service_pb2.ListErasuresRequest, context: Any
    ) -> service_pb2.ListErasuresResponse:
        party = rpc.institution_of(request.parent)
        after, size = rpc.page_of(request)
        found = await reads.erasures(self._desk.database, party, after=after, size=size + 1)
        token = rpc.page_token(found[size - 1][0].id) if len(found) > size else ""
        shown = [wire.erasure(*each) for each in found[:size]]
        return service_pb2.ListErasuresResponse(erasures=shown, next_page_token=token)

    async def ListHolds(
        self, request: service_pb2.ListHoldsRequest, context: Any
    ) -> service_pb2.ListHoldsResponse:
        party = rpc.institution_of(request.parent)
        after, size = rpc.page_of(request)
        found = await reads.holds(
            self._desk.database, party, after=after, size=size + 1, lifted=request.show_lifted
        )
        token = rpc.page_token(found[size - 1].id) if len(found) > size else ""
        return service_pb2.ListHoldsResponse(holds=map(wire.hold, found[:size]), next_page_token=token)


def _held(name: str) -> tuple[str, str]:
    """Institution and matter ("": everything) of what a hold is placed on."""
    return rpc.matter_of(name) if "/matters/" in name else (rpc.institution_of(name, "name"), "")


def register(
    server: grpc.aio.Server, desk: Desk, commands: Commands, kept: Sequence[type[SQLModel]]
) -> Sequence[str]:
    """Add the services to a server. `kept`: the tables of what this desk keeps on persons (see `retaining`)."""
    service_pb2_grpc.add_ErasureServiceServicer_to_server(Erasures(desk, commands), server)
    service_pb2_grpc.add_ErasureReadServiceServicer_to_server(ErasureRead(desk, kept), server)
    return READ, WRITE
