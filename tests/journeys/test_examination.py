"""Real failures of an examination (wrong letters, missing studies, conflicts), with the evidence that an officer would use.

Over a real NATS, on both databases; those who oversee are parties on the host of the personnel authorities.
"""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from bawaslu import feature as bawaslu_desk
from host.services import exchange_api
from kasn import feature as kasn_desk
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1 import person_pb2
from netral.exchange.v1 import service_pb2 as exchange
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from ppk import feature as ppk_desk
from refusals import Malformed
from support.acts import new_id
from support.invariants import check_all, read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World
from support.story import Story, a_person, day

PPK, WRONG, GOVERNOR = "ppk-6202", "ppk-3204", "prov-62"
OVERSEERS = ("bkn", "kemendagri", GOVERNOR)
RECOMMENDED = "netral.examiner.recommended.v1"
PARTIES = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [
        *((party, "personnel_authority") for party in (PPK, WRONG, GOVERNOR, "kemendagri")),
        ("bkn", "data_holder"),
    ],
}
READERS = {"bawaslu": (bawaslu_desk.READ, bawaslu), "kasn": (kasn_desk.READ, kasn)}


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    make_keys(tmp_path, PARTIES)
    return Place(tmp_path, nats_server.url, databases)


async def matter(world: World, party: str, story: Story) -> Any:
    """The matter as the party's desk shows it."""
    reader, contract = READERS.get(party, (ppk_desk.READ, ppk))
    request = contract.GetMatterRequest(name=f"institutions/{party}/matters/{story.matter}")
    return await world.ask(party, reader, "GetMatter", request)


async def sent(world: World, party: str, type: str) -> dict[str, Any]:
    """A party's outbox rows of a type by recipient; the last to each."""
    request = exchange.ListOutboxRequest(parent=f"institutions/{party}", show_settled=True, page_size=1000)
    answer = await world.ask(party, exchange_api.ExchangeRead, "ListOutbox", request)
    return {one.recipient: one for one in answer.statements if one.type == type}


async def begun(world: World, *, accepted: bool = True, number: int = 1, **more: Any) -> Story:
    """A matter that was referred to the examiner, and accepted."""
    story = Story(number=number, **more)
    for party, method, request in islice(story.steps(), 4 if accepted else 3):
        answer = await world.call(party, method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        await world.settle()
    return story


def at(party: str, story: Story) -> dict[str, str]:
    return {"name": f"institutions/{party}/matters/{story.matter}", "request_id": new_id()}


def a_recommendation(story: Story, addressee: str, number: str) -> kasn.RecommendRequest:
    return kasn.RecommendRequest(
        **at("kasn", story),
        letter_number=number,
        letter_date=day("2023-11-20"),
        addressee=addressee,
        act="2022-DSB7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_LIGHT",
        reasons="Terbukti.",
        due_date=day("2023-12-04"),
    )


async def follow_up(world: World, party: str, story: Story) -> None:
    """The authority opens, examines, imposes a light sanction and reports it; the examiner finds that it conforms."""
    n = story.number
    acts = [
        ("OpenRecommendation", ppk.OpenRecommendationRequest(**at(party, story))),
        (
            "AcknowledgeRecommendation",
            ppk.AcknowledgeRecommendationRequest(**at(party, story), register_number=f"AG-{n}"),
        ),
        (
            "Summon",
            discipline.SummonRequest(
                **at(party, story),
                letter_number=f"800/{n}/PGL",
                letter_date=day("2023-11-22"),
                examination_date=day("2023-11-27"),
            ),
        ),
        (
            "RecordExamination",
            discipline.RecordExaminationRequest(
                **at(party, story),
                examination_date=day("2023-11-27"),
                minutes_digest=b"m" * 32,
                signature=steps.MINUTES_SIGNATURE_SIGNED,
                mode=steps.EXAMINATION_MODE_IN_PERSON,
            ),
        ),
        (
            "ImposeSanction",
            ppk.ImposeSanctionRequest(
                **at(party, story),
                decree_number=f"800/{n}/SK",
                decree_date=day("2023-12-01"),
                sanction="PP94-8-2-A",
            ),
        ),
        (
            "ReportFollowUp",
            ppk.ReportFollowUpRequest(
                **at(party, story),
                kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
                letter_number=f"800/{n}/TL",
                letter_date=day("2023-12-02"),
                decree_digest=b"d" * 32,
            ),
        ),
    ]
    for method, request in acts:
        await world.call(party, method, request)
        await world.settle()
    verification = kasn.VerifyFollowUpRequest(
        **at("kasn", story),
        status=kasn_events.VERIFICATION_STATUS_CONFORMS,
        verified_date=day("2023-12-05"),
    )
    await world.call("kasn", "VerifyFollowUp", verification)
    await world.settle()


async def check(world: World) -> None:
    check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])


