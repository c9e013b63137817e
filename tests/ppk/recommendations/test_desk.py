"""A running host of two authorities: what its acts send, keep and show."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from host import reads
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import service_pb2 as pb
from ppk.recommendations.tables import MatterRow
from support import acts, desks
from support.desks import Caller, Refused, Served

WRITE, READ = "/netral.ppk.v1.PpkService/", "/netral.ppk.v1.PpkReadService/"
SENT = {
    "AnswerClarification": ("clarified", True),
    "OpenRecommendation": ("opened", False),
    "AcknowledgeRecommendation": ("acknowledged", False),
    "RejectRecommendation": ("rejected", True),
    "ObjectToRecommendation": ("objected", True),
    "ImposeSanction": ("decided", False),
    "ReportFollowUp": ("followed_up", True),
}


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        yield served


@pytest.mark.parametrize("method", SENT)
async def test_an_act_is_told_to_the_examiner_as_an_answer_to_what_was_heard(
    served: Served, method: str
) -> None:
    fact, prose = SENT[method]
    request = await acts.WRITES[WRITE + method](served)
    act = await acts.done(served, WRITE + method, request)

    (statement,) = await acts.sent(served, act)

    assert (statement.type, statement.recipient) == (f"netral.personnel_authority.{fact}.v1", "bkn")
    assert statement.causation == (await _heard(served, act.matter))
    assert bool(statement.commitment) == prose


async def test_remarks_are_kept_in_the_file_and_not_in_the_statement(served: Served) -> None:
    act = await acts.done(served, WRITE + "ReportFollowUp", acts.a_report(await acts.is_decided(served)))
    reading = person_pb2.ReadFileRequest(
        name=act.matter, request_id=acts.new_id(), purpose=person_pb2.READ_PURPOSE_HANDLING
    )

    answer = await served.call(WRITE + "ReadFile", reading, Caller(served.parties[0]))

    assert isinstance(answer, bytes)
    file = person_pb2.ReadFileResponse.FromString(answer)
    assert [entry.part.text for entry in file.entries] == [
        "Terbukti",
        "Anggota tim",
        "Keterangan",
        "Terlampir",
    ]
    assert file.entries[0].part.person == acts.a_person()
    (statement,) = await acts.sent(served, act)
    assert b"Terlampir" not in statement.SerializeToString()


async def test_two_authorities_of_a_host_have_matters_and_numbers_of_their_own(served: Served) -> None:
    one, other = served.parties[:2]
    for party in (one, other):
        name = await acts.is_recommended(served, party)
        await acts.done(
            served,
            WRITE + "OpenRecommendation",
            pb.OpenRecommendationRequest(name=name, request_id=acts.new_id()),
        )
        acknowledge = pb.AcknowledgeRecommendationRequest(
            name=name, register_number="1", request_id=acts.new_id()
        )
        await acts.done(served, WRITE + "AcknowledgeRecommendation", acknowledge)

    listed = await served.call(
        READ + "ListMatters", pb.ListMattersRequest(parent=f"institutions/{one}"), Caller(one)
    )

    assert isinstance(listed, bytes)
    (matter,) = pb.ListMattersResponse.FromString(listed).matters
    assert matter.name.startswith(f"institutions/{one}/")
    assert (matter.state, matter.examiner, matter.register_number) == ("ACKNOWLEDGED", "bkn", "1")


async def test_a_decree_number_is_used_once(served: Served) -> None:
    await acts.done(served, WRITE + "ImposeSanction", acts.a_sanction(await acts.is_heard(served)))
    name = await acts.is_recommended(served)
    for method, request in (
        ("OpenRecommendation", pb.OpenRecommendationRequest(name=name, request_id=acts.new_id())),
        (
            "AcknowledgeRecommendation",
            pb.AcknowledgeRecommendationRequest(name=name, register_number="18", request_id=acts.new_id()),
        ),
    ):
        await acts.done(served, WRITE + method, request)

    answer = await served.call(
        WRITE + "ImposeSanction",
        acts.a_sanction(name, sanction="PTDH", stated_reason="Anggota partai."),
        Caller(served.parties[0]),
    )

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.ALREADY_EXISTS, ("decree_number",))


async def test_a_decree_that_does_not_yet_conform_is_reported_again_in_a_new_letter_only(
    served: Served,
) -> None:
    name = await acts.is_decided(served)
    await acts.done(served, WRITE + "ReportFollowUp", acts.a_report(name))
    verified = kasn_events.Verified(status=kasn_events.VERIFICATION_STATUS_NOT_YET_CONFORMS)
    await acts.says(served, "bkn", "netral.examiner.verified.v1", verified, matter=name.rsplit("/", 1)[1])

    same_letter = await served.call(WRITE + "ReportFollowUp", acts.a_report(name), Caller(served.parties[0]))
    again = await acts.done(served, WRITE + "ReportFollowUp", acts.a_report(name, letter_number="800/5/SET"))

    assert isinstance(same_letter, Refused)
    assert (same_letter.code, same_letter.fields) == (grpc.StatusCode.ALREADY_EXISTS, ("letter_number",))
    assert again.state == "REPORTED"


async def test_a_recommendation_for_another_authority_is_refused_in_its_receipt(served: Served) -> None:
    with pytest.raises(AssertionError, match="WRONG_ADDRESSEE"):
        await acts.is_recommended(served, addressee="ppk-9999")

    assert (await served.rows())["matter"] == []


async def _heard(served: Served, name: str) -> str:
    """The last statement that took effect on a matter."""
    _, party, _, matter = name.split("/")
    heard: str = (await reads.one(served.desk.database, MatterRow, party, matter)).heard
    return heard


async def test_the_wrong_number_of_a_decree_is_free_for_the_decree_whose_it_is(served: Served) -> None:
    name = await acts.is_decided(served)
    correct = "/netral.ppk.v1.DisciplineService/CorrectDecree"

    async def corrected(number: str) -> None:
        request = discipline.CorrectDecreeRequest(name=name, decree_number=number, request_id=acts.new_id())
        await acts.done(served, correct, request)

    await corrected("800/11/SK")
    await corrected("800/1/SK")

    numbers = "\n".join((await served.rows())["used_number"])
    assert "'800/11/SK', ''" in numbers
    assert f"'800/1/SK', '{name.rpartition('/')[2]}'" in numbers
