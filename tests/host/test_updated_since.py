"""Lists of what changed since: whoever asks again and again with the last time that it saw misses nothing and sees nothing twice."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.timestamp_pb2 import Timestamp

from audit.formats.leaf import Kind
from exchange.delivery.batch import Batch
from host.lifecycle.steady_clock import SteadyClock
from netral.bawaslu.v1 import intake_pb2 as intake
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.kasn.v1 import service_pb2 as kasn
from netral.oversight.v1 import service_pb2 as oversight
from netral.ppk.v1 import service_pb2 as ppk
from support import acts, desks, intakes, requests
from support.desks import Caller, Refused, Served

LIST = "/netral.ppk.v1.PpkReadService/ListMatters"
OPEN = "/netral.ppk.v1.PpkService/OpenRecommendation"


async def is_registered(served: Served, nth: int) -> str:
    request = acts.a_registration(number=f"00{nth}/LP/PL/Kab/27.09/III/2024")
    return (await acts.done(served, "/netral.bawaslu.v1.BawasluService/RegisterMatter", request)).matter


async def is_reported(served: Served, nth: int) -> str:
    report = intakes.a_report(number=f"00{nth}/LP/PL/Kab/27.09/III/2024")
    return (await acts.done(served, intakes.WRITE + "ReceiveReport", report)).matter


EVERY_LIST: Mapping[str, tuple[str, Any, Callable[[Served, int], Awaitable[str]]]] = {
    "/netral.bawaslu.v1.BawasluReadService/ListMatters": (
        "bawaslu",
        bawaslu.ListMattersRequest,
        is_registered,
    ),
    "/netral.bawaslu.v1.IntakeReadService/ListIntakes": ("bawaslu", intake.ListIntakesRequest, is_reported),
    "/netral.kasn.v1.KasnReadService/ListMatters": (
        "kasn",
        kasn.ListMattersRequest,
        lambda served, _: acts.is_referred(served),
    ),
    LIST: ("ppk", ppk.ListMattersRequest, lambda served, _: acts.is_recommended(served)),
    "/netral.oversight.v1.OversightReadService/ListWatchedMatters": (
        "ppk",
        oversight.ListWatchedMattersRequest,
        lambda served, _: acts.is_watched(served),
    ),
}


@dataclass
class Poller:
    """Follows a list as the contract says: takes all pages of what changed after the last time that it saw."""

    served: Served
    since: Timestamp = field(default_factory=Timestamp)
    seen: list[tuple[str, str, int]] = field(default_factory=list)

    async def poll(self) -> int:
        """Ask once; gives how many rows came."""
        request = ppk.ListMattersRequest(
            parent=f"institutions/{self.served.parties[0]}", page_size=3, updated_since=self.since
        )
        found: list[ppk.Matter] = []
        while True:
            page = await listed(self.served, request)
            found += page.matters
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        times = [each.update_time.ToNanoseconds() for each in found]
        assert times == sorted(times)
        self.seen += [(each.name, each.state, at) for each, at in zip(found, times, strict=True)]
        if found:
            self.since = found[-1].update_time
        return len(found)


async def listed(served: Served, request: ppk.ListMattersRequest) -> ppk.ListMattersResponse:
    answer = await served.call(LIST, request, Caller(served.parties[0]))
    assert isinstance(answer, bytes), answer
    return ppk.ListMattersResponse.FromString(answer)


async def open_recommendation(served: Served, name: str) -> None:
    await acts.done(served, OPEN, ppk.OpenRecommendationRequest(name=name, request_id=acts.new_id()))


def commit_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let arrivals take a while between their writes and their commit: acts that begin later overtake them."""
    flush = Batch.flush

    async def late(batch: Batch) -> None:
        await flush(batch)
        arrives = any(leaf["kind"] == Kind.RECEIPT for leaf in batch.leaves)
        await asyncio.sleep(0.15 if arrives else 0)

    monkeypatch.setattr(Batch, "flush", late)


