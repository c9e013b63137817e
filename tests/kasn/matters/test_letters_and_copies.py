"""A running examiner's desk: letters on many matters, copies to those who oversee, earlier recommendations."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from netral.kasn.v1 import events_pb2
from netral.kasn.v1 import service_pb2 as pb
from netral.ppk.v1 import events_pb2 as ppk_events
from support import acts, desks
from support.desks import Caller, Refused, Served

WRITE = "/netral.kasn.v1.KasnService/"
PARTIES = desks.PARTIES | {"ppk": ["ppk-6202", "ppk-3204", "prov-62", "kemendagri"]}
OTHER_PERSON = acts.a_person(nip="198805052010012002", full_name="Orang Lain")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path, PARTIES)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        yield served


async def earlier(served: Served, name: str) -> pb.FindEarlierResponse:
    request = pb.FindEarlierRequest(name=name, request_id=acts.new_id())
    answer = await served.call(WRITE + "FindEarlier", request, Caller(served.parties[0]))
    assert isinstance(answer, bytes), answer
    return pb.FindEarlierResponse.FromString(answer)


async def is_examined(served: Served, register: str, person: person_pb2.Person | None = None) -> str:
    name = await acts.is_referred(served, person)
    request = pb.AcceptReferralRequest(name=name, register_number=register, request_id=acts.new_id())
    return (await acts.done(served, WRITE + "AcceptReferral", request)).matter


async def recommend(served: Served, name: str, number: int = 1) -> Act:
    request = acts.a_recommendation(name, letter_number=f"R-{number}/KASN/7/2020")
    return await acts.done(served, WRITE + "Recommend", request)


async def test_copies_go_to_the_parties_that_the_agreement_lists_and_only_some_have_the_person(
    served: Served,
) -> None:
    act = await recommend(served, await is_examined(served, "1/REG"))

    original, *copies = await acts.sent(served, act)

    assert original.recipient == acts.EMPLOYER
    assert [(copy.recipient, bool(copy.commitment)) for copy in copies] == [
        ("bawaslu", True),
        ("bkn", False),  # itself, as holder of the data; it has the person
        ("kemendagri", False),
        ("prov-62", True),
    ]
    assert {copy.copy_of for copy in copies} == {original.id}


async def test_one_letter_recommends_on_two_persons_and_uses_its_number_once(served: Served) -> None:
    names = await acts.are_examined(served, 2)
    letter = acts.a_letter(*names)
    letter.items[1].sanction_class = "DISCIPLINE_LIGHT"

    act = await acts.done(served, WRITE + "RecommendLetter", letter)

    assert (act.action, act.matter) == ("kasn.recommend_letter", "")
    to_the_employer = [s for s in await acts.sent(served, act) if s.recipient == acts.EMPLOYER]
    facts = [events_pb2.Recommended.FromString(statement.facts.value) for statement in to_the_employer]
    assert {fact.letter_number for fact in facts} == {acts.LETTER}
    assert [fact.sanction_class for fact in facts] == [acts.CLASS, "DISCIPLINE_LIGHT"]
    third = acts.a_recommendation(await is_examined(served, "9/REG"))
    used = await served.call(WRITE + "Recommend", third, Caller(served.parties[0]))
    assert isinstance(used, Refused)
    assert (used.code, used.reason) == (grpc.StatusCode.ALREADY_EXISTS, "NUMBER_USED")


async def test_a_letter_with_one_wrong_matter_changes_nothing(served: Served) -> None:
    good, referred = await is_examined(served, "1/REG"), await acts.is_referred(served)
    before = await served.rows()

    answer = await served.call(
        WRITE + "RecommendLetter", acts.a_letter(good, referred), Caller(served.parties[0])
    )

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.FAILED_PRECONDITION, ("items[1].name",))
    assert await served.rows() == before


async def test_the_record_of_each_matter_of_a_letter_names_its_own_statements(served: Served) -> None:
    act = await acts.done(
        served, WRITE + "RecommendLetter", acts.a_letter(*await acts.are_examined(served, 2))
    )

    sent = await acts.sent(served, act)
    leaves = [row for row in (await served.rows())["leaf"] if "kasn.recommend'" in row]

    assert len(sent) == 10
    assert len(leaves) == 2
    for statement in sent:
        assert sum(statement.id in row for row in leaves) == 1


async def test_earlier_recommendations_of_the_same_person_are_found_and_no_others(served: Served) -> None:
    first = await is_examined(served, "1/REG")
    await recommend(served, first, 1)
    await recommend(served, await is_examined(served, "2/REG", OTHER_PERSON), 2)
    await is_examined(served, "3/REG")  # the same person; nothing recommended
    again = await is_examined(served, "4/REG")

    found = await earlier(served, again)

    assert [(each.matter, each.sanction_class) for each in found.earlier] == [(first, acts.CLASS)]
    assert found.record
    assert acts.NIP.encode() not in found.SerializeToString()


async def test_repetition_is_recorded_as_a_reason_only_where_there_is_an_earlier_recommendation(
    served: Served,
) -> None:
    await recommend(served, await is_examined(served, "1/REG"), 1)
    repeated = [events_pb2.RECOMMENDATION_REASON_REPETITION]
    other = acts.a_recommendation(
        await is_examined(served, "2/REG", OTHER_PERSON),
        letter_number="R-2/KASN/7/2020",
        reason_codes=repeated,
    )
    again = acts.a_recommendation(
        await is_examined(served, "3/REG"), letter_number="R-3/KASN/7/2020", reason_codes=repeated
    )

    refused = await served.call(WRITE + "Recommend", other, Caller(served.parties[0]))
    act = await acts.done(served, WRITE + "Recommend", again)

    assert isinstance(refused, Refused)
    assert (refused.reason, refused.fields) == ("NOTHING_EARLIER", ("reason_codes",))
    fact = events_pb2.Recommended.FromString((await acts.sent(served, act))[0].facts.value)
    assert list(fact.reason_codes) == repeated


@pytest.mark.parametrize("by_letter", [False, True], ids=["alone", "in a letter"])
async def test_who_got_severe_discipline_before_gets_something_light_only_with_a_stated_reason(
    served: Served, by_letter: bool
) -> None:
    first = await is_examined(served, "1/REG")
    await recommend(served, first)
    for fact, facts in (
        ("opened", ppk_events.Opened()),
        ("acknowledged", ppk_events.Acknowledged(register_number="17/2025")),
        (
            "decided",
            ppk_events.Decided(decree_number="800/1/SK", decree_date=acts.day(40), sanction="PP94-8-4-A"),
        ),
    ):
        type = f"netral.personnel_authority.{fact}.v1"
        await acts.says(served, acts.EMPLOYER, type, facts, matter=first.rpartition("/")[2])
    again = await is_examined(served, "2/REG")
    request: Any = acts.a_recommendation(
        again, letter_number="R-2/KASN/7/2020", sanction_class="DISCIPLINE_LIGHT"
    )
    method = WRITE + "Recommend"
    if by_letter:
        request, method = acts.a_letter(again), WRITE + "RecommendLetter"
        request.letter_number = "R-2/KASN/7/2020"
        request.items[0].sanction_class = "DISCIPLINE_LIGHT"

    refused = await served.call(method, request, Caller(served.parties[0]))
    request.stated_reason, request.request_id = "Perbuatan lain.", acts.new_id()
    act = await acts.done(served, method, request)

    assert isinstance(refused, Refused)
    assert refused.reason == "REASON_NEEDED"
    assert act.record


async def test_whose_data_key_is_destroyed_is_found_no_more(served: Served) -> None:
    first = await is_examined(served, "1/REG")
    await recommend(served, first)
    again = await is_examined(served, "2/REG")
    assert (await earlier(served, again)).earlier

    await served.desk.vault.destroy((served.parties[0], first.rpartition("/")[2]))

    assert not (await earlier(served, again)).earlier


async def test_the_index_holds_no_number_of_a_person(served: Served) -> None:
    await acts.is_referred(served)

    (row,) = (await served.rows())["person_index"]

    assert acts.NIP not in row


async def test_a_search_by_person_is_in_the_trail(served: Served) -> None:
    name = await acts.is_referred(served)

    await earlier(served, name)

    assert sum("kasn.find_earlier" in row for row in (await served.rows())["leaf"]) == 1


async def test_a_completed_identity_takes_the_place_of_the_first_in_the_index(served: Served) -> None:
    first = await is_examined(served, "1/REG")
    await recommend(served, first)
    wrong = await acts.is_referred(served, OTHER_PERSON)
    ask = pb.RequestCompletionRequest(
        name=wrong,
        letter_number="R-1900/KASN/7/2020",
        letter_date=acts.day(3),
        missing=[events_pb2.COMPLETION_ITEM_IDENTITY],
        request_id=acts.new_id(),
    )
    await acts.done(served, WRITE + "RequestCompletion", ask)

    await acts.completes(served, wrong, acts.a_person())

    assert [each.matter for each in (await earlier(served, wrong)).earlier] == [first]
