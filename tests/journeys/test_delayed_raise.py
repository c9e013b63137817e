"""The delayed raise of article 002: medium discipline beside a local measure, under the rule of 2020 and under today's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import Malformed, ReasonNeeded
from support.decrees import PARTIES, Decided, Setting
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World

SAROLANGUN = Setting(
    authority="ppk-1503",
    region="15.03",
    report="002/LP/PB/Kab/05.09/X/2020",
    act="2020-08",
    letter="R-2708/KASN/10/2020",
    happened="2020-10-05",
    studied="2020-10-07",
    referred="2020-10-08",
    recommended="2020-10-15",
    summoned="2020-10-19",
    examined="2020-11-02",
    decided="2020-11-09",
    reported="2020-11-10",
    verified="2020-11-16",
)
TPP = {
    "measure": "TPP_LOCAL",
    "measure_basis": "Perbup Sarolangun 5/2020",
    "measure_amount": "50%",
    "measure_months": 6,
}


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    make_keys(tmp_path, PARTIES)
    return Place(tmp_path, nats_server.url, databases)


async def test_a_raise_is_delayed_for_a_year_and_tpp_withheld_by_the_regents_rule_in_2020(place: Place):
    """Sarolangun: an activity that leans to a candidate pair is medium; PP 53/2010 art. 7(3) a, and the regent's own rule beside it."""
    async with World(place) as world:
        case = Decided(world, SAROLANGUN)
        await case.recommended("DISCIPLINE_MEDIUM")
        await case.examined()
        with pytest.raises(Malformed) as refused:
            await world.call("ppk-1503", "ImposeSanction", case.decree("PP53-7-3-A", measure="TPP_LOCAL"))
        assert refused.value.field == "measure_basis"

        await case.imposed("PP53-7-3-A", decided_by="PPK", **TPP)
        await case.reported()
        await case.conforms()

        seen = await case.at_examiner()
        assert (seen.state, seen.sanction, seen.class_difference) == ("COMPLETED", "PP53-7-3-A", "")


async def test_a_raise_is_delayed_today_too_without_a_team_and_the_cut_of_allowances_needs_a_reason(
    place: Place,
):
    """Kotawaringin Timur: medium discipline is still that of PP 53/2010 art. 7(3), by PP 94/2021 art. 42; BKN's list shows art. 8(3)."""
    async with World(place) as world:
        case = Decided(world)
        await case.recommended("DISCIPLINE_MEDIUM")
        await case.examined()
        with pytest.raises(ReasonNeeded, match="reading of the law that is not the chosen one"):
            await world.call("ppk-6202", "ImposeSanction", case.decree("PP94-8-3-A"))

        await case.imposed("PP53-7-3-A", decided_by="PPK")
        await case.reported()
        await case.conforms()

        assert (await case.at_examiner()).state == "COMPLETED"
