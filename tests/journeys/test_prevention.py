"""A campaign to all 546 regional authorities over a real NATS, three of them away for a while: told, opened, acted, with evidence.

Then the same figures out of the log alone, and a pledge that is proved to a stranger from what the authority stated.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agreement.parties import institutions
from audit.formats.leaf import Kind
from audit.tables import Leaf, LeafIndex
from cooperation.prevention.campaigns import coverage, read_log
from cooperation.prevention.campaigns.reads import Placed
from cooperation.prevention.campaigns.tables import ReceivedRow
from cooperation.prevention.pledges import proof
from exchange.tables import Inbox
from netral.exchange.v1 import record_pb2, statement_pb2
from netral.prevention.v1 import events_pb2
from netral.prevention.v1 import pledges_pb2 as pledges
from netral.prevention.v1 import service_pb2 as pb
from storage.types import table
from support.basics import DIGEST, day, new_id
from support.keys import make_keys
from support.nats import NatsServer
from support.preventions import HEADER, a_file, messages, number_of, row
from support.steps import Place, World

REGIONAL = [each for each in institutions.personnel_authorities() if institutions.institution(each).region]
AWAY = ["ppk-6202", "ppk-6203", "ppk-6204"]
HERE = [each for each in REGIONAL if each not in AWAY]
# Who opens it, who reports, who has a list: by province, so that regions differ.
OPENS = [each for each in HERE if coverage.province(each) in ("11", "62", "91")]
ACTS = [each for each in OPENS if coverage.province(each) == "62"]
PLEDGES_AT = "prov-62"


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    """All regional authorities: three on a host of their own."""
    make_keys(
        tmp_path,
        {
            "bawaslu": [("bawaslu", "supervisor")],
            "kasn": [("kasn", "examiner")],
            "ppk": [(each, "personnel_authority") for each in HERE],
            "away": [(each, "personnel_authority") for each in AWAY],
        },
    )
    return Place(tmp_path, nats_server.url, databases)


class Officers:
    """Acts of the officers of the parties, each at the desk that serves it."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def issue(self) -> str:
        request = pb.IssueCampaignRequest(
            parent="institutions/kasn",
            kind="CIRCULAR",
            number="B-2708/KASN/9/2020",
            letter_date=day(3),
            asks=["PLEDGE", "TASK_FORCE"],
            document_digest=DIGEST,
            all_regional=True,
            request_id=new_id(),
        )
        act = await self.world.call("kasn", "IssueCampaign", request)
        return str(act.matter.rpartition("/")[2])

    async def open(self, campaign: str, *parties: str) -> None:
        for party in parties:
            request = pb.OpenCampaignRequest(
                name=f"institutions/{party}/campaigns/{campaign}", request_id=new_id()
            )
            await self._answer(party, "OpenCampaign", request)

    async def form_task_force(self, campaign: str, *parties: str) -> None:
        for party in parties:
            request = pb.ReportActRequest(
                parent=f"institutions/{party}",
                act="TASK_FORCE",
                campaign=f"institutions/{party}/campaigns/{campaign}",
                number="188.45/12/HUK/2025",
                act_date=day(1),
                document_digest=DIGEST,
                people=9,
                request_id=new_id(),
            )
            await self._answer(party, "ReportAct", request)

    async def import_pledges(self, campaign: str, party: str, people: int) -> pledges.PledgeList:
        data = a_file([HEADER, *(row(person) for person in range(people))])

        async def stream() -> AsyncIterator[pledges.ImportPledgesRequest]:
            for each in messages(
                data,
                parent=f"institutions/{party}",
                campaign=f"institutions/{party}/campaigns/{campaign}",
                units_in_total=44,
            ):
                yield each

        answer = await self.world.call(party, "ImportPledges", stream())
        return answer.list

    async def prove(self, name: str, person: int) -> pledges.ProvePledgeResponse:
        request = pledges.ProvePledgeRequest(
            name=name,
            number=number_of(person),
            purpose=events_pb2.PROOF_PURPOSE_PERSON_REQUEST,
            request_id=new_id(),
        )
        answer = await self.world.call(name.split("/")[1], "ProvePledge", request)
        return answer

    async def coverage(self, campaign: str) -> pb.Coverage:
        request = pb.GetCoverageRequest(name=f"institutions/kasn/campaigns/{campaign}")
        found = await self.world.call("kasn", "GetCoverage", request)
        return found

    async def addressees(self, campaign: str, **only: Any) -> list[pb.Addressee]:
        request = pb.ListAddresseesRequest(
            name=f"institutions/kasn/campaigns/{campaign}", page_size=1000, **only
        )
        found = await self.world.call("kasn", "ListAddressees", request)
        return list(found.addressees)

    async def _answer(self, party: str, method: str, request: Any) -> None:
        await self.world.call(party, method, request)


