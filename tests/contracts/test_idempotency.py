"""A request id answers the same for good: every writing call, twice with one content and once with another."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from uuid_utils import uuid7

from support import acts, desks, disclosures, erasures, preventions, supervisions
from support.desks import Caller, Refused, Served

NUMBERS = ("number", "letter_number", "team_number")
WRITES = {**acts.WRITES, **preventions.WRITES, **disclosures.WRITES, **supervisions.WRITES, **erasures.WRITES}
# The desks that serve a package or a service of it; every desk serves the others.
DESKS_OF = {f"netral.{name}.v1": [name] for name in desks.PARTIES} | {
    "netral.monitoring.v1": ["bawaslu", "kasn"],
    "netral.oversight.v1": ["kasn", "ppk"],
    "netral.prevention.v1": ["ppk"],
    "netral.supervision.v1": ["ppk"],
    "netral.supervision.v1.PlanService": ["bawaslu", "kasn"],
    "netral.prevention.v1.CampaignService": ["bawaslu", "kasn"],
}


def _cases() -> list[tuple[str, str]]:
    """Each writing call at each built desk that serves it."""
    own = {path: _desks_of(path) for path in WRITES}
    return [(name, path) for path, served_by in own.items() for name in desks.BUILT if name in served_by]


def _desks_of(path: str) -> Any:
    service = path.strip("/").partition("/")[0]
    return DESKS_OF.get(service) or DESKS_OF.get(service.rpartition(".")[0], desks.BUILT)


@pytest.mark.parametrize("name", desks.BUILT)
async def test_every_writing_call_is_walked(name: str, tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve(name, desks.settings(tmp_path, name)) as served:
        writes = {path for path in served.main.HOST.permissions if "request_id" in desks.request_fields(path)}

    assert writes == {path for desk, path in _cases() if desk == name}


@pytest.mark.parametrize(("name", "path"), _cases())
async def test_a_repeated_request_answers_the_same_one_with_other_content_is_refused_and_neither_changes_anything(
    name: str, path: str, tmp_path: Path
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve(name, desks.settings(tmp_path, name)) as served:
        request = await WRITES[path](served)
        caller = _caller(served, path, request)
        first = await served.call(path, request, caller)
        before = await served.rows()

        assert not isinstance(first, Refused), first
        assert await served.call(path, request, caller) == first
        assert await served.rows() == before

        anew = _anew(request)
        _change(request)
        answer = await served.call(path, request, caller)

        assert isinstance(answer, Refused)
        assert (answer.code, answer.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
        assert answer.fields == ("request_id",)
        assert await served.rows() == before

        assert not _lacking(anew, await served.call(path, anew, caller))


def _anew(request: Any) -> Any:
    """The same request under another id: the act is tried a second time, which its state mostly does not allow."""
    anew = type(request).FromString(request.SerializeToString())
    for each in (anew, getattr(anew, "header", None)):
        if hasattr(each, "request_id"):
            each.request_id = str(uuid7())
    return anew


def _lacking(request: Any, answer: bytes | Refused) -> set[str]:
    """The facts that a refusal does not tell programs: how what it was on stands and what is possible there, whose a number is."""
    if not isinstance(answer, Refused):
        return set()
    has_acts = hasattr(request, "name") and "/disclosures/" not in request.name
    state = {"state", "possible_acts"} if has_acts else {"state"}
    wanted = {"WRONG_STATE": state, "NUMBER_USED": {"other_matter"}}
    return wanted.get(answer.reason, set()) - answer.metadata.keys()


def _change(request: Any) -> None:
    """Another content under the same request id."""
    if hasattr(request, "name"):
        other = "0" * 64 if "/documents/" in request.name else uuid7()
        request.name = f"{request.name.rsplit('/', 1)[0]}/{other}"
    elif hasattr(request, "data"):
        request.data += b"another row\n"
    elif hasattr(request, "figure"):
        request.figure = "on-time-rate"
    elif hasattr(request, "purpose"):
        request.purpose += 1
    else:  # the letter's or report's number is the first text after the parent
        _, number = (field.name for field in request.DESCRIPTOR.fields if field.name in ("parent", *NUMBERS))
        setattr(request, number, "003/LP/PL/Kab/27.09/III/2024")


def _caller(served: Served, path: str, request: Any) -> Caller:
    """An officer of the party that the request names."""
    named = request.name if hasattr(request, "name") else request.parent
    return Caller(named.split("/")[1], role=sorted(served.main.HOST.permissions[path])[0])
