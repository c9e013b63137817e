"""An order to erase goes wherever the data went, and each holder answers; what is signed and logged stands and verifies."""

import pytest

from exchange.tables import PersonalPart
from host import case_files
from kasn.matters.tables import PersonIndex
from refusals import NotAllowed, WrongState
from support.erasures import (
    a_hold,
    an_order,
    answers,
    carry_out,
    erasure,
    holds,
    lift_hold,
    place_hold,
    rows_of,
)
from support.invariants import HostTables, check_all, read_host_tables
from support.steps import Place, World
from support.story import Story

# On PostgreSQL with `make soak`; `test_erasure_scan` goes the same way on both.
on_sqlite = pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
# A busy machine takes its time for a whole story.
HOLDERS = ("bawaslu", "kasn", "ppk-6202")


async def books_of(world: World) -> list[HostTables]:
    return [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]


async def readable(world: World, matter: str) -> set[str]:
    """The parties that can read something on the matter's person."""
    return {
        party
        for desk in world.desks.values()
        for party in desk.parties
        if await case_files.opened(desk, party, matter)
    }


async def told_to_the_end(world: World) -> Story:
    story = Story()
    await story.play(world.call, world.settle)
    return story


@on_sqlite
async def test_an_order_is_carried_out_wherever_the_data_went_and_each_holder_answers(place: Place) -> None:
    async with World(place) as world:
        story = await told_to_the_end(world)
        assert await readable(world, story.matter) >= set(HOLDERS)

        await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        await carry_out(world)

        assert await readable(world, story.matter) == set()
        assert (await answers(world, "bawaslu", story.matter)).items() >= {
            "kasn": "ERASED",
            "ppk-6202": "ERASED",
        }.items()
        for party in HOLDERS:
            shown = await erasure(world, party, story.matter)
            assert (shown.state, shown.ordered_by) == ("ERASED", "bawaslu")
            assert shown.index >= 0
            assert shown.emptied > 0
        for host in world.desks:
            assert await rows_of(world, host, PersonalPart) == []
        assert await rows_of(world, "kasn", PersonIndex) == []
        check_all(await books_of(world))


@on_sqlite
async def test_only_who_collected_the_data_orders(place: Place) -> None:
    async with World(place) as world:
        story = await told_to_the_end(world)

        for party in ("kasn", "ppk-6202"):
            with pytest.raises(NotAllowed) as refused:
                await world.call(party, "OrderErasure", an_order(party, story.matter))
            assert refused.value.reason == "NOT_THE_CONTROLLER"
        await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        with pytest.raises(WrongState) as again:
            await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        assert again.value.reason == "ORDERED_ALREADY"


@on_sqlite
async def test_a_hold_travels_stops_the_order_and_lets_it_go_when_lifted(place: Place) -> None:
    async with World(place) as world:
        story = await told_to_the_end(world)
        hold = await place_hold(world, "ppk-6202", story.matter)
        await world.settle()
        for party in HOLDERS:
            assert [each.placed_by for each in await holds(world, party)] == ["ppk-6202"]

        await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        await carry_out(world)

        assert await readable(world, story.matter) >= set(HOLDERS)
        assert (await erasure(world, "bawaslu", story.matter)).state == "HELD"
        assert (await answers(world, "bawaslu", story.matter)).items() >= {
            "kasn": "HELD",
            "ppk-6202": "HELD",
        }.items()
        check_all(await books_of(world))

        await lift_hold(world, hold)
        await carry_out(world)

        assert await readable(world, story.matter) == set()
        assert set((await answers(world, "bawaslu", story.matter)).values()) <= {"ERASED", "NOTHING_HELD"}
        check_all(await books_of(world))


@on_sqlite
async def test_a_hold_on_all_that_one_party_holds_stops_it_there_only(place: Place) -> None:
    async with World(place) as world:
        story = await told_to_the_end(world)
        await place_hold(world, "ppk-6202")

        await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        await carry_out(world)

        assert await readable(world, story.matter) == {"ppk-6202"}
        assert (await answers(world, "bawaslu", story.matter)).items() >= {
            "kasn": "ERASED",
            "ppk-6202": "HELD",
        }.items()


@on_sqlite
async def test_a_hold_that_comes_too_late_is_refused(place: Place) -> None:
    async with World(place) as world:
        story = await told_to_the_end(world)
        await world.call("bawaslu", "OrderErasure", an_order("bawaslu", story.matter))
        await carry_out(world)

        with pytest.raises(WrongState) as refused:
            await world.call("kasn", "PlaceHold", a_hold("kasn", story.matter))
        assert refused.value.reason == "ERASED"