async def test_no_letter_yet_while_bawaslu_has_its_copy_is_told_apart_by_receipts(place: Place) -> None:
    """Sukoharjo 2020: twenty days after the date the PPK's office had no letter, and Bawaslu its copy."""
    async with World(place) as world:
        story = await begun(world)
        await world.call("kasn", "Recommend", a_recommendation(story, PPK, "R-1/KASN/11/2023"))
        await world.move("bawaslu", "kasn")  # the host of the authorities is away

        told = await sent(world, "kasn", RECOMMENDED)
        assert told["bawaslu"].HasField("custody_time")
        assert told["bawaslu"].outcome == "TAKEN_UP"
        assert (told[PPK].attempts, told[PPK].HasField("custody_time")) == (1, False)
        assert (await matter(world, "bawaslu", story)).addressee == PPK

        await world.settle()

        # Now the office cannot say so any more: it holds the letter, and has not opened it.
        told = await sent(world, "kasn", RECOMMENDED)
        assert told[PPK].custody_time.ToNanoseconds() > told["bawaslu"].custody_time.ToNanoseconds()
        assert (await matter(world, PPK, story)).state == "RECEIVED"
        assert (await matter(world, "kasn", story)).state == "RECOMMENDED"
        await check(world)


async def test_the_wrong_authority_is_cleared_and_the_history_stays(place: Place) -> None:
    """R-1943/KASN/7/2020: the person was not the regent's, who was warned for nothing."""
    async with World(place) as world:
        story = await begun(world)
        await world.call("kasn", "Recommend", a_recommendation(story, WRONG, "R-1/KASN/11/2023"))
        await world.settle()
        await world.call(WRONG, "OpenRecommendation", ppk.OpenRecommendationRequest(**at(WRONG, story)))
        rejection = ppk.RejectRecommendationRequest(
            **at(WRONG, story), reason=ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE
        )
        await world.call(WRONG, "RejectRecommendation", rejection)
        await world.settle()
        await world.call("kasn", "Recommend", a_recommendation(story, PPK, "R-2/KASN/11/2023"))
        await world.settle()

        examiner, cleared = await matter(world, "kasn", story), await matter(world, WRONG, story)
        assert (examiner.addressee, list(examiner.former_addressees)) == (PPK, [WRONG])
        assert (cleared.state, cleared.withdrawal_reason) == ("WITHDRAWN", "NOT_ADDRESSEES_EMPLOYEE")
        # Those who oversee were told of the right authority, each with a receipt, and have no matter of their own.
        told = await sent(world, "kasn", RECOMMENDED)
        assert [told[overseer].outcome for overseer in OVERSEERS] == ["TAKEN_UP"] * 3
        ppk_books = await read_host_tables("ppk", world.desks["ppk"].database)
        assert {row.party for row in ppk_books.matters} == {PPK, WRONG}
        await follow_up(world, PPK, story)
        assert (await matter(world, "bawaslu", story)).state == "COMPLETED"
        await check(world)


