"""Joint supervision over a real NATS: proposed, agreed and noted, the same at both desks, from both sides' statements."""

from netral.supervision.v1 import plans_pb2 as pb
from support.invariants import check_all, read_host_tables
from support.steps import Place, World
from support.story import Story, day

DIGEST = b"p" * 32


def id_of(number: int) -> str:
    return f"0199aaaa-0000-4000-8000-{number:012d}"


async def shown(world: World, party: str, plan: str) -> pb.Plan:
    request = pb.GetPlanRequest(name=f"institutions/{party}/plans/{plan}")
    found: pb.Plan = await world.call(party, "GetPlan", request)
    return found


async def test_a_plan_and_the_notes_of_both_are_the_same_at_both(place: Place):
    async with World(place) as world:
        story = Story()
        _, method, registration = next(story.steps())
        matter = (await world.call("bawaslu", method, registration)).matter
        proposal = pb.ProposePlanRequest(
            parent="institutions/bawaslu",
            number="3/PWB/2023",
            start_date=day("2023-11-01"),
            end_date=day("2023-12-31"),
            regions=["62"],
            acts=["2022-DSB7"],
            document_digest=DIGEST,
            request_id=id_of(1),
        )
        plan = (await world.call("bawaslu", "ProposePlan", proposal)).matter.rpartition("/")[2]
        await world.settle()
        agreement = pb.AgreePlanRequest(
            name=f"institutions/kasn/plans/{plan}",
            letter_number="4/PWB/2023",
            agreed_date=day("2023-11-02"),
            request_id=id_of(2),
        )
        await world.call("kasn", "AgreePlan", agreement)
        await world.settle()
        for number, (party, named) in enumerate({"kasn": "", "bawaslu": matter}.items()):
            note = pb.AddFieldNoteRequest(
                name=f"institutions/{party}/plans/{plan}",
                note_date=day("2023-11-20"),
                region="62.02",
                act="2022-DSB7",
                document_digest=DIGEST,
                matter=named,
                request_id=id_of(3 + number),
            )
            await world.call(party, "AddFieldNote", note)
            await world.settle()
        here, there = await shown(world, "bawaslu", plan), await shown(world, "kasn", plan)

        assert (here.state, here.letter_number) == ("AGREED", "4/PWB/2023")
        assert [(one.author, one.matter) for one in here.notes] == [
            ("kasn", ""),
            ("bawaslu", matter.rpartition("/")[2]),
        ]
        for each in (here, there):
            for field in ("name", "create_time", "update_time"):
                each.ClearField(field)
        assert here == there
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])