def counted(found: Any) -> dict[str, tuple[int, int]]:
    return {figure.id: (figure.n, figure.of) for figure in found.figures}


async def log_of(world: World, desk: str, party: str) -> list[Placed]:
    """A party's whole log, as an export has it."""
    leaf, index = table(Leaf), table(LeafIndex)
    query = (
        select(index.c.index, leaf.c.body)
        .join(index, leaf.c.id == index.c.leaf_id)
        .where(leaf.c.party == party)
        .order_by(index.c.index)
    )
    async with world.desks[desk].database.read() as connection:
        rows: list[Any] = list(await connection.execute(query))
    return [Placed(row[0], row[1]) for row in rows]


# On PostgreSQL with `make soak`: a minute and more of the same.
@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
async def test_everyone_is_told_and_every_answer_has_its_evidence(place: Place) -> None:
    async with World(place, more={"away": "ppk"}) as world:
        officers = Officers(world)
        campaign = await officers.issue()
        here = ("bawaslu", "kasn", "ppk")
        await world.move(*here)

        # Three are away: nothing says that they were told.
        assert counted(await officers.coverage(campaign))["TOLD"] == (543, 546)
        without = await officers.addressees(campaign, without="TOLD")
        assert [each.institution for each in without] == AWAY

        await officers.open(campaign, *OPENS)
        await officers.form_task_force(campaign, *ACTS)
        listed = await officers.import_pledges(campaign, PLEDGES_AT, 500)
        await world.move(*here)
        before = await officers.coverage(campaign)
        assert counted(before) == {
            "TOLD": (543, 546),
            "OPENED": (len(OPENS), 546),
            "ACTED": (len(ACTS), 546),
            "DONE": (1, 546),
            "PLEDGE": (1, 546),
            "TASK_FORCE": (len(ACTS), 546),
        }

        # They come back, are told what they missed, and answer.
        await world.settle(resend=2.0)
        await officers.open(campaign, *AWAY)
        await officers.form_task_force(campaign, AWAY[0])
        await world.settle(resend=2.0)
        found = await officers.coverage(campaign)

        assert counted(found) == {
            "TOLD": (546, 546),
            "OPENED": (len(OPENS) + 3, 546),
            "ACTED": (len(ACTS) + 1, 546),
            "DONE": (1, 546),
            "PLEDGE": (1, 546),
            "TASK_FORCE": (len(ACTS) + 1, 546),
        }
        assert found.pledges == 500
        await every_region_adds_up(officers, campaign, found)
        await the_evidence_is_in_the_log(world, officers, campaign)
        await the_log_alone_gives_the_same(world, campaign, before, found)
        await a_pledge_is_proved_to_a_stranger(world, officers, listed)
        await the_trail_gives_the_state_of_every_campaign(world, campaign)
        await nobody_is_named_where_nobody_may_be(world)


async def every_region_adds_up(officers: Officers, campaign: str, found: pb.Coverage) -> None:
    places = {place.region: counted(place) for place in found.regions}
    all_there = [each for each in REGIONAL if coverage.province(each) == "62"]
    assert len(places) == 38
    assert places["62"] == {
        "TOLD": (len(all_there), len(all_there)),
        "OPENED": (len(all_there), len(all_there)),
        "ACTED": (len(ACTS) + 1, len(all_there)),
        "DONE": (1, len(all_there)),
        "PLEDGE": (1, len(all_there)),
        "TASK_FORCE": (len(ACTS) + 1, len(all_there)),
    }
    for id, whole in counted(found).items():
        sums = zip(*(place[id] for place in places.values()), strict=True)
        assert tuple(map(sum, sums)) == whole
    shown = await officers.addressees(campaign, province="62")
    (one,) = [each for each in shown if each.institution == PLEDGES_AT]
    assert one.done and one.units_in_total == 44
    assert (len(one.units), sum(unit.count for unit in one.units)) == (40, 500)


