"""What could be done is answered without doing it, and by the rule that the call itself runs."""

from pathlib import Path

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from netral.exchange.v1 import acts_pb2
from netral.ppk.v1 import service_pb2 as ppk
from support import acts, desks
from support.desks import Caller, Refused, Served

CHECK, LIST = "/netral.exchange.v1.ActService/Check", "/netral.exchange.v1.ActService/ListActs"


def asking(request: Message) -> acts_pb2.CheckRequest:
    packed = AnyMessage()
    packed.Pack(request)
    return acts_pb2.CheckRequest(request=packed)


async def checked(served: Served, request: Message, caller: Caller) -> acts_pb2.CheckResponse:
    answer = await served.call(CHECK, asking(request), caller)
    assert not isinstance(answer, Refused), answer
    return acts_pb2.CheckResponse.FromString(answer)


async def listed(served: Served, name: str, caller: Caller) -> set[str]:
    answer = await served.call(LIST, acts_pb2.ListActsRequest(name=name), caller)
    assert not isinstance(answer, Refused), answer
    return {act.action for act in acts_pb2.ListActsResponse.FromString(answer).acts}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ppk", "/netral.ppk.v1.PpkService/RejectRecommendation"),
        ("ppk", "/netral.ppk.v1.DisciplineService/FormTeam"),
        ("kasn", "/netral.kasn.v1.KasnService/RecommendLetter"),
        ("bawaslu", "/netral.bawaslu.v1.BawasluService/ReferMatter"),
    ],
)
async def test_an_act_is_said_to_be_possible_until_it_is_done_and_nothing_is_written(
    name: str, path: str, tmp_path: Path
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve(name, desks.settings(tmp_path, name)) as served:
        request = await acts.WRITES[path](served)
        caller = Caller(served.parties[0])
        before = await served.rows()

        assert (await checked(served, request, caller)).possible
        assert await served.rows() == before
        assert not isinstance(await served.call(path, request, caller), Refused)

        assert not (await checked(served, request, caller)).possible


async def test_acts_of_a_matter_follow_its_state(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        path = "/netral.ppk.v1.PpkService/OpenRecommendation"
        request = await acts.WRITES[path](served)
        assert isinstance(request, ppk.OpenRecommendationRequest)
        caller = Caller(request.name.split("/")[1])

        assert await listed(served, request.name, caller) == {"ppk.open"}
        assert not isinstance(await served.call(path, request, caller), Refused)
        assert await listed(served, request.name, caller) == {
            "ppk.acknowledge",
            "ppk.check_employee",
            "ppk.object",
            "ppk.reject",
        }


async def test_a_request_of_no_writing_call_and_one_that_breaks_its_contract_are_refused(
    tmp_path: Path,
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        caller = Caller(served.parties[0])
        for request in (ppk.GetMatterRequest(), ppk.OpenRecommendationRequest()):
            answer = await served.call(CHECK, asking(request), caller)

            assert isinstance(answer, Refused)
            assert answer.code == grpc.StatusCode.INVALID_ARGUMENT
