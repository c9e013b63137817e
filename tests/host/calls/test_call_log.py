"""Refusals are traced in the log by their request id: matter, method, reason, who asked; nothing personal."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
import structlog

from host.lifecycle import process
from netral.ppk.v1 import service_pb2 as pb
from support import acts, desks
from support.basics import NIP
from support.desks import Caller, Refused, Served

OPEN = "/netral.ppk.v1.PpkService/OpenRecommendation"
LIST = "/netral.ppk.v1.PpkReadService/ListMatters"
Lines = Callable[[], list[dict[str, str]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines of calls that were logged, as a service writes them."""
    written = StringIO()
    process.start_log("INFO")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    yield lambda: [
        line for line in map(json.loads, written.getvalue().splitlines()) if line["event"] == "call"
    ]
    structlog.reset_defaults()


@pytest.fixture
async def served(tmp_path: Path, lines: Lines) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        yield served


async def test_a_refusal_is_found_by_its_request_id_with_matter_method_reason_and_who_asked(
    served: Served, lines: Lines
) -> None:
    name, party = await acts.is_recommended(served), served.parties[0]
    first = pb.OpenRecommendationRequest(name=name, request_id=acts.new_id())
    refused = pb.AcknowledgeRecommendationRequest(name=name, register_number="1", request_id=acts.new_id())
    acknowledge = "/netral.ppk.v1.PpkService/AcknowledgeRecommendation"
    answer = await served.call(acknowledge, refused, Caller(party))
    await acts.done(served, OPEN, first)

    found = {line.get("request_id"): line for line in lines()}
    assert isinstance(answer, Refused)
    traced = found[refused.request_id]
    assert float(traced.pop("ms")) >= 0 and traced.pop("timestamp").endswith("Z")
    assert traced == {
        "event": "call",
        "level": "info",
        "method": acknowledge,
        "code": answer.code.name,
        "reason": answer.reason,
        "matter": name.rpartition("/")[2],
        "party": party,
        "role": "officer",
        "officer": "officer-7",
        "request_id": refused.request_id,
    }
    assert found[first.request_id]["code"] == "OK" and "reason" not in found[first.request_id]


async def test_a_personal_number_in_the_wrong_place_is_not_logged(served: Served, lines: Lines) -> None:
    party, request = served.parties[0], pb.ListMattersRequest(parent=f"institutions/{served.parties[0]}")
    opened = pb.OpenRecommendationRequest(name=NIP, request_id=NIP)
    for caller in (Caller(NIP), Caller(party, officer=NIP), Caller(party, role=NIP)):
        await served.call(LIST, request, caller)
    await served.call(OPEN, opened, Caller(party))

    found = lines()
    assert [line["code"] for line in found] == ["PERMISSION_DENIED", *["INVALID_ARGUMENT"] * 3]
    assert NIP not in json.dumps(found)
