"""Elections over a real NATS: a repeated Pilkada's case with its own voting day, and a campaign to the regions of an election."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agreement.prevention import campaigns
from cooperation.monitoring.projection import projector
from kasn.escalation import commands
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.ppk.v1 import service_pb2 as ppk
from netral.prevention.v1 import service_pb2 as pb
from refusals import Refusal
from support.basics import DIGEST, new_id
from support.invariants import check_all, read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Alone, Place, World
from support.story import Story, day

NOW = datetime(2025, 8, 20, 3, tzinfo=UTC)
REPEATED = "PILKADA-ULANG-2025"
REGIONS_OF_2020 = campaigns.addressees_of("PILKADA-2020")
DATES = {
    "event_date": "2025-08-04",
    "known_date": "2025-08-05",
    "study_date": "2025-08-08",
    "letter_date": "2025-08-11",
}


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    """Bawaslu, BKN as examiner, the authorities of Pilkada 2020's regions, and those of two regencies of Bangka Belitung."""
    authorities = [*REGIONS_OF_2020, "ppk-1901"]
    make_keys(
        tmp_path,
        {
            "bawaslu": [("bawaslu", "supervisor")],
            "kasn": [("bkn", "examiner", "data_holder")],
            "ppk": [(each, "personnel_authority") for each in authorities],
        },
    )
    return Place(tmp_path, nats_server.url, databases)


def set_clocks(world: World, at: datetime) -> None:
    ahead = at - datetime.now(UTC)
    for desk in world.desks.values():
        desk.now = lambda: datetime.now(UTC) + ahead


