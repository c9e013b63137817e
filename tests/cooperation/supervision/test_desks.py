"""Running desks: what a team records, settles and passes on; what Bawaslu takes in and tells."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from netral.bawaslu.v1 import intake_pb2 as intake
from netral.exchange.v1 import person_pb2
from netral.supervision.v1 import events_pb2
from netral.supervision.v1 import indications_pb2 as pb
from support import acts, desks
from support.basics import DIGEST, NIP, day, done, new_id
from support.desks import Caller, Refused, Served
from support.supervisions import (
    ANSWERED,
    AUTHORITY,
    INDICATION_READS,
    INDICATIONS,
    LINK,
    PASSED,
    TEAM,
    a_guidance,
    a_passing,
    an_indication,
    has_arrived,
    has_team,
    is_answered,
    is_passed,
    is_recorded,
)

INTAKE, INTAKE_READS = "/netral.bawaslu.v1.IntakeService/", "/netral.bawaslu.v1.IntakeReadService/"


@pytest.fixture
async def authority(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        yield served


@pytest.fixture
async def bawaslu(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as served:
        yield served


async def shown(served: Served, name: str) -> pb.Indication:
    answer = await served.call(
        INDICATION_READS + "GetIndication", pb.GetIndicationRequest(name=name), Caller(AUTHORITY)
    )
    assert isinstance(answer, bytes), answer
    return pb.Indication.FromString(answer)


async def listed(served: Served, **only: Any) -> list[str]:
    request = pb.ListIndicationsRequest(parent=f"institutions/{AUTHORITY}", **only)
    answer = await served.call(INDICATION_READS + "ListIndications", request, Caller(AUTHORITY))
    assert isinstance(answer, bytes), answer
    return [one.name for one in pb.ListIndicationsResponse.FromString(answer).indications]


async def test_a_team_that_was_not_registered_records_nothing(authority: Served) -> None:
    answer = await authority.call(INDICATIONS + "RecordIndication", an_indication(), Caller(AUTHORITY))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "TEAM_NOT_REGISTERED")


async def test_a_team_of_another_authority_is_not_this_ones(authority: Served) -> None:
    await has_team(authority)
    request = an_indication(parent="institutions/ppk-3204")
    answer = await authority.call(INDICATIONS + "RecordIndication", request, Caller("ppk-3204"))

    assert isinstance(answer, Refused)
    assert answer.reason == "TEAM_NOT_REGISTERED"


async def test_a_wrong_number_of_the_person_is_refused_without_saying_it(authority: Served) -> None:
    await has_team(authority)
    request = an_indication(person=acts.a_person(nip="199001012015031"))
    answer = await authority.call(INDICATIONS + "RecordIndication", request, Caller(AUTHORITY))

    assert isinstance(answer, Refused)
    assert answer.fields == ("person.nip",)
    assert "1990" not in answer.seen


async def test_what_is_settled_stays_at_the_authority(authority: Served) -> None:
    name = await is_recorded(authority)
    act = await done(authority, INDICATIONS + "SettleIndication", a_guidance(name))
    found = await shown(authority, name)

    assert (act.state, list(act.statements)) == ("SETTLED", [])
    assert (found.guidance, found.minutes_digest, found.material_digests) == ("COUNSELLED", DIGEST, [DIGEST])


async def test_what_is_passed_on_is_said_to_bawaslu_in_codes_and_dates(authority: Served) -> None:
    name = await is_recorded(authority)
    act = await done(authority, INDICATIONS + "PassIndication", a_passing(name))
    (statement,) = await acts.sent(authority, act)
    facts = events_pb2.InformationPassed()
    statement.facts.Unpack(facts)

    assert (statement.type, statement.recipient) == (PASSED, "bawaslu")
    assert (facts.act, facts.team_number, list(facts.evidence_digests)) == ("2022-DSA7", TEAM, [DIGEST])
    assert statement.commitment
    assert (await shown(authority, name)).statement == statement.id
    for secret in (NIP, LINK, "Sri Wahyuni"):
        assert secret.encode() not in statement.SerializeToString()


async def test_a_number_of_a_letter_passes_on_one_indication(authority: Served) -> None:
    await is_passed(authority)
    act = await done(authority, INDICATIONS + "RecordIndication", an_indication())
    answer = await authority.call(INDICATIONS + "PassIndication", a_passing(act.matter), Caller(AUTHORITY))

    assert isinstance(answer, Refused)
    assert (answer.reason, answer.fields) == ("NUMBER_USED", ("letter_number",))


async def test_the_file_has_links_and_person_and_its_reading_is_recorded(authority: Served) -> None:
    name = await is_recorded(authority)
    request = pb.ReadIndicationFileRequest(
        name=name, request_id=new_id(), purpose=person_pb2.READ_PURPOSE_HANDLING
    )
    answer = await authority.call(INDICATIONS + "ReadIndicationFile", request, Caller(AUTHORITY))
    assert isinstance(answer, bytes), answer
    found = person_pb2.ReadFileResponse.FromString(answer)
    (entry,) = found.entries

    assert (list(entry.part.links), entry.part.person.nip) == ([LINK], NIP)
    assert found.record


async def test_the_team_sees_every_stage_with_the_statement_that_told_it(authority: Served) -> None:
    name = await is_passed(authority)
    first = await is_answered(authority, name)
    last = await is_answered(authority, name, stage="CLOSED", number="", reason="NO_INDICATION")
    found = await shown(authority, name)

    assert [(one.stage, one.statement) for one in found.stages] == [("TRACING", first), ("CLOSED", last)]
    assert (found.stage, found.stages[1].reason) == ("CLOSED", "NO_INDICATION")


async def test_indications_are_listed_by_state_and_by_what_was_told_last(authority: Served) -> None:
    passed = await is_passed(authority)
    await is_answered(authority, passed)
    act = await done(authority, INDICATIONS + "RecordIndication", an_indication())

    assert await listed(authority) == [passed, act.matter]
    assert await listed(authority, state="RECORDED") == [act.matter]
    assert await listed(authority, stage="TRACING") == [passed]
    assert await listed(authority, page_size=1) == [passed]


async def test_of_an_indication_that_nobody_passed_on_nothing_is_heard(authority: Served) -> None:
    name = await is_recorded(authority)
    with pytest.raises(AssertionError, match="NOT_THE_SUPERVISOR"):
        await is_answered(authority, name)

    assert not (await shown(authority, name)).stages


async def test_what_arrives_opens_an_intake_that_an_officer_reads_and_traces(bawaslu: Served) -> None:
    name = await has_arrived(bawaslu)
    read = intake.ReadIntakeFileRequest(
        name=name, request_id=new_id(), purpose=person_pb2.READ_PURPOSE_HANDLING
    )
    answer = await bawaslu.call(INTAKE + "ReadIntakeFile", read, Caller("bawaslu"))
    assert isinstance(answer, bytes), answer
    (entry,) = person_pb2.ReadFileResponse.FromString(answer).entries
    letter = {"letter_number": "5/ST", "letter_date": day(), "request_id": new_id()}
    act = await done(bawaslu, INTAKE + "StartTracing", intake.StartTracingRequest(name=name, **letter))
    (told,) = await acts.sent(bawaslu, act)

    assert list(entry.part.links) == [LINK]
    assert (told.type, told.recipient, told.subject) == (ANSWERED, AUTHORITY, name.rpartition("/")[2])
    assert told.case_id != told.subject


async def test_what_cannot_be_right_opens_no_intake(bawaslu: Served) -> None:
    with pytest.raises(AssertionError, match="channel"):
        await has_arrived(bawaslu, channel="TELEPATHY")
    answer = await bawaslu.call(
        INTAKE_READS + "ListIntakes",
        intake.ListIntakesRequest(parent="institutions/bawaslu"),
        Caller("bawaslu"),
    )

    assert isinstance(answer, bytes)
    assert not intake.ListIntakesResponse.FromString(answer).intakes
