"""A running supervisor's desk before there is a matter: what is kept apart, what is used once, what people see."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from netral.audit.v1 import service_pb2 as audit
from netral.bawaslu.v1 import intake_pb2 as pb
from netral.bawaslu.v1 import service_pb2 as matters_pb
from netral.exchange.v1 import person_pb2
from support import acts, desks, intakes
from support.desks import Caller, Refused, Served

WRITE, READ = intakes.WRITE, "/netral.bawaslu.v1.IntakeReadService/"
OFFICER = Caller("bawaslu")
HANDLING = person_pb2.READ_PURPOSE_HANDLING


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as served:
        yield served


async def shown(served: Served, name: str) -> pb.Intake:
    answer = await served.call(READ + "GetIntake", pb.GetIntakeRequest(name=name), OFFICER)
    assert isinstance(answer, bytes)
    return pb.Intake.FromString(answer)


async def read(served: Served, method: str, kind: Any, name: str) -> list[str]:
    request = kind(name=name, request_id=acts.new_id(), purpose=HANDLING)
    answer = await served.call(WRITE + method, request, OFFICER)
    assert isinstance(answer, bytes)
    return [entry.part.text for entry in person_pb2.ReadFileResponse.FromString(answer).entries]


@pytest.mark.parametrize("method", [path for path in intakes.WRITES if "Read" not in path])
async def test_nothing_of_an_intake_is_sent(served: Served, method: str) -> None:
    act = await acts.done(served, method, await intakes.WRITES[method](served))

    assert await acts.sent(served, act) == []
    assert (await served.rows())["outbox"] == []


async def test_the_reporter_is_in_a_file_of_its_own(served: Served) -> None:
    name = await intakes.is_received(served)

    assert await read(served, "ReadReporter", pb.ReadReporterRequest, name) == ["Pelapor Rekaan"]
    assert await read(served, "ReadIntakeFile", pb.ReadIntakeFileRequest, name) == ["Ikut kampanye"]
    assert (await shown(served, name)).reporter not in ("", name.rpartition("/")[2])


async def test_reading_who_reported_stands_in_the_trail(served: Served) -> None:
    name = await intakes.is_received(served)
    await read(served, "ReadReporter", pb.ReadReporterRequest, name)

    leaves = await served.call(
        "/netral.audit.v1.AuditService/ListLeaves",
        audit.ListLeavesRequest(parent="institutions/bawaslu", matter=name.rpartition("/")[2]),
        Caller("bawaslu", "auditor"),
    )

    assert isinstance(leaves, bytes)
    kinds = [leaf.type for leaf in audit.ListLeavesResponse.FromString(leaves).leaves]
    assert kinds == ["bawaslu.receive_report", "bawaslu.read_reporter"]


async def test_there_is_nobody_to_read_of_a_report_without_a_reporter(served: Served) -> None:
    name = (await acts.done(served, WRITE + "ReceiveReport", intakes.a_report(reporter=""))).matter
    request = pb.ReadReporterRequest(name=name, request_id=acts.new_id(), purpose=HANDLING)

    answer = await served.call(WRITE + "ReadReporter", request, OFFICER)

    assert isinstance(answer, Refused)
    assert answer.code == grpc.StatusCode.NOT_FOUND


async def test_a_number_is_used_once_by_intakes_and_matters_together(served: Served) -> None:
    await intakes.is_received(served)

    again = await served.call(WRITE + "ReceiveReport", intakes.a_report(), OFFICER)
    short_way = await served.call(
        "/netral.bawaslu.v1.BawasluService/RegisterMatter",
        acts.a_registration(number=intakes.NUMBER),
        OFFICER,
    )

    for answer in (again, short_way):
        assert isinstance(answer, Refused)
        assert (answer.code, answer.fields) == (grpc.StatusCode.ALREADY_EXISTS, ("number",))


async def test_a_registered_report_is_a_matter_of_each_person_in_one_case(served: Served) -> None:
    persons = [intakes.a_reported(), intakes.a_reported(full_name="Tokoh Kedua", nip="198505052010012003")]
    request = intakes.a_registration(await intakes.is_ready(served), persons=persons)
    act = await acts.done(served, WRITE + "RegisterIntake", request)

    listed = await served.call(
        "/netral.bawaslu.v1.BawasluReadService/ListMatters",
        matters_pb.ListMattersRequest(parent="institutions/bawaslu", case_id=act.case_id),
        OFFICER,
    )
    assert isinstance(listed, bytes)
    found = matters_pb.ListMattersResponse.FromString(listed).matters
    assert [matter.number for matter in found] == [intakes.REGISTERED] * 2
    assert [matter.name for matter in found] == list((await shown(served, act.matter)).matters)


async def test_another_matter_can_join_the_case_of_an_intake(served: Served) -> None:
    act = await acts.done(served, WRITE + "ReceiveReport", intakes.a_report())
    joining = acts.a_registration(number="003/LP/PL/Kab/27.09/III/2024", case_id=act.case_id)

    joined = await acts.done(served, "/netral.bawaslu.v1.BawasluService/RegisterMatter", joining)

    assert joined.case_id == act.case_id


async def test_a_study_of_the_whole_concludes_the_matters_it_names(served: Served) -> None:
    name = await intakes.is_registered(served)
    (matter,) = (await shown(served, name)).matters
    conclusion = pb.MatterConclusion(matter=matter.rpartition("/")[2], suspected_acts=[acts.ACT])

    await acts.done(served, WRITE + "ConcludeIntake", intakes.a_conclusion(name, conclusions=[conclusion]))

    answer = await served.call(
        "/netral.bawaslu.v1.BawasluReadService/GetMatter", matters_pb.GetMatterRequest(name=matter), OFFICER
    )
    assert isinstance(answer, bytes)
    assert matters_pb.Matter.FromString(answer).state == "STUDIED"


async def test_an_act_that_is_not_in_the_catalogue_is_refused_and_nothing_is_concluded(
    served: Served,
) -> None:
    name = await intakes.is_registered(served)
    (matter,) = (await shown(served, name)).matters
    conclusion = pb.MatterConclusion(matter=matter.rpartition("/")[2], suspected_acts=["2022-XXX9"])
    before = await served.rows()

    answer = await served.call(
        WRITE + "ConcludeIntake", intakes.a_conclusion(name, conclusions=[conclusion]), OFFICER
    )

    assert isinstance(answer, Refused)
    assert answer.fields == ("conclusions[0].suspected_acts[0]",)
    assert await served.rows() == before


async def test_people_see_which_clock_runs_and_whether_the_office_is_in_the_table(served: Served) -> None:
    intake = await shown(served, await intakes.is_registered(served))

    assert intake.running_clock.rule == "study-pemilu"
    assert intake.running_clock.start_date == acts.day(24)
    assert (intake.office, intake.office_region) == ("Kab/27.09", "")


async def test_intakes_are_listed_by_page_and_by_state(served: Served) -> None:
    first = await intakes.is_received(served)
    second = (await acts.done(served, WRITE + "RecordFinding", intakes.a_finding())).matter

    async def listed(**asked: Any) -> pb.ListIntakesResponse:
        request = pb.ListIntakesRequest(parent="institutions/bawaslu", **asked)
        answer = await served.call(READ + "ListIntakes", request, OFFICER)
        assert isinstance(answer, bytes)
        return pb.ListIntakesResponse.FromString(answer)

    page = await listed(page_size=1)
    rest = await listed(page_size=1, page_token=page.next_page_token)
    assert [each.name for each in (*page.intakes, *rest.intakes)] == [first, second]
    assert [each.name for each in (await listed(state="FOUND")).intakes] == [second]