async def test_a_referral_without_a_study_goes_back_with_the_reason_and_comes_again(place: Place) -> None:
    async with World(place) as world:
        story = await begun(world, accepted=False)
        back = kasn.ReturnReferralRequest(
            **at("kasn", story), reason=kasn_events.RETURN_REASON_NO_STUDY, remarks="Tanpa kajian."
        )
        await world.call("kasn", "ReturnReferral", back)
        await world.settle()

        returned = await matter(world, "bawaslu", story)
        assert (returned.state, returned.return_reason) == ("RETURNED", "NO_STUDY")
        study = bawaslu.ConcludeStudyRequest(
            **at("bawaslu", story),
            study_number="99/KAJIAN/2023",
            study_date=day("2023-11-16"),
            conclusion=1,
            suspected_acts=["2022-DSB7"],
            study_digest=b"k" * 32,
        )
        await world.call("bawaslu", "ConcludeStudy", study)
        again = bawaslu.ReferMatterRequest(
            **at("bawaslu", story),
            letter_number="99/PP.00.02/2023",
            letter_date=day("2023-11-17"),
            evidence_digests=[b"e" * 32],
        )
        await world.call("bawaslu", "ReferMatter", again)
        await world.settle()

        here = await matter(world, "kasn", story)
        assert (here.state, here.study_number, here.return_reason) == ("REFERRED", "99/KAJIAN/2023", "")
        await check(world)


async def test_an_incomplete_identity_is_completed_instead_of_being_held_back(place: Place) -> None:
    """2019: referrals without post and grade lay at KASN; nobody could see for what they waited."""
    async with World(place) as world:
        story = await begun(world, accepted=False, person=a_person())
        ask = kasn.RequestCompletionRequest(
            **at("kasn", story),
            letter_number="R-7/KASN/11/2023",
            letter_date=day("2023-11-16"),
            missing=[kasn_events.COMPLETION_ITEM_GRADE],
        )
        await world.call("kasn", "RequestCompletion", ask)
        await world.settle()

        asked = await matter(world, "bawaslu", story)
        assert (asked.state, list(asked.missing)) == ("INCOMPLETE", ["GRADE"])
        person = a_person()
        person.grade = "III/d"
        given = bawaslu.CompleteReferralRequest(
            **at("bawaslu", story),
            letter_number="8/PP.00.02/2023",
            letter_date=day("2023-11-17"),
            person=person,
        )
        await world.call("bawaslu", "CompleteReferral", given)
        await world.settle()

        here = await matter(world, "kasn", story)
        assert (here.state, list(here.missing), here.completion_number) == (
            "REFERRED",
            [],
            "R-7/KASN/11/2023",
        )
        await check(world)


async def test_an_authority_with_a_conflict_of_interest_loses_the_case_to_the_governor(place: Place) -> None:
    async with World(place) as world:
        story = await begun(world)
        await world.call("kasn", "Recommend", a_recommendation(story, PPK, "R-1/KASN/11/2023"))
        await world.settle()
        await world.call(PPK, "OpenRecommendation", ppk.OpenRecommendationRequest(**at(PPK, story)))
        await world.settle()
        declared = kasn.DeclareConflictRequest(
            **at("kasn", story), institution=PPK, ground=kasn_events.CONFLICT_GROUND_INTEREST
        )
        await world.call("kasn", "DeclareConflict", declared)
        await world.settle()

        with pytest.raises(Malformed) as refused:
            await world.call("kasn", "Recommend", a_recommendation(story, PPK, "R-2/KASN/11/2023"))
        assert refused.value.reason == "CONFLICT_OF_INTEREST"
        await world.call("kasn", "Recommend", a_recommendation(story, GOVERNOR, "R-3/KASN/11/2023"))
        await world.settle()

        off, here = await matter(world, PPK, story), await matter(world, "kasn", story)
        assert (off.state, off.withdrawal_reason) == ("WITHDRAWN", "CONFLICT_OF_INTEREST")
        assert (here.conflicted, list(here.reason_codes)) == (PPK, ["CONFLICT_OF_INTEREST"])
        await follow_up(world, GOVERNOR, story)
        outcome = await matter(world, "bawaslu", story)
        assert (outcome.state, outcome.addressee) == ("COMPLETED", GOVERNOR)
        await check(world)


