"""Elections over a real NATS: a repeated Pilkada's case with its own voting day, and a campaign to the regions of an election."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agreement.prevention import campaigns
from cooperation.monitoring.projection import projector
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.prevention.v1 import service_pb2 as pb
from support.basics import DIGEST, new_id
from support.invariants import check_all, read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World
from support.story import Story, day

pytestmark = pytest.mark.timeout(300)

NOW = datetime(2025, 8, 20, 3, tzinfo=UTC)
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


async def recommended(world: World, story: Story, region: str) -> None:
    """Up to the recommendation of 20 August 2025 by BKN, due by the rule of fourteen working days."""
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
        if method == "Recommend":
            request.letter_number = f"B-{story.number}/BKN/8/2025"
            request.letter_date.CopyFrom(day("2025-08-20"))
            request.ClearField("due_date")
            request.due_rule = "follow-up-working"
        answer = await world.call(by, method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        await world.settle()
        if method == "Recommend":
            return


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

        while await projector.follow(world.desks["kasn"]):
            pass
        request = monitoring.ListCasesRequest(parent="institutions/bkn")
        cases = (await world.call("bkn", "ListCases", request)).cases
        assert {case.region: case.derived_election for case in cases} == {
            "19.01": "PILKADA-ULANG-2025",
            "19.03": "",
        }
        check_all(books)


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
