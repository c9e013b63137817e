"""A desk that is ordered, held and asked: whom it believes, what dies with it half way, what it lists as due."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from bawaslu.intake.tables import intakes_of
from cooperation.disclosure.documents import store
from cooperation.erasure import commands, executor
from exchange.statements import private_keys
from host import case_files
from netral.bawaslu.v1 import events_pb2 as events
from netral.erasure.v1 import events_pb2
from netral.erasure.v1 import service_pb2 as pb
from netral.erasure.v1.service_pb2_grpc import ErasureReadServiceStub
from netral.exchange.v1 import person_pb2
from support import acts, desks, disclosures, intakes
from support.basics import a_person, new_id
from support.desks import Caller, Refused, Served
from support.erasures import SERVICE, an_order

ORDERED = "netral.supervisor.erasure_ordered.v1"


@pytest.fixture
async def kasn(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        await served.running.end_loop("erasure")
        yield served


@pytest.fixture
async def bawaslu(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as served:
        await served.running.end_loop("erasure")
        yield served


def the_order(**other: Any) -> events_pb2.ErasureOrdered:
    values: dict[str, Any] = {
        "order": new_id(),
        "ordered_by": "bawaslu",
        "basis": "uu-27-2022",
        "ground": "SUBJECT_REQUEST",
        "order_date": Date(year=2026, month=11, day=25),
    }
    return events_pb2.ErasureOrdered(**(values | other))


async def carry(served: Served) -> int:
    origins = intakes_of if served.name == "bawaslu" else None
    return await executor.execute_orders(served.desk, (store.remove,), origins)


async def erasure(served: Served, name: str) -> pb.Erasure:
    stub: Any = ErasureReadServiceStub(served.channel)
    shown: pb.Erasure = await stub.GetErasure(
        pb.GetErasureRequest(name=name), metadata=Caller(name.split("/")[1]).metadata
    )
    return shown


async def is_readable(served: Served, name: str) -> bool:
    _, party, _, matter = name.split("/")
    return bool(await case_files.opened(served.desk, party, matter))


@pytest.mark.parametrize(
    ("sender", "facts", "reason"),
    [
        ("ppk-6202", {"ordered_by": "ppk-6202"}, "NOT_THE_CONTROLLER"),
        ("ppk-6202", {}, "NO_WARRANT"),
        ("ppk-6202", {"warrant": b"not an envelope"}, "NO_WARRANT"),
    ],
    ids=["a stranger's own", "passed on without a warrant", "with something else as warrant"],
)
async def test_an_order_that_is_not_who_collected_the_datas_is_refused_and_erases_nothing(
    sender: str, facts: dict[str, Any], reason: str, kasn: Served
) -> None:
    name = await acts.is_referred(kasn)
    type = "netral.personnel_authority.erasure_ordered.v1"

    with pytest.raises(
        AssertionError, match=reason
    ):  # `says` wants it taken up; the inbox row has the reason
        await acts.says(
            kasn, sender, type, the_order(**facts), matter=name.split("/")[3], recipient=name.split("/")[1]
        )

    assert await carry(kasn) == 0
    assert await is_readable(kasn, name)


async def test_an_order_before_its_data_keeps_them_from_being_read_when_they_come(kasn: Served) -> None:
    name = await acts.is_referred(kasn)
    _, party, _, matter = name.split("/")
    await acts.says(kasn, "bawaslu", ORDERED, the_order(), matter=matter, recipient=party)
    await carry(kasn)
    assert not await is_readable(kasn, name)

    unseen = new_id()
    await acts.says(kasn, "bawaslu", ORDERED, the_order(), matter=unseen, recipient=party)
    await carry(kasn)
    shown = await erasure(kasn, f"institutions/{party}/matters/{unseen}")
    assert (shown.state, shown.emptied) == ("NOTHING_HELD", 0)
    assert kasn.desk.vault.is_erased(party, unseen)


async def test_an_erasure_that_dies_after_the_key_is_gone_is_finished_and_says_what_it_emptied(
    kasn: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await acts.is_referred(kasn)
    _, party, _, matter = name.split("/")
    await acts.says(kasn, "bawaslu", ORDERED, the_order(), matter=matter, recipient=party)

    def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(commands, "finish", dies)
    with pytest.raises(RuntimeError):
        await carry(kasn)
    monkeypatch.undo()
    assert (await erasure(kasn, name)).state == "BEGUN"
    assert not await is_readable(kasn, name)

    assert await carry(kasn) == 1
    shown = await erasure(kasn, name)
    assert (shown.state, shown.emptied) == ("ERASED", 1)
    assert await carry(kasn) == 0


async def test_nothing_personal_can_be_added_to_an_erased_matter_and_a_document_neither(
    bawaslu: Served,
) -> None:
    name = await acts.is_registered(bawaslu)
    content = disclosures.a_document()
    await disclosures.attached(bawaslu, name, content)
    await acts.done(bawaslu, SERVICE + "OrderErasure", an_order("bawaslu", name.split("/")[3]))
    await carry(bawaslu)
    assert (await erasure(bawaslu, name)).documents == 1

    other = disclosures.a_document(seed=2)
    refused = await disclosures.upload(bawaslu, disclosures.a_header(name, other), other)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ERASED")
    studied = await bawaslu.call(
        "/netral.bawaslu.v1.BawasluService/ConcludeStudy", acts.a_study(name), Caller("bawaslu")
    )
    assert not isinstance(studied, Refused)  # codes and dates only
    got = await disclosures.download(bawaslu, name, sha256(content).digest())
    assert isinstance(got, Refused) and got.reason == "ERASED"


async def test_with_the_last_matter_of_an_intake_the_intakes_file_goes_too(bawaslu: Served) -> None:
    intake, matters = await intakes.is_registered_with(bawaslu, 2)
    assert await is_readable(bawaslu, intake)

    for left, name in ((True, matters[0]), (False, matters[1])):
        await acts.done(bawaslu, SERVICE + "OrderErasure", an_order("bawaslu", name.split("/")[3]))
        await carry(bawaslu)
        assert not await is_readable(bawaslu, name)
        assert await is_readable(bawaslu, intake) == left


async def test_all_matters_on_one_person_are_found_until_they_are_erased(bawaslu: Served) -> None:
    async def registered(number: int, person: person_pb2.Person) -> str:
        request = acts.a_registration(number=f"{number:03d}/LP/PL/Kab/62.02/XI/2023", person=person)
        act = await acts.done(bawaslu, "/netral.bawaslu.v1.BawasluService/RegisterMatter", request)
        return str(act.matter)

    first, second = [await registered(number, a_person()) for number in (1, 2)]
    await registered(3, a_person(nip="199001012015041008"))

    assert await same_person(bawaslu, first) == [second]
    await acts.done(bawaslu, SERVICE + "OrderErasure", an_order("bawaslu", second.split("/")[3]))
    await carry(bawaslu)
    assert await same_person(bawaslu, first) == await same_person(bawaslu, second) == []


async def same_person(served: Served, name: str) -> list[str]:
    request = pb.FindSamePersonRequest(name=name, request_id=new_id())
    answer = await served.call(SERVICE + "FindSamePerson", request, Caller(name.split("/")[1]))
    assert isinstance(answer, bytes)
    return list(pb.FindSamePersonResponse.FromString(answer).names)


async def test_what_is_kept_longer_than_its_class_is_listed_as_due(bawaslu: Served) -> None:
    name = await acts.is_registered(bawaslu)
    study = acts.a_study(name, conclusion=events.CONCLUSION_NOT_A_VIOLATION, suspected_acts=[])
    await acts.done(bawaslu, "/netral.bawaslu.v1.BawasluService/ConcludeStudy", study)

    assert await retained(bawaslu) == []
    bawaslu.desk.now = lambda: datetime.now(UTC) + timedelta(days=3 * 366)
    (kept,) = await retained(bawaslu)
    assert (kept.name, kept.state, getattr(kept, "class")) == (name, "NOT_A_VIOLATION", "NOT_A_CASE")
    assert kept.due and kept.collected_here and not kept.confirmed

    await acts.done(bawaslu, SERVICE + "OrderErasure", an_order("bawaslu", name.split("/")[3]))
    assert await retained(bawaslu) == []


@pytest.mark.parametrize(("ago", "left"), [(timedelta(hours=1), 2), (timedelta(days=2), 1)])
async def test_a_desk_destroys_its_older_sealing_keys_a_day_after_their_period(
    ago: timedelta, left: int, tmp_path: Path
) -> None:
    parties, keys = desks.write_trust(tmp_path), tmp_path / "bawaslu" / "keys"
    document = private_keys.rotate_sealing(
        json.loads(parties.read_text()), {"bawaslu": keys}, datetime.now(UTC) - ago
    )
    parties.write_text(json.dumps(document))

    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as served:
        assert len(served.desk.keys["bawaslu"].sealing) == left
    assert len(private_keys.read_private_keys(keys, "bawaslu").sealing) == left


async def retained(served: Served) -> list[pb.Retained]:
    stub: Any = ErasureReadServiceStub(served.channel)
    request = pb.ListRetentionRequest(parent=f"institutions/{served.parties[0]}")
    answer = await stub.ListRetention(request, metadata=Caller(served.parties[0]).metadata)
    return list(answer.retained)