async def test_a_poller_beside_arrivals_and_acts_misses_nothing_and_sees_no_change_twice(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk", database_url=database_url)) as served:
        poller, names = Poller(served), [await acts.is_recommended(served) for _ in range(5)]
        commit_late(monkeypatch)

        async def arrivals() -> list[str]:
            return [await acts.is_recommended(served) for _ in range(5)]

        async def acting() -> None:
            for name in names:
                await open_recommendation(served, name)

        work = asyncio.gather(arrivals(), acting())
        while not work.done():
            await poller.poll()
        arrived, _ = await work
        await poller.poll()

        assert await poller.poll() == 0
        assert len(poller.seen) == len(set(poller.seen))
        assert {name for name, _, _ in poller.seen} == {*names, *arrived}
        now = {
            each.name: (each.name, each.state, each.update_time.ToNanoseconds())
            for each in (
                await listed(served, ppk.ListMattersRequest(parent=f"institutions/{served.parties[0]}"))
            ).matters
        }
        assert {name: (name, state, at) for name, state, at in poller.seen} == now


async def test_a_change_is_listed_only_when_no_earlier_one_can_still_be_committed(
    tmp_path: Path, postgresql_url: str
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk", database_url=postgresql_url)) as served:
        poller, name = Poller(served), await acts.is_recommended(served)
        assert await poller.poll() == 1

        async with served.desk.database.write() as connection:
            Batch(served.desk, connection)  # its rows will bear a time of before the act's
            await open_recommendation(served, name)
            assert await poller.poll() == 0

        async with served.desk.database.read() as connection:
            Batch(served.desk, connection)  # it looks up what was answered before, and writes nothing
        assert await poller.poll() == 1


@pytest.mark.parametrize("path", sorted(EVERY_LIST))
async def test_every_list_of_matters_tells_what_changed_since(path: str, tmp_path: Path) -> None:
    desk, kind, happens = EVERY_LIST[path]
    desks.write_trust(tmp_path)
    async with desks.serve(desk, desks.settings(tmp_path, desk)) as served:
        await happens(served, 1)
        before = served.desk.now()
        name = await happens(served, 2)
        caller, since = Caller(name.split("/")[1]), Timestamp()
        answer_class = message_factory.GetMessageClass(
            requests.methods([path.split("/")[1]])[path].output_type
        )

        async def names(**asked: Any) -> list[str]:
            answer = await served.call(path, kind(parent=f"institutions/{caller.party}", **asked), caller)
            assert isinstance(answer, bytes), answer
            response = answer_class.FromString(answer)
            return [each.name for each in response.ListFields()[0][1]] if response.ListFields() else []

        everything = await names(updated_since=since)
        since.FromDatetime(before)
        assert len(everything) == 2 and everything[1] == name
        assert await names(updated_since=since) == [name]
        since.FromDatetime(served.desk.now())
        assert await names(updated_since=since) == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"updated_since": Timestamp(seconds=10**12)}, "updated_since"),
        ({"updated_since": Timestamp(), "page_token": "MDE5OQ=="}, "page_token"),
        ({"page_token": "MjAyNi0xMS0yOSBvZiAwMTk5"}, "page_token"),
    ],
    ids=["no instant", "a token of the other order", "a token of changes"],
)
async def test_what_is_no_instant_and_a_token_of_another_order_are_refused(
    asked: dict[str, Any], field: str, tmp_path: Path
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        request = ppk.ListMattersRequest(parent=f"institutions/{served.parties[0]}", **asked)
        answer = await served.call(LIST, request, Caller(served.parties[0]))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.INVALID_ARGUMENT, (field,))


NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(("back", "ahead"), [(0, True), (180, True), (3600, False)])
def test_a_clock_that_is_set_back_by_minutes_does_not_go_back_and_a_wrong_one_is_followed(
    back: int, ahead: bool
) -> None:
    readings = [NOON, NOON - timedelta(seconds=back)]
    clock = SteadyClock(lambda: readings.pop(0))

    first, second = clock(), clock()

    assert (first, second > first) == (NOON, ahead)
