"""A moral sanction that rests on a council: formed, examination, chance of defence, its decision, the decree (PP 42/2004 art. 17 to 20)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from refusals import ReasonNeeded, WrongState
from support.decrees import PARTIES, Decided, Setting
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World
from support.story import day

PPK = "ppk-6202"
ETHICAL = Setting(act="2022-KEA1", happened="2023-10-20")


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    make_keys(tmp_path, PARTIES)
    return Place(tmp_path, nats_server.url, databases)


def a_council(case: Decided) -> discipline.FormCouncilRequest:
    return discipline.FormCouncilRequest(
        **case.at(),
        decree_number="800/12/MKE",
        decree_date=day("2023-01-16"),  # a standing council, older than the recommendation
        decree_digest=b"c" * 32,
        members=3,
        remarks="Majelis Rekaan.",
    )


def a_decision(case: Decided, sanction_class: str = "MORAL_OPEN") -> discipline.RecordCouncilDecisionRequest:
    return discipline.RecordCouncilDecisionRequest(
        **case.at(),
        decision_number="3/MKE/2023",
        decision_date=day("2023-11-30"),
        decision_digest=b"k" * 32,
        sanction_class=sanction_class,
    )


async def heard(case: Decided) -> None:
    """The council sits, the person is examined and uses the chance of defence."""
    await case.told(PPK, "FormCouncil", a_council(case))
    await case.examined()
    with pytest.raises(WrongState, match="chance of defence"):
        await case.world.call(PPK, "RecordCouncilDecision", a_decision(case))
    defence = discipline.RecordDefenceRequest(
        **case.at(), defence_date=day("2023-11-28"), way=steps.DEFENCE_WAY_SPOKEN, remarks="Pembelaan Rekaan."
    )
    await case.told(PPK, "RecordDefence", defence)


async def test_a_moral_sanction_rests_on_what_the_council_decided(place: Place):
    async with World(place) as world:
        case = Decided(world, ETHICAL)
        await case.recommended("MORAL_OPEN", family="ETHICS")
        await heard(case)
        assert (await case.at_examiner()).last_step == "DEFENCE_GIVEN"
        await case.told(PPK, "RecordCouncilDecision", a_decision(case))
        assert (await case.at_examiner()).last_step == "COUNCIL_DECIDED"

        await case.imposed(
            "PP42-15-OPEN"
        )  # it names the council's decision by itself, and nothing is warned of

        procedure = await case.procedure()
        assert (procedure.council_decision_number, procedure.council_class) == ("3/MKE/2023", "MORAL_OPEN")
        await case.reported()
        await case.conforms()
        assert (await case.at_examiner()).state == "COMPLETED"


async def test_a_decree_in_another_class_than_the_council_recommended_needs_a_reason(place: Place):
    async with World(place) as world:
        case = Decided(world, ETHICAL)
        await case.recommended("MORAL_OPEN", family="ETHICS")
        await heard(case)
        await case.told(PPK, "RecordCouncilDecision", a_decision(case, "MORAL_CLOSED"))

        with pytest.raises(ReasonNeeded, match="the council recommended MORAL_CLOSED"):
            await world.call(PPK, "ImposeSanction", case.decree("PP42-15-OPEN"))


async def test_a_moral_sanction_without_a_council_is_admitted_as_before_with_a_reason(place: Place):
    async with World(place) as world:
        case = Decided(world, ETHICAL)
        await case.recommended("MORAL_OPEN", family="ETHICS")
        await case.examined()
        with pytest.raises(ReasonNeeded):
            await world.call(PPK, "ImposeSanction", case.decree("PP42-15-OPEN"))

        await case.imposed("PP42-15-OPEN", stated_reason="Majelis belum dibentuk.")

        assert (await case.at_examiner()).state == "DECIDED"