async def test_one_letter_two_persons_two_sanctions_after_the_authority_was_asked(place: Place) -> None:
    """Sukoharjo 2020: the Sekda disciplinary, others an open moral statement, in one letter."""
    async with World(place) as world:
        first = await begun(world, number=1)
        second = await begun(world, number=2, person=a_person("Orang Lain Rekaan", "198805052010012002"))
        ask = kasn.RequestClarificationRequest(
            **at("kasn", first),
            letter_number="R-8/KASN/11/2023",
            letter_date=day("2023-11-18"),
            addressee=PPK,
            questions="Apakah yang bersangkutan bertugas?",
        )
        await world.call("kasn", "RequestClarification", ask)
        await world.settle()
        assert await persons_in_file(world, PPK, first) == [a_person()]
        answer = ppk.AnswerClarificationRequest(
            **at(PPK, first), letter_number="800/7/SET", letter_date=day("2023-11-19"), answer="Tidak."
        )
        await world.call(PPK, "AnswerClarification", answer)
        await world.settle()
        items = [
            kasn.LetterItem(
                name=f"institutions/kasn/matters/{story.matter}",
                act=act,
                family=family,
                sanction_class=sanction_class,
                reasons="Terbukti.",
            )
            for story, act, family, sanction_class in (
                (first, "2022-DSB7", "DISCIPLINE", "DISCIPLINE_MEDIUM"),
                (second, "2022-KEA6", "ETHICS", "MORAL_OPEN"),
            )
        ]
        letter = kasn.RecommendLetterRequest(
            parent="institutions/kasn",
            request_id=new_id(),
            letter_number="R-9/KASN/11/2023",
            letter_date=day("2023-11-20"),
            addressee=PPK,
            due_date=day("2023-12-04"),
            items=items,
        )
        await world.call("kasn", "RecommendLetter", letter)
        await world.settle()

        assert (await matter(world, "kasn", first)).clarification_answer == "800/7/SET"
        there = [await matter(world, PPK, story) for story in (first, second)]
        assert [one.letter_number for one in there] == ["R-9/KASN/11/2023"] * 2
        assert [one.sanction_class for one in there] == ["DISCIPLINE_MEDIUM", "MORAL_OPEN"]
        assert await persons_in_file(world, PPK, first) == [a_person(), a_person()]
        await world.settle()  # reading a file is a record
        await check(world)


async def persons_in_file(world: World, party: str, story: Story) -> list[person_pb2.Person]:
    """The person as each entry of a party's file on the matter names them; entries that name nobody are left out."""
    read = person_pb2.ReadFileRequest(**at(party, story), purpose=person_pb2.READ_PURPOSE_HANDLING)
    entries = (await world.call(party, "ReadFile", read)).entries
    return [entry.part.person for entry in entries if entry.part.HasField("person")]


async def test_a_corrected_and_then_withdrawn_recommendation_is_so_at_every_desk(place: Place) -> None:
    async with World(place) as world:
        story = await begun(world)
        await world.call("kasn", "Recommend", a_recommendation(story, PPK, "R-1/KASN/11/2023"))
        await world.settle()
        correction = kasn.CorrectRecommendationRequest(
            **at("kasn", story),
            letter_number="R-2/KASN/11/2023",
            letter_date=day("2023-11-21"),
            act="2022-DSB7",
            family="DISCIPLINE",
            sanction_class="DISCIPLINE_MEDIUM",
            due_date=day("2023-12-05"),
            reasons="Salah ketik.",
        )
        await world.call("kasn", "CorrectRecommendation", correction)
        await world.settle()

        seen = [await matter(world, party, story) for party in ("bawaslu", "kasn", PPK)]
        assert {(one.sanction_class, one.due_date.day) for one in seen} == {("DISCIPLINE_MEDIUM", 5)}
        withdrawal = kasn.WithdrawRecommendationRequest(
            **at("kasn", story),
            letter_number="R-3/KASN/11/2023",
            letter_date=day("2023-11-22"),
            reason=kasn_events.WITHDRAWAL_REASON_NEW_EVIDENCE,
            reasons="Bukti baru.",
        )
        await world.call("kasn", "WithdrawRecommendation", withdrawal)
        await world.settle()

        assert {(await matter(world, party, story)).state for party in ("bawaslu", "kasn", PPK)} == {
            "WITHDRAWN"
        }
        told = await sent(world, "kasn", "netral.examiner.withdrawn.v1")
        assert all(told[overseer].outcome == "TAKEN_UP" for overseer in OVERSEERS)
        await check(world)
