"""Decrees as they are made in the field: a delayed raise, a PPPK's cut for eight months, a class below the recommendation."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from kasn import feature as kasn_desk
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from refusals import Malformed, ReasonNeeded
from support.acts import new_id
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World
from support.story import Story, a_person, day

PPK = "ppk-6202"
PARTIES = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [
        *((party, "personnel_authority") for party in (PPK, "prov-62", "kemendagri")),
        ("bkn", "data_holder"),
    ],
}


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    make_keys(tmp_path, PARTIES)
    return Place(tmp_path, nats_server.url, databases)


def at(party: str, story: Story) -> dict[str, str]:
    return {"name": f"institutions/{party}/matters/{story.matter}", "request_id": new_id()}


async def recommended(world: World, person: person_pb2.Person, sanction_class: str) -> Story:
    """A matter whose recommendation the regent's office acknowledged."""
    story = Story(person=person)
    for party, method, request in islice(story.steps(), 4):
        answer = await world.call(party, method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        await world.settle()
    letter = kasn.RecommendRequest(
        **at("kasn", story),
        letter_number="R-1/KASN/11/2023",
        letter_date=day("2023-11-20"),
        addressee=PPK,
        act="2022-DSB7",
        family="DISCIPLINE",
        sanction_class=sanction_class,
        reasons="Terbukti.",
    )
    await told(world, "kasn", "Recommend", letter)
    await told(world, PPK, "OpenRecommendation", ppk.OpenRecommendationRequest(**at(PPK, story)))
    register = ppk.AcknowledgeRecommendationRequest(**at(PPK, story), register_number="AG-1")
    await told(world, PPK, "AcknowledgeRecommendation", register)
    return story


async def told(world: World, party: str, method: str, request: Any) -> None:
    await world.call(party, method, request)
    await world.settle()


async def examined(world: World, story: Story) -> None:
    """The direct superior summons and examines; there is no team."""
    summons = discipline.SummonRequest(
        **at(PPK, story),
        letter_number="800/1/PGL",
        letter_date=day("2023-11-22"),
        examination_date=day("2023-11-27"),
    )
    await told(world, PPK, "Summon", summons)
    minutes = discipline.RecordExaminationRequest(
        **at(PPK, story),
        examination_date=day("2023-11-27"),
        minutes_digest=b"m" * 32,
        signature=steps.MINUTES_SIGNATURE_SIGNED,
        mode=steps.EXAMINATION_MODE_IN_PERSON,
    )
    await told(world, PPK, "RecordExamination", minutes)


def a_decree(story: Story, sanction: str, **more: Any) -> ppk.ImposeSanctionRequest:
    return ppk.ImposeSanctionRequest(
        **at(PPK, story),
        decree_number="800/1/SK",
        decree_date=day("2023-12-01"),
        sanction=sanction,
        **more,
    )


async def reported(world: World, story: Story) -> None:
    report = ppk.ReportFollowUpRequest(
        **at(PPK, story),
        kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
        letter_number="800/1/TL",
        letter_date=day("2023-12-02"),
        decree_digest=b"d" * 32,
    )
    await told(world, PPK, "ReportFollowUp", report)


def it_conforms(story: Story, **more: Any) -> kasn.VerifyFollowUpRequest:
    return kasn.VerifyFollowUpRequest(
        **at("kasn", story),
        status=kasn_events.VERIFICATION_STATUS_CONFORMS,
        verified_date=day("2023-12-05"),
        **more,
    )


async def state(world: World, story: Story) -> str:
    """The matter's state at the examiner."""
    request = kasn.GetMatterRequest(name=f"institutions/kasn/matters/{story.matter}")
    shown = await world.ask("kasn", kasn_desk.READ, "GetMatter", request)
    return str(shown.state)


async def test_a_raise_is_delayed_for_a_year_without_a_team(place: Place) -> None:
    """Kotawaringin Timur: medium discipline is that of PP 53/2010 art. 7(3) a by PP 94/2021 art. 42, and a team may be formed."""
    async with World(place) as world:
        story = await recommended(world, a_person(), "DISCIPLINE_MEDIUM")
        await examined(world, story)
        decree = a_decree(story, "PP53-7-3-A", decided_by="PPK")

        await told(world, PPK, "ImposeSanction", decree)
        await reported(world, story)
        await told(world, "kasn", "VerifyFollowUp", it_conforms(story))

        assert await state(world, story) == "COMPLETED"


async def test_a_class_below_the_recommendation_is_lawful_and_needs_a_reason_on_both_sides(
    place: Place,
) -> None:
    async with World(place) as world:
        story = await recommended(world, a_person(), "DISCIPLINE_SEVERE")
        await examined(world, story)
        with pytest.raises(ReasonNeeded, match="DISCIPLINE_SEVERE was recommended"):
            await world.call(PPK, "ImposeSanction", a_decree(story, "PP53-7-3-A"))
        reason = "Pelanggaran pertama, tidak berdampak pada negara."

        await told(world, PPK, "ImposeSanction", a_decree(story, "PP53-7-3-A", stated_reason=reason))
        await reported(world, story)
        with pytest.raises(ReasonNeeded):
            await world.call("kasn", "VerifyFollowUp", it_conforms(story))
        await told(world, "kasn", "VerifyFollowUp", it_conforms(story, stated_reason="Alasan PPK diterima."))

        assert await state(world, story) == "COMPLETED"


async def test_a_pppks_pay_is_cut_for_eight_months_by_the_regents_own_rule(place: Place) -> None:
    """The decree says rule, amount and months; the procedure of civil servants is not asked of a PPPK."""
    person = a_person()
    person.employment, person.nip = person_pb2.EMPLOYMENT_PPPK, "198001012021211001"
    async with World(place) as world:
        story = await recommended(world, person, "DISCIPLINE_MEDIUM")
        with pytest.raises(Malformed) as refused:
            await world.call(PPK, "ImposeSanction", a_decree(story, "PP49-MEDIUM"))
        assert refused.value.field == "measure_basis"
        cut = {"measure_basis": "Perbup 12/2022", "measure_amount": "Rp500.000", "measure_months": 8}

        await told(world, PPK, "ImposeSanction", a_decree(story, "PP49-MEDIUM", **cut))
        await reported(world, story)
        await told(world, "kasn", "VerifyFollowUp", it_conforms(story))

        assert await state(world, story) == "COMPLETED"