async def the_evidence_is_in_the_log(world: World, officers: Officers, campaign: str) -> None:
    """Each id that is shown is a statement in the sender's log, and each receipt is there."""
    leaf = table(Leaf)
    query = select(leaf.c.kind, leaf.c.ref, leaf.c.author, leaf.c.type).where(leaf.c.party == "kasn")
    async with world.desks["kasn"].database.read() as connection:
        kept = {(row.kind, row.ref, row.author) for row in await connection.execute(query)}
    for one in await officers.addressees(campaign):
        who = one.institution
        assert (Kind.STATEMENT, one.statement, "kasn") in kept
        assert (Kind.RECEIPT, one.statement, who) in kept and one.HasField("told_time")
        for id in (*([one.opened] if one.opened else []), *(act.statement for act in one.acts)):
            assert (Kind.STATEMENT, id, who) in kept


async def the_log_alone_gives_the_same(
    world: World, campaign: str, before: pb.Coverage, after: pb.Coverage
) -> None:
    log = await log_of(world, "kasn", "kasn")
    for said in (before, after):
        folded = read_log.coverage_of("kasn", campaign, log, said.log_index)
        whole, places = coverage.count(folded), coverage.by_province(folded)
        assert {id: (each.n, each.of) for id, each in whole.figures.items()} == counted(said)
        assert whole.pledges == said.pledges
        for place in said.regions:
            again = places[place.region]
            assert {id: (each.n, each.of) for id, each in again.figures.items()} == counted(place)


async def a_pledge_is_proved_to_a_stranger(
    world: World, officers: Officers, listed: pledges.PledgeList
) -> None:
    parties = world.desks["bawaslu"].trust
    shown = proof.check(parties, (await officers.prove(listed.name, 123)).proof)
    assert (shown.number, shown.size, shown.authority) == (number_of(123), 500, PLEDGES_AT)
    assert not (await officers.prove(listed.name, 500)).in_list
    # Supervisor and examiner hold the same signed root.
    inbox = table(Inbox)
    for desk in ("bawaslu", "kasn"):
        query = select(inbox.c.id).where(inbox.c.type == "netral.personnel_authority.pledges_listed.v1")
        async with world.desks[desk].database.read() as connection:
            assert len(list(await connection.execute(query))) == 1
        assert await roots_in(world, desk) == [listed.root]


async def roots_in(world: World, desk: str) -> list[bytes]:
    found = []
    for leaf in await log_of(world, desk, desk):
        if leaf.body[0] == Kind.STATEMENT:
            envelope = statement_pb2.Envelope.FromString(leaf.body[1:])
            facts = events_pb2.PledgesListed()
            if statement_pb2.Statement.FromString(envelope.payload).facts.Unpack(facts):
                found.append(facts.root)
    return found


async def the_trail_gives_the_state_of_every_campaign(world: World, campaign: str) -> None:
    """Replaying an addressee's records gives what its table says of the campaign (the design's invariant c)."""
    states = {}
    for desk in ("ppk", "away"):
        rows = table(ReceivedRow)
        async with world.desks[desk].database.read() as connection:
            for row in await connection.execute(select(rows).where(rows.c.id == campaign)):
                states[row.party] = (row.state, tuple(row.done))
    assert set(states) == set(REGIONAL)
    for party in (*AWAY, *OPENS, HERE[200]):
        desk = "away" if party in AWAY else "ppk"
        state, done_ = "RECEIVED", ()
        for leaf in await log_of(world, desk, party):
            if leaf.body[0] == Kind.RECORD:
                record = record_pb2.Record.FromString(leaf.body[1:])
                state = record.state if record.action in ("prevention.open", "prevention.report") else state
                reported = events_pb2.PreventionReported()
                if record.facts.Unpack(reported):
                    done_ = (*done_, reported.act)
                elif record.action == "prevention.list_pledges":
                    state, done_ = "DONE", (*done_, "PLEDGE")
        assert states[party] == (state, done_)


async def nobody_is_named_where_nobody_may_be(world: World) -> None:
    for desk, at in world.desks.items():
        for party in at.parties if desk != "ppk" else [PLEDGES_AT]:
            for leaf in await log_of(world, desk, party):
                assert number_of(123).encode() not in leaf.body
