"""Offices over a real NATS: a matter is assigned to a regional office of BKN, and found in lists, filters and figures by it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audit.log import reads
from audit.log.reads import PlacedLeaf
from cooperation.monitoring import recompute
from cooperation.monitoring.figures import published_tables
from cooperation.monitoring.projection import projector
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import service_pb2 as monitoring
from refusals import WrongState
from support.basics import new_id
from support.invariants import check_all, read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World
from support.story import Story, day

NOW = datetime(2025, 8, 20, 3, tzinfo=UTC)
TODAY = date(2025, 8, 20)
DATES = {
    "event_date": "2025-08-04",
    "known_date": "2025-08-05",
    "study_date": "2025-08-08",
    "letter_date": "2025-08-11",
}
PLACES = {"ppk-6202": "62.02", "ppk-7371": "73.71", "ppk-3325": "33.25"}
NUMBERS = {
    "ppk-6202": "001/LP/PB/Kab/27.09/VIII/2025",
    "ppk-7371": "02/lp/pb/kota/27.01/viii/2025",
    "ppk-3325": "003/LP/PB/Kab/14.09/VIII/2025",
}


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    """Bawaslu, BKN as examiner, and authorities that fall to three regional offices."""
    make_keys(
        tmp_path,
        {
            "bawaslu": [("bawaslu", "supervisor")],
            "kasn": [("bkn", "examiner", "data_holder")],
            "ppk": [(each, "personnel_authority") for each in PLACES],
        },
    )
    return Place(tmp_path, nats_server.url, databases)


def set_clocks(world: World, at: datetime) -> None:
    ahead = at - datetime.now(UTC)
    for desk in world.desks.values():
        desk.now = lambda: datetime.now(UTC) + ahead


async def referred(world: World, story: Story) -> str:
    """A matter up to the referral to BKN; gives its id."""
    for party, method, request in story.steps():
        for name, text in DATES.items():
            if name in request.DESCRIPTOR.fields_by_name:
                getattr(request, name).CopyFrom(day(text))
        if isinstance(request, bawaslu.RegisterMatterRequest):
            request.region, request.number = PLACES[story.addressee], NUMBERS[story.addressee]
        answer = await world.call(party, method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        await world.settle()
        if method == "ReferMatter":
            return story.matter
    raise AssertionError("a story has a referral")


async def assign(world: World, matter: str, office: str) -> None:
    request = kasn.AssignMatterRequest(
        name=f"institutions/bkn/matters/{matter}", office=office, request_id=new_id()
    )
    await world.call("bkn", "AssignMatter", request)
    await world.settle()


async def at_bkn(world: World, office: str) -> set[str]:
    request = kasn.ListMattersRequest(parent="institutions/bkn", office=office)
    return {
        found.name.rpartition("/")[2] for found in (await world.call("bkn", "ListMatters", request)).matters
    }


async def at_bawaslu(world: World, office: str) -> set[str]:
    request = bawaslu.ListMattersRequest(parent="institutions/bawaslu", office=office)
    found = (await world.call("bawaslu", "ListMatters", request)).matters
    return {one.name.rpartition("/")[2] for one in found}


async def by_office(world: World, party: str, office: str = "") -> dict[str, int]:
    """Cases by office as a desk counts them, of one office if it is named; the whole is counted again from the exported log."""
    desk = world.desks["kasn" if party == "bkn" else party]
    while await projector.follow(desk):
        pass
    request = monitoring.GetTableRequest(
        parent=f"institutions/{party}",
        table="handling",
        dimension=monitoring.DIMENSION_OFFICE,
        today=day(TODAY.isoformat()),
        filter=monitoring.CaseFilter(office=office),
    )
    found = await world.call(party, "GetTable", request)
    rows = {row.keys[0].key: row.cells[0].n for row in found.rows if row.keys}
    if not office:
        leaves = [item async for item in reads.export(desk.database, party) if isinstance(item, PlacedLeaf)]
        again = recompute.from_log(party, leaves)
        counted = recompute.counted_table(again, published_tables.TABLES["handling"], TODAY, ["OFFICE"])
        assert {key: counted[f"handling office {key} cases"][0] for key in rows} == rows
    return rows


# On PostgreSQL with `make soak`: some minutes of the same.
@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
async def test_a_matter_that_is_assigned_to_an_office_is_listed_filtered_and_counted_there(
    place: Place,
) -> None:
    async with World(place) as world:
        set_clocks(world, NOW)
        sampit, makassar, batang = [
            await referred(world, Story(number, addressee=authority))
            for number, authority in enumerate(PLACES, start=1)
        ]

        # Before anybody assigns it, a matter falls to the office of its authority's province.
        assert await at_bkn(world, "KANREG-VIII") == {sampit}
        assert await by_office(world, "bkn") == {"KANREG-VIII": 1, "KANREG-IV": 1, "KANREG-I": 1}

        await assign(world, sampit, "KANREG-IV")
        assert await at_bkn(world, "KANREG-IV") == {sampit, makassar}
        assert await at_bkn(world, "KANREG-VIII") == set()
        assert await by_office(world, "bkn") == {"KANREG-IV": 2, "KANREG-I": 1}
        assert await by_office(world, "bkn", "KANREG-IV") == {"KANREG-IV": 2}
        with pytest.raises(WrongState, match="has the matter already"):
            await assign(world, sampit, "KANREG-IV")

        # Assigned back, by another act.
        await assign(world, sampit, "KANREG-VIII")
        assert await at_bkn(world, "KANREG-VIII") == {sampit}
        assert await by_office(world, "bkn") == {"KANREG-VIII": 1, "KANREG-IV": 1, "KANREG-I": 1}

        # Bawaslu's offices are those of its numbers, as they were written; the referral names them.
        assert await at_bawaslu(world, "Kota/27.01") == {makassar}
        assert await at_bkn(world, "Kab/14.09") == {batang}
        assert await by_office(world, "bawaslu") == {"Kab/27.09": 1, "Kota/27.01": 1, "Kab/14.09": 1}
        assert await by_office(world, "bkn", "Kab/14.09") == {"KANREG-I": 1}

        request = monitoring.ListCasesRequest(parent="institutions/bkn")
        cases = {case.matter: case for case in (await world.call("bkn", "ListCases", request)).cases}
        assert (cases[sampit].examiner_office, cases[sampit].derived_office) == ("KANREG-VIII", "")
        assert (cases[batang].examiner_office, cases[batang].derived_office) == ("", "KANREG-I")
        assert cases[makassar].supervisor_office == "Kota/27.01"

        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])
