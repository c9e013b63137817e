"""A running supervisor's desk: what leaves it, what never does, and who is heard."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import service_pb2 as pb
from netral.exchange.v1 import service_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from support import acts, desks
from support.desks import Caller, Refused, Served

WRITE, READ = "/netral.bawaslu.v1.BawasluService/", "/netral.bawaslu.v1.BawasluReadService/"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as served:
        yield served


async def state(served: Served, name: str) -> str:
    answer = await served.call(READ + "GetMatter", pb.GetMatterRequest(name=name), Caller(served.parties[0]))
    assert isinstance(answer, bytes)
    return pb.Matter.FromString(answer).state


async def refer(served: Served) -> service_pb2.Act:
    request = acts.a_referral(await acts.is_studied(served))
    return await acts.done(served, WRITE + "ReferMatter", request)


@pytest.mark.parametrize("method", ["RegisterMatter", "ConcludeStudy"])
async def test_registration_and_study_stay_at_the_desk(served: Served, method: str) -> None:
    act = await acts.done(served, WRITE + method, await acts.WRITES[WRITE + method](served))

    assert await acts.sent(served, act) == []


async def test_a_referral_is_told_to_the_examiner_with_the_person_sealed(served: Served) -> None:
    (statement,) = await acts.sent(served, await refer(served))

    assert (statement.type, statement.recipient) == ("netral.supervisor.referred.v1", "bkn")
    assert statement.commitment
    for secret in (acts.NIP, "Sri Wahyuni", "Pelapor", "Ikut kampanye"):
        assert secret.encode() not in statement.SerializeToString()


async def test_a_completion_is_told_to_the_examiner_with_the_person_as_it_should_be(served: Served) -> None:
    request = acts.a_completion(await acts.is_incomplete(served))

    act = await acts.done(served, WRITE + "CompleteReferral", request)

    (statement,) = await acts.sent(served, act)
    assert (statement.type, statement.recipient) == ("netral.supervisor.completed.v1", "bkn")
    assert statement.commitment
    assert b"III/c" not in statement.SerializeToString()
    assert await state(served, act.matter) == "REFERRED"


async def test_a_completion_without_the_grade_that_was_asked_for_is_refused(served: Served) -> None:
    request = acts.a_completion(await acts.is_incomplete(served), person=acts.a_person())

    answer = await served.call(WRITE + "CompleteReferral", request, Caller(served.parties[0]))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.INVALID_ARGUMENT, ("person.grade",))


async def test_a_report_number_is_used_once(served: Served) -> None:
    await acts.is_registered(served)

    again = await served.call(WRITE + "RegisterMatter", acts.a_registration(), Caller(served.parties[0]))

    assert isinstance(again, Refused)
    assert (again.code, again.fields) == (grpc.StatusCode.ALREADY_EXISTS, ("number",))


@pytest.mark.parametrize("number", ["002/lp/pl/KAB/27.09/iii/2024", "02 / LP/PL/Kab/27.09/III/2024"])
async def test_a_report_number_is_used_once_however_it_is_spelt(served: Served, number: str) -> None:
    await acts.is_registered(served)

    again = await served.call(WRITE + "RegisterMatter", acts.a_registration(number=number), Caller("bawaslu"))

    assert isinstance(again, Refused)
    assert (again.code, again.fields) == (grpc.StatusCode.ALREADY_EXISTS, ("number",))


async def test_a_number_is_kept_as_it_was_written_and_its_office_goes_with_the_referral(
    served: Served,
) -> None:
    registration = acts.a_registration(number="02/Reg/LP/PB/KAB/16.12/X/2020")
    name = (await acts.done(served, WRITE + "RegisterMatter", registration)).matter
    await acts.done(served, WRITE + "ConcludeStudy", acts.a_study(name))

    act = await acts.done(served, WRITE + "ReferMatter", acts.a_referral(name))

    (statement,) = await acts.sent(served, act)
    told = bawaslu_events.Referred()
    statement.facts.Unpack(told)
    assert (told.report_number, told.office) == ("02/Reg/LP/PB/KAB/16.12/X/2020", "Kab/16.12")


async def test_matters_are_listed_by_the_office_of_their_number(served: Served) -> None:
    await acts.is_registered(served)
    other = acts.a_registration(number="003/LP/PL/Kota/27.01/III/2024")
    name = (await acts.done(served, WRITE + "RegisterMatter", other)).matter

    async def of(office: str) -> bytes | Refused:
        request = pb.ListMattersRequest(parent="institutions/bawaslu", office=office)
        return await served.call(READ + "ListMatters", request, Caller("bawaslu"))

    listed, refused = await of("Kota/27.01"), await of("27.01")

    assert isinstance(listed, bytes) and isinstance(refused, Refused)
    (found,) = pb.ListMattersResponse.FromString(listed).matters
    assert (found.name, found.office) == (name, "Kota/27.01")
    assert refused.fields == ("office",)


async def test_two_persons_may_be_in_one_case(served: Served) -> None:
    first = await acts.is_registered(served)
    answer = await served.call(READ + "GetMatter", pb.GetMatterRequest(name=first), Caller("bawaslu"))
    assert isinstance(answer, bytes)
    case_id = pb.Matter.FromString(answer).case_id

    await acts.done(
        served,
        WRITE + "RegisterMatter",
        acts.a_registration(number="003/LP/PL/Kab/27.09/III/2024", case_id=case_id),
    )

    listed = await served.call(
        READ + "ListMatters",
        pb.ListMattersRequest(parent="institutions/bawaslu", case_id=case_id),
        Caller("bawaslu"),
    )
    assert isinstance(listed, bytes)
    assert len(pb.ListMattersResponse.FromString(listed).matters) == 2


async def test_the_examiner_it_was_referred_to_is_heard(served: Served) -> None:
    name = (await refer(served)).matter
    accepted = kasn_events.Accepted(register_number="17/REG")

    await acts.says(served, "bkn", "netral.examiner.accepted.v1", accepted, matter=name.rsplit("/", 1)[1])

    assert await state(served, name) == "UNDER_EXAMINATION"


async def test_nobody_is_heard_on_a_matter_that_was_not_referred_to_them(served: Served) -> None:
    name = await acts.is_studied(served)
    accepted = kasn_events.Accepted(register_number="17/REG")

    with pytest.raises(AssertionError, match="NOT_THE_EXAMINER"):
        await acts.says(served, "bkn", "netral.examiner.accepted.v1", accepted, matter=name.rsplit("/", 1)[1])

    assert await state(served, name) == "STUDIED"
