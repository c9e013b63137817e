"""`GetOutcome`: what an act led to is told in words of the caller's language, with everybody who was told of it by name."""

from pathlib import Path

import grpc
import pytest

from netral.exchange.v1 import acts_pb2
from netral.exchange.v1.service_pb2 import Act
from support import acts, desks
from support.desks import Caller, Refused, Served

OUTCOME = "/netral.exchange.v1.ActService/GetOutcome"
OPEN = "/netral.ppk.v1.PpkService/OpenRecommendation"


async def outcome_of(served: Served, record: str, caller: Caller) -> acts_pb2.ActOutcome | Refused:
    asked = acts_pb2.GetOutcomeRequest(name=f"institutions/{caller.party}/records/{record}")
    answer = await served.call(OUTCOME, asked, caller)
    return answer if isinstance(answer, Refused) else acts_pb2.ActOutcome.FromString(answer)


@pytest.mark.parametrize(
    ("language", "words", "state_words", "told_words"),
    [
        ("", "opens the recommendation", "opened by an officer", "recommendation opened by the authority"),
        ("id", "membuka rekomendasi", "dibuka petugas", "rekomendasi dibuka oleh PPK"),
    ],
)
async def test_an_act_says_in_words_what_it_did_and_whom_it_told(
    language: str, words: str, state_words: str, told_words: str, tmp_path: Path
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        request = await acts.WRITES[OPEN](served)
        caller = Caller(served.parties[0], language=language)
        answer = await served.call(OPEN, request, caller)
        assert not isinstance(answer, Refused)
        done = Act.FromString(answer)

        outcome = await outcome_of(served, done.record, caller)

    assert isinstance(outcome, acts_pb2.ActOutcome)
    assert (outcome.action, outcome.words) == ("ppk.open", words)
    assert (outcome.state, outcome.state_words) == ("OPENED", state_words)
    (told,) = outcome.told
    assert [told.statement] == list(done.statements)
    assert (told.recipient, told.words, told.copy) == ("bkn", told_words, False)
    assert told.recipient_name == "Badan Kepegawaian Negara"


async def test_copies_are_told_apart_from_the_original(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    path = "/netral.kasn.v1.KasnService/Recommend"
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        request = await acts.WRITES[path](served)
        caller = Caller(served.parties[0])
        answer = await served.call(path, request, caller)
        assert not isinstance(answer, Refused)

        outcome = await outcome_of(served, Act.FromString(answer).record, caller)

    assert isinstance(outcome, acts_pb2.ActOutcome)
    assert [each.recipient for each in outcome.told if not each.copy] == [acts.EMPLOYER]
    assert "bawaslu" in {each.recipient for each in outcome.told if each.copy}


async def test_a_record_that_the_party_does_not_have_has_no_outcome(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        request = await acts.WRITES[OPEN](served)
        owner, other = Caller(served.parties[0]), Caller(served.parties[1])
        answer = await served.call(OPEN, request, owner)
        assert not isinstance(answer, Refused)

        for record, caller in ((acts.new_id(), owner), (Act.FromString(answer).record, other)):
            refused = await outcome_of(served, record, caller)

            assert isinstance(refused, Refused)
            assert (refused.code, refused.fields) == (grpc.StatusCode.NOT_FOUND, ("name",))
