"""Holder, step and last day of a case have one answer everywhere: in lists, of one case, at the desk, and by the log.

Matters of every fate are played at three desks, so that one stands at every stage.
"""

from datetime import date
from typing import Any

import pytest

from audit.log import reads as log
from audit.wire import leaf_message
from cooperation.monitoring import explain_due_date
from cooperation.monitoring import reads as calls
from cooperation.monitoring.figures.case_status import CLOSED
from cooperation.monitoring.figures.next_step import FOLLOWS_UP
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1.acts_pb2 import ListActsRequest
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import service_pb2 as pb
from netral.ppk.v1 import service_pb2 as ppk
from support.fates import FATES, Played
from support.steps import Place, World

AUTHORITY = "ppk-6202"
GET: dict[str, Any] = {
    "bawaslu": bawaslu.GetMatterRequest,
    "kasn": kasn.GetMatterRequest,
    AUTHORITY: ppk.GetMatterRequest,
}
# The supervisor is told of a recommendation and of its verification, and of nothing between them.
NOT_TOLD = {"OPENED", "ACKNOWLEDGED", "DECIDED", "REPORTED", "REJECTED", "OBJECTED"}


async def cases(played: Played, party: str, **more: Any) -> dict[str, pb.CaseProgress]:
    """The cases of a party by matter, as lists have them."""
    context, ask = played.ask(party)
    found = await calls.list_cases(context, pb.ListCasesRequest(**ask, page_size=1000, **more))
    return {case.matter: case for case in found.cases}


def day(of: Any) -> date | None:
    return date(of.year, of.month, of.day) if of.year else None


async def due_by_log(world: World, party: str, matter: str) -> date | None:
    """The due date that `netral matter why-due` explains."""
    async with world.desk_of(party).database.read() as connection:
        leaves = await log.leaves(connection, party, log.Filter(matter=matter), limit=1000)
    sent = explain_due_date.recommendation_of([leaf_message(leaf) for leaf in leaves])
    return explain_due_date.reason_of(sent).stated if sent else None


# In the soak: it plays a season of its own.
@pytest.mark.soak
async def test_lists_one_case_the_desk_and_the_log_say_the_same_of_every_matter(place: Place) -> None:
    async with World(place) as world:
        played = Played(world)
        await played.play(times=1)
        await played.follow()
        listed = {party: await cases(played, party) for party in GET}

        for party, found in listed.items():
            waiting = await cases(played, party, holder=party)
            assert waiting.keys() == {matter for matter, case in found.items() if case.holder == party}
            for matter, case in found.items():
                name = f"institutions/{party}/matters/{matter}"
                context, _ = played.ask(party)
                now = await calls.get_case(context, pb.GetCaseRequest(name=name))
                shown = await world.call(party, "GetMatter", GET[party](name=name))
                possible = (await world.call(party, "ListActs", ListActsRequest(name=name))).acts

                assert now == case
                assert day(shown.due_date) == day(case.due_date) == await due_by_log(world, party, matter)
                assert bool(case.holder) == bool(case.next_step) == (case.stage not in CLOSED)
                assert possible or case.holder != party, (party, case.stage)
                theirs = case.stage in FOLLOWS_UP and case.holder == case.agency
                assert day(case.next_due_date) == (day(case.due_date) if theirs else None)

    assert len(listed["bawaslu"]) == len(FATES)
    for matter, case in listed[AUTHORITY].items():
        examined = listed["kasn"][matter]
        assert (case.holder, case.stage, case.next_due_date) == (
            examined.holder,
            examined.stage,
            examined.next_due_date,
        )
    for matter, case in listed["kasn"].items():
        supervised = listed["bawaslu"][matter]
        if case.stage in NOT_TOLD:
            assert (supervised.stage, supervised.holder) == ("RECOMMENDED", case.agency)
        else:
            assert (supervised.stage, supervised.holder) == (case.stage, case.holder)
