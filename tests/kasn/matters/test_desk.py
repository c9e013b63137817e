"""A running examiner's desk: what its acts send, to whom, and what a stranger cannot do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import service_pb2 as pb
from netral.ppk.v1 import events_pb2 as ppk_events
from support import acts, desks
from support.desks import Caller, Served

WRITE, READ = "/netral.kasn.v1.KasnService/", "/netral.kasn.v1.KasnReadService/"
# With copies; the examiner of these tests holds the data as well, so one is for itself, without prose that it has.
COPIED = [acts.EMPLOYER, "bawaslu", "bkn", desks.OVERSEER]
# What each act says, whether prose goes along, and to whom; after the first, the same as a copy.
SENT = {
    "AcceptReferral": ("accepted", False, ["bawaslu"]),
    "ReturnReferral": ("returned", True, ["bawaslu"]),
    "DecideNotProven": ("not_proven", True, ["bawaslu"]),
    "Recommend": ("recommended", True, COPIED),
    "AnswerObjection": ("objection_answered", True, [acts.EMPLOYER]),
    "VerifyFollowUp": ("verified", True, COPIED),
    "RequestCompletion": ("completion_requested", True, ["bawaslu"]),
    "RequestClarification": ("clarification_requested", True, [acts.EMPLOYER]),
    "DeclareConflict": ("withdrawn", False, [acts.EMPLOYER]),
    "CorrectRecommendation": ("corrected", True, COPIED),
    "WithdrawRecommendation": ("withdrawn", True, COPIED),
}


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        yield served


async def matter(served: Served, name: str) -> pb.Matter:
    answer = await served.call(READ + "GetMatter", pb.GetMatterRequest(name=name), Caller(served.parties[0]))
    assert isinstance(answer, bytes)
    return pb.Matter.FromString(answer)


@pytest.mark.parametrize("method", SENT)
async def test_an_act_is_told_to_whom_it_concerns(served: Served, method: str) -> None:
    fact, prose, recipients = SENT[method]
    act = await acts.done(served, WRITE + method, await acts.WRITES[WRITE + method](served))

    statements = await acts.sent(served, act)

    assert [statement.recipient for statement in statements] == recipients
    for statement in statements:
        assert statement.type == f"netral.examiner.{fact}.v1"
        assert statement.copy_of == ("" if statement is statements[0] else statements[0].id)
        assert bool(statement.commitment) == (prose and statement.recipient != "bkn")


async def test_an_objection_that_is_right_is_told_to_addressee_supervisor_and_governor(
    served: Served,
) -> None:
    request = await acts.WRITES[WRITE + "AnswerObjection"](served)
    assert isinstance(request, pb.AnswerObjectionRequest)
    request.answer = pb.OBJECTION_ANSWER_WITHDRAW

    act = await acts.done(served, WRITE + "AnswerObjection", request)

    told = [(statement.type, statement.recipient) for statement in await acts.sent(served, act)]
    assert told == [
        ("netral.examiner.withdrawn.v1", acts.EMPLOYER),
        ("netral.examiner.withdrawn.v1", "bawaslu"),
        ("netral.examiner.withdrawn.v1", "bkn"),
        ("netral.examiner.withdrawn.v1", desks.OVERSEER),
    ]


async def test_a_rejected_recommendation_is_withdrawn_from_one_and_addressed_to_another(
    served: Served,
) -> None:
    rejected = ppk_events.Rejected(reason=ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE)
    name = await acts.hears_the_authority(served, ("opened", ppk_events.Opened()), ("rejected", rejected))
    request = acts.a_recommendation(name, letter_number="R-1944/KASN/7/2020", addressee="ppk-3204")

    act = await acts.done(served, WRITE + "Recommend", request)

    told = [(statement.type, statement.recipient) for statement in await acts.sent(served, act)]
    assert told == [
        ("netral.examiner.withdrawn.v1", acts.EMPLOYER),
        ("netral.examiner.recommended.v1", "ppk-3204"),
        ("netral.examiner.recommended.v1", "bawaslu"),
        ("netral.examiner.recommended.v1", "bkn"),
    ]
    assert list((await matter(served, name)).former_addressees) == [acts.EMPLOYER]


async def test_the_person_goes_along_sealed_and_not_in_the_statement(served: Served) -> None:
    act = await acts.done(served, WRITE + "Recommend", acts.a_recommendation(await acts.is_examined(served)))
    reading = person_pb2.ReadFileRequest(
        name=act.matter, request_id=acts.new_id(), purpose=person_pb2.READ_PURPOSE_HANDLING
    )

    answer = await served.call(WRITE + "ReadFile", reading, Caller(served.parties[0]))

    assert isinstance(answer, bytes)
    assert acts.NIP.encode() in answer
    for statement in await acts.sent(served, act):
        assert acts.NIP.encode() not in statement.SerializeToString()
        assert b"Terbukti" not in statement.SerializeToString()


async def test_another_authority_than_the_addressee_is_refused_in_its_receipt(served: Served) -> None:
    name = await acts.hears_the_authority(served)
    opened = ppk_events.Opened()

    with pytest.raises(AssertionError, match="NOT_THE_ADDRESSEE"):
        await acts.says(
            served,
            "ppk-3204",
            "netral.personnel_authority.opened.v1",
            opened,
            matter=name.rsplit("/", 1)[1],
        )

    assert (await matter(served, name)).state == "RECOMMENDED"
