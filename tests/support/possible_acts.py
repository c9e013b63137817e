"""Asking a running desk what could be done: a command is tried out, and the acts on a matter are listed."""

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from netral.exchange.v1 import acts_pb2
from support.desks import Caller, Refused, Served

CHECK, LIST = "/netral.exchange.v1.ActService/Check", "/netral.exchange.v1.ActService/ListActs"


def asking(request: Message) -> acts_pb2.CheckRequest:
    """Ask whether this request could be carried out."""
    packed = AnyMessage()
    packed.Pack(request)
    return acts_pb2.CheckRequest(request=packed)


async def checked(served: Served, request: Message, caller: Caller) -> acts_pb2.CheckResponse:
    """The answer, without carrying it out."""
    answer = await served.call(CHECK, asking(request), caller)
    assert not isinstance(answer, Refused), answer
    return acts_pb2.CheckResponse.FromString(answer)


async def listed(served: Served, name: str, caller: Caller) -> set[str]:
    """The actions that are possible now on what has this name."""
    answer = await served.call(LIST, acts_pb2.ListActsRequest(name=name), caller)
    assert not isinstance(answer, Refused), answer
    return {act.action for act in acts_pb2.ListActsResponse.FromString(answer).acts}