async def recommended(
    world: World, story: Story, region: str, *, letter: str = "2025-08-20", due: str = ""
) -> None:
    """Up to the recommendation by BKN: due on a day that it set, else by the rule of fourteen working days."""
    for party, method, request in story.steps():
        by = "bkn" if party == "kasn" else party
        for field in ("parent", "name"):
            if hasattr(request, field):
                setattr(
                    request, field, getattr(request, field).replace("institutions/kasn", "institutions/bkn")
                )
        for field, text in DATES.items():
            if field in request.DESCRIPTOR.fields_by_name:
                getattr(request, field).CopyFrom(day(text))
        if isinstance(request, bawaslu.RegisterMatterRequest):
            request.region = region
            request.number = f"{story.number:03d}/LP/PB/Kab/19.01/VIII/2025"
        if isinstance(request, kasn.RecommendRequest):
            request.letter_number = f"B-{story.number}/BKN/8/2025"
            request.letter_date.CopyFrom(day(letter))
            request.ClearField("due_date")
            if due:
                request.due_date.CopyFrom(day(due))
            request.due_rule = "" if due else "follow-up-working"
            await _an_act_of_the_other_stage_needs_a_reason(world, request, region)
        answer = await world.call(by, method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        await world.settle()
        if method == "Recommend":
            return


async def _an_act_of_the_other_stage_needs_a_reason(
    world: World, request: kasn.RecommendRequest, region: str
) -> None:
    """Candidates were fixed in Bangka on 22 July 2025: an act of 4 August is none for a prospective candidate there."""
    of_the_other = kasn.RecommendRequest()
    of_the_other.CopyFrom(request)
    of_the_other.act, of_the_other.request_id = "2022-DSA7", new_id()
    if region == "19.01":
        with pytest.raises(Refusal) as refused:
            await world.call("bkn", "Recommend", of_the_other)
        assert refused.value.reason == "REASON_NEEDED"


async def the_clock_ticks(world: World, at: datetime) -> set[tuple[str, str]]:
    """Let BKN's clock run on a day; gives its acts by matter."""
    set_clocks(world, at)
    desk = world.desks["kasn"]
    done = [await Alone(desk).run(each) for each in await commands.due(desk, desk.now())]
    return {(record.action, record.matter) for record in done}


# On PostgreSQL with `make soak`: some minutes of the same.
@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
async def test_the_regions_of_an_election_are_told_and_a_case_of_its_repetition_has_its_own_voting_day(
    place: Place,
) -> None:
    async with World(place) as world:
        set_clocks(world, NOW)
        await _the_270_are_told_by_name(world)
        at_home = Story(1, addressee="ppk-1901")
        next_door = Story(2, addressee="ppk-1903")
        await recommended(world, at_home, "19.01")
        await recommended(world, next_door, "19.03")

        books = [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]
        rows = [row for book in books for row in (*book.matters, *book.watched)]
        due = {
            story.addressee: {row.due_date for row in rows if row.id == story.matter}
            for story in (at_home, next_door)
        }
        # 27 August, when Bangka votes again, counts in Bangka Selatan and not in Bangka; 5 September is a holiday.
        assert due == {"ppk-1901": {date(2025, 9, 11)}, "ppk-1903": {date(2025, 9, 10)}}

        await _the_election_is_derived_in_figures_and_lists(world, at_home)
        check_all(books)
        await _a_reminder_waits_for_the_day_after_the_vote(world)


async def _the_election_is_derived_in_figures_and_lists(world: World, at_home: Story) -> None:
    while await projector.follow(world.desks["kasn"]):
        pass
    by_election = monitoring.ListRegionsRequest(
        parent="institutions/bkn", figure="on-time-rate", dimension=monitoring.DIMENSION_ELECTION
    )
    places = (await world.call("bkn", "ListRegions", by_election)).places
    assert {place.key: place.figure.of for place in places} == {REPEATED: 0, "": 0}
    assert "diturunkan" in next(place.name for place in places if place.key)

    request = monitoring.ListCasesRequest(parent="institutions/bkn")
    every = (await world.call("bkn", "ListCases", request)).cases
    request.filter.election = REPEATED
    of_it = (await world.call("bkn", "ListCases", request)).cases
    assert {case.region: case.derived_election for case in every} == {"19.01": REPEATED, "19.03": ""}
    assert [case.region for case in of_it] == ["19.01"]
    asked_table = monitoring.GetTableRequest(parent="institutions/bkn", table="follow-up")
    for election, cases in (("", 2), (REPEATED, 1)):
        asked_table.filter.election = election
        whole = (await world.call("bkn", "GetTable", asked_table)).rows[-1]
        assert whole.cells[0].n == cases
    for party, kind in (
        ("bawaslu", bawaslu.ListMattersRequest),
        ("bkn", kasn.ListMattersRequest),
        ("ppk-1901", ppk.ListMattersRequest),
    ):
        asked = kind(parent=f"institutions/{party}", election=REPEATED)
        listed = (await world.call(party, "ListMatters", asked)).matters
        assert [matter.name.rpartition("/")[2] for matter in listed] == [at_home.matter]


async def _a_reminder_waits_for_the_day_after_the_vote(world: World) -> None:
    """Due on 25 August: overdue on the 26th, and the working day after that is the 27th in Bangka Selatan only."""
    at_home, next_door = Story(3, addressee="ppk-1901"), Story(4, addressee="ppk-1903")
    await recommended(world, at_home, "19.01", letter="2025-08-12", due="2025-08-25")
    await recommended(world, next_door, "19.03", letter="2025-08-12", due="2025-08-25")
    days: dict[tuple[str, str], int] = {}
    for of_month in (20, 25, 26, 27, 28):
        for done in await the_clock_ticks(world, NOW.replace(day=of_month)):
            days[done] = of_month
        await world.settle()

    reminded = {matter: on for (action, matter), on in days.items() if action == "kasn.remind"}
    assert reminded == {next_door.matter: 27, at_home.matter: 28}


async def _the_270_are_told_by_name(world: World) -> None:
    request = pb.IssueCampaignRequest(
        parent="institutions/bkn",
        kind="CIRCULAR",
        number="B-1/BKN/8/2025",
        letter_date=day("2025-08-20"),
        asks=["TASK_FORCE"],
        document_digest=DIGEST,
        election="PILKADA-2020",
        request_id=new_id(),
    )
    act = await world.call("bkn", "IssueCampaign", request)
    campaign = act.matter.rpartition("/")[2]
    assert len(act.statements) == 270
    await world.settle()

    addressees = pb.ListAddresseesRequest(name=f"institutions/bkn/campaigns/{campaign}", page_size=1000)
    found = (await world.call("bkn", "ListAddressees", addressees)).addressees
    assert {each.institution for each in found} == set(REGIONS_OF_2020)
    assert all(each.name and each.HasField("told_time") for each in found)
    assert "Pemerintah Kabupaten Ogan Komering Ulu Selatan" in {each.name for each in found}
