"""The criminal track of an act beside its discipline: both are played to their ends, and neither waits for the other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.packs.timeline.entries import tell
from audit.packs.timeline.officers_words import OfficersWords
from audit.tables import Leaf, LeafIndex
from bawaslu import feature as bawaslu_desk
from cooperation.monitoring.projection import projector
from kasn import feature as kasn_desk
from netral.bawaslu.v1 import events_pb2 as events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import service_pb2 as monitoring
from refusals import WrongState
from storage.types import table
from support.acts import new_id
from support.invariants import check_all, read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World
from support.story import NAME, NIP, Story, day

PARTIES = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [("ppk-6202", "personnel_authority")],
}


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    make_keys(tmp_path, PARTIES)
    return Place(tmp_path, nats_server.url, databases)


async def goes_on(world: World, story: Story, *, until: str = "") -> None:
    """The way of discipline, from the call after the last one on; up to and with a call."""
    for place, (party, method, request) in enumerate(story.steps()):
        if place < story.calls:
            continue
        answer = await world.call(party, method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        story.calls += 1
        await world.settle()
        if method == until:
            return


async def forwarded(world: World, story: Story) -> None:
    """Bawaslu forwards the offence through Sentra Gakkumdu; the police receive it on 16 November 2023."""
    request = bawaslu.ForwardOffenceRequest(
        name=f"institutions/bawaslu/matters/{story.matter}",
        letter_number=f"{story.number}/PP.01/GAKKUMDU/2023",
        letter_date=day("2023-11-15"),
        police_number=f"LP/B/{story.number}/XI/2023",
        received_date=day("2023-11-16"),
        offences=["UU7-2017-494"],
        minutes_digest=b"g" * 32,
        request_id=new_id(),
    )
    await world.call("bawaslu", "ForwardOffence", request)
    await world.settle()


async def comes_to(world: World, story: Story, step: str, on: str) -> None:
    request = bawaslu.RecordOffenceStepRequest(
        name=f"institutions/bawaslu/matters/{story.matter}",
        step=events.OffenceStep.Value(f"OFFENCE_STEP_{step}"),
        document_number=f"{story.number}/{step.replace('_', '-')}/2023",
        step_date=day(on),
        request_id=new_id(),
    )
    await world.call("bawaslu", "RecordOffenceStep", request)
    await world.settle()


async def stands(world: World, story: Story) -> list[Any]:
    """The matter at supervisor and examiner, and the case in each one's monitoring."""
    name = f"institutions/{{}}/matters/{story.matter}"
    asked = bawaslu.GetMatterRequest(name=name.format("bawaslu"))
    found = [await world.ask("bawaslu", bawaslu_desk.READ, "GetMatter", asked)]
    examined = kasn.GetMatterRequest(name=name.format("kasn"))
    found.append(await world.ask("kasn", kasn_desk.READ, "GetMatter", examined))
    for party in ("bawaslu", "kasn"):
        while await projector.follow(world.desks[party]):
            pass
        listed = await world.call(
            party, "ListCases", monitoring.ListCasesRequest(parent=f"institutions/{party}")
        )
        found += [case for case in listed.cases if case.matter == story.matter]
    return found


async def told_in_words(world: World, host: str, story: Story) -> list[str]:
    """The timeline that a pack of the host's log has of the matter."""
    leaf, index = table(Leaf), table(LeafIndex)
    query = select(index.c.index.label("place"), leaf.c.body).join(leaf, leaf.c.id == index.c.leaf_id)
    async with world.desks[host].database.read() as connection:
        rows = list(await connection.execute(query.where(leaf.c.matter == story.matter)))
    told = tell([(host, row.place, row.body) for row in rows])
    return [OfficersWords("id").act(one.type, one.facts_type, one.facts) for one in told]


async def tells_nothing_personal(world: World) -> None:
    books = [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]
    check_all(books)
    for book in books:
        assert not [
            leaf.ref for leaf in book.leaves if NAME.encode() in leaf.body or NIP.encode() in leaf.body
        ]


async def test_an_offence_forwarded_before_the_referral_ends_in_a_judgment_while_discipline_goes_to_its_end(
    place: Place,
) -> None:
    async with World(place) as world:
        story = Story()
        await goes_on(world, story, until="ConcludeStudy")
        await forwarded(world, story)
        await goes_on(world, story, until="ReferMatter")
        at_referral = await stands(world, story)
        await goes_on(world, story, until="AcknowledgeRecommendation")
        await comes_to(world, story, "FILE_SUBMITTED", "2023-11-29")
        await comes_to(world, story, "PROSECUTED", "2023-12-01")
        in_between = await stands(world, story)
        await goes_on(world, story, until="ImposeSanction")
        await comes_to(world, story, "CONVICTED", "2023-12-08")
        await goes_on(world, story)
        ended = await stands(world, story)

        # The police have until 30 November, the district court until 8 December; whoever is told counts the same.
        assert {one.offence_step for one in at_referral} == {"FORWARDED"}
        assert [one.offence_due_date for one in at_referral] == [day("2023-11-30")] * 4
        assert {one.offence_step for one in in_between} == {"PROSECUTED"}
        assert [one.offence_due_date for one in in_between] == [day("2023-12-08")] * 4
        assert [one.state for one in in_between[:2]] == ["RECOMMENDED", "ACKNOWLEDGED"]
        assert {one.offence_step for one in ended} == {"CONVICTED"}
        assert not any(one.HasField("offence_due_date") for one in ended)
        assert [one.state for one in ended[:2]] == ["COMPLETED", "COMPLETED"]
        assert [one.stage for one in ended[2:]] == ["CONFORMS", "CONFORMS"]
        told = await told_in_words(world, "kasn", story)
        assert "dugaan tindak pidana diteruskan kepada Kepolisian melalui Sentra Gakkumdu" in told
        assert "perkara pidana dilimpahkan kepada pengadilan" in told
        assert told.index("pengadilan menyatakan bersalah") < len(told) - 1
        await tells_nothing_personal(world)


async def test_an_offence_of_a_matter_that_has_ended_is_stopped_and_the_discipline_stands(
    place: Place,
) -> None:
    async with World(place) as world:
        story = Story()
        await goes_on(world, story, until="ReferMatter")
        await goes_on(world, story)
        await forwarded(world, story)
        with pytest.raises(WrongState, match="an offence was forwarded"):
            await forwarded(world, story)
        await comes_to(world, story, "STOPPED", "2023-12-20")
        ended = await stands(world, story)

        assert {one.offence_step for one in ended} == {"STOPPED"}
        assert [one.state for one in ended[:2]] == ["COMPLETED", "COMPLETED"]
        assert "penanganan tindak pidana dihentikan" in await told_in_words(world, "kasn", story)
        await tells_nothing_personal(world)
