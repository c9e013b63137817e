"""Erasures and holds in a world that is stepped by hand: ordered, carried out, answered; and what the desks say of them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message
from sqlalchemy import select
from sqlmodel import SQLModel

from cooperation.disclosure.documents import store
from cooperation.erasure import executor
from netral.erasure.v1 import events_pb2
from netral.erasure.v1 import service_pb2 as pb
from netral.erasure.v1.service_pb2_grpc import ErasureReadServiceStub
from storage.types import table
from support import acts, supervisions
from support.desks import Caller, Served
from support.steps import World

SERVICE = "/netral.erasure.v1.ErasureService/"

BASIS, GROUND = "uu-27-2022", "SUBJECT_REQUEST"


def an_order(party: str, matter: str, **other: Any) -> pb.OrderErasureRequest:
    """A request to erase what is kept on a matter."""
    values = {
        "name": f"institutions/{party}/matters/{matter}",
        "basis": BASIS,
        "ground": GROUND,
        "request_id": str(uuid4()),
    }
    return pb.OrderErasureRequest(**(values | other))


def a_hold(party: str, matter: str = "", **other: Any) -> pb.PlaceHoldRequest:
    """A request to stop erasures of a matter, or of everything."""
    name = f"institutions/{party}" + (f"/matters/{matter}" if matter else "")
    values = {"name": name, "reason": "COURT_CASE", "request_id": str(uuid4())}
    return pb.PlaceHoldRequest(**(values | other))


async def place_hold(world: World, party: str, matter: str = "") -> str:
    """A hold is placed; gives its name."""
    await world.call(party, "PlaceHold", a_hold(party, matter))
    return (await holds(world, party))[-1].name


async def lift_hold(world: World, name: str) -> None:
    """A hold is lifted."""
    request = pb.LiftHoldRequest(name=name, request_id=str(uuid4()))
    await world.call(name.split("/")[1], "LiftHold", request)


async def carry_out(world: World) -> None:
    """Every desk does what it is ordered to, and what it says arrives, until nothing is left to do."""
    while True:
        await world.settle()
        done = [await executor.execute_orders(desk, (store.remove,)) for desk in world.desks.values()]
        if not any(done):
            return


async def erasure(world: World, party: str, matter: str) -> pb.Erasure:
    """The erasure of a matter as a party's desk tells it."""
    request = pb.GetErasureRequest(name=f"institutions/{party}/matters/{matter}")
    return await world.call(party, "GetErasure", request)  # type: ignore[no-any-return]


async def holds(world: World, party: str) -> list[pb.Hold]:
    """The holds that stand at a party."""
    request = pb.ListHoldsRequest(parent=f"institutions/{party}")
    return list((await world.call(party, "ListHolds", request)).holds)


async def rows_of(world: World, host: str, model: type[SQLModel]) -> list[Any]:
    """All rows of a host's table."""
    async with world.desks[host].database.read() as connection:
        return list(await connection.execute(select(table(model))))


async def answers(world: World, party: str, matter: str) -> dict[str, str]:
    """Answers of each holder to who ordered: ERASED, HELD, NOTHING_HELD, or nothing yet."""
    shown = await erasure(world, party, matter)
    return {
        each.party: events_pb2.Outcome.Name(each.outcome).removeprefix("OUTCOME_") if each.outcome else ""
        for each in shown.holders
    }


# --- a writing call that succeeds, at each desk ------------------------------------------------------------------


async def collects(served: Served) -> str:
    """Each desk collects something on a person; gives the matter's name. Orders are not carried out by themselves."""
    await served.running.end_loop("erasure")
    if served.name == "bawaslu":
        return await acts.is_registered(served)
    if served.name == "ppk":
        return (await supervisions.is_recorded(served)).replace("/indications/", "/matters/")
    name = await acts.is_referred(served, with_file=False)
    asking = await acts.WRITES[acts_of_kasn("RequestCompletion")](served)
    asking.name = name  # type: ignore[attr-defined]
    await acts.done(served, acts_of_kasn("RequestCompletion"), asking)
    return name


def acts_of_kasn(method: str) -> str:
    return f"/netral.kasn.v1.KasnService/{method}"


async def _to_order(served: Served) -> Message:
    _, party, _, matter = (await collects(served)).split("/")
    return an_order(party, matter)


async def _to_find(served: Served) -> Message:
    return pb.FindSamePersonRequest(name=await collects(served), request_id=str(uuid4()))


async def _to_hold(served: Served) -> Message:
    _, party, _, matter = (await collects(served)).split("/")
    return a_hold(party, matter)


async def _to_lift(served: Served) -> Message:
    placing: Any = await _to_hold(served)
    await acts.done(served, SERVICE + "PlaceHold", placing)
    return await lifting(served, placing.name.split("/")[1])


async def lifting(served: Served, party: str) -> pb.LiftHoldRequest:
    """The request that lifts the only hold at a party."""
    stub: Any = ErasureReadServiceStub(served.channel)
    listing = pb.ListHoldsRequest(parent=f"institutions/{party}")
    (hold,) = (await stub.ListHolds(listing, metadata=Caller(party).metadata)).holds
    return pb.LiftHoldRequest(name=hold.name, request_id=str(uuid4()))


WRITES: dict[str, Callable[[Served], Awaitable[Message]]] = {
    SERVICE + "OrderErasure": _to_order,
    SERVICE + "PlaceHold": _to_hold,
    SERVICE + "FindSamePerson": _to_find,
    SERVICE + "LiftHold": _to_lift,
}
