"""Informasi awal of a PPK's own team becomes a finding, a case, a recommendation, an outcome, visible to the team that saw it first.

Over a real NATS, on both databases, with the evidence on both sides and nothing personal in what is signed.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.tables import Leaf
from bawaslu import feature as bawaslu_desk
from exchange.tables import Outbox
from host import case_files
from netral.bawaslu.v1 import intake_events_pb2 as events
from netral.bawaslu.v1 import intake_pb2 as intake
from netral.exchange.v1 import person_pb2
from netral.prevention.v1 import service_pb2 as prevention_pb
from netral.supervision.v1 import indications_pb2 as pb
from storage.types import table
from support.invariants import check_all, read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World
from support.story import NAME, NIP, Story, a_person, day

HOSTS = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [("ppk-6202", "personnel_authority"), ("ppk-3204", "personnel_authority")],
}
AUTHORITY, OTHER = "ppk-6202", "ppk-3204"
TEAM, LINK = "188.45/77/HUK/2023", "https://contoh.invalid/unggahan/1"
OTHER_NAME, OTHER_NIP = "Tokoh Rekaan Kedua", "198505052010012003"
DIGEST = b"m" * 32
ANSWERED = "netral.supervisor.information_answered.v1"


def new() -> str:
    return str(uuid.uuid4())


class Team:
    """Acts of an authority's internal team at its own desk."""

    def __init__(self, world: World, authority: str = AUTHORITY) -> None:
        self.world, self.authority = world, authority

    async def is_registered(self) -> None:
        request = prevention_pb.ReportActRequest(
            parent=f"institutions/{self.authority}",
            act="INTERNAL_TEAM",
            number=TEAM,
            act_date=day("2023-10-02"),
            document_digest=DIGEST,
            people=7,
            request_id=new(),
        )
        await self.world.call(self.authority, "ReportAct", request)

    async def sees(self) -> str:
        act = await self._do(
            "RecordIndication",
            pb.RecordIndicationRequest(
                parent=f"institutions/{self.authority}",
                team_number=TEAM,
                act="2022-DSB7",
                channel="SOCIAL_MEDIA",
                region="62.02",
                seen_date=day("2023-11-10"),
                material=[pb.Material(link=LINK, digest=DIGEST)],
                person=a_person(),
                remarks=f"{NAME} berfoto dengan calon.",
                request_id=new(),
            ),
        )
        return str(act.matter)

    async def passes(self, name: str) -> Any:
        return await self._do(
            "PassIndication",
            pb.PassIndicationRequest(
                name=name,
                letter_number="700/12/REGU/2023",
                letter_date=day("2023-11-11"),
                election=events.ELECTION_PEMILU,
                office="Kab/27.09",
                remarks="Mohon ditelusuri.",
                request_id=new(),
            ),
        )

    async def stages(self, name: str) -> list[pb.StageTold]:
        return list((await self.indication(name)).stages)

    async def indication(self, name: str) -> pb.Indication:
        found: pb.Indication = await self.world.call(
            self.authority, "GetIndication", pb.GetIndicationRequest(name=name)
        )
        return found

    async def _do(self, method: str, request: Any) -> Any:
        return await self.world.call(self.authority, method, request)


@dataclass
class Clock:
    """The clock of all desks, held by the test: the day on which the team passes it on, then the day of all that follows."""

    time: datetime = datetime(2023, 11, 11, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time

    def later(self) -> None:
        self.time = datetime(2023, 12, 20, 3, tzinfo=UTC)


async def bawaslu(world: World, method: str, kind: Any, name: str, **fields: Any) -> Any:
    return await world.call("bawaslu", method, kind(name=name, request_id=new(), **fields))


async def traces(world: World, name: str) -> None:
    letter, on = "5/ST", day("2023-11-12")
    await bawaslu(
        world, "StartTracing", intake.StartTracingRequest, name, letter_number=letter, letter_date=on
    )


async def finds(world: World, name: str) -> None:
    await bawaslu(
        world,
        "EstablishFinding",
        intake.EstablishFindingRequest,
        name,
        number="006/TM/PL/Kab/27.09/XI/2023",
        event_date=day("2023-11-10"),
        known_date=day("2023-11-13"),
        found_date=day("2023-11-14"),
    )


async def registers(world: World, name: str, **employers: person_pb2.Person) -> list[str]:
    """Register the finding with these persons, by employer; gives their matters."""
    await bawaslu(
        world,
        "RegisterIntake",
        intake.RegisterIntakeRequest,
        name,
        registration_number="006/Reg/TM/PL/Kab/27.09/XI/2023",
        registered_date=day("2023-11-15"),
        persons=[
            intake.ReportedPerson(employer=employer.replace("_", "-"), person=person)
            for employer, person in employers.items()
        ],
    )
    found = await world.ask(
        "bawaslu", bawaslu_desk.INTAKE_READ, "GetIntake", intake.GetIntakeRequest(name=name)
    )
    return [each.rpartition("/")[2] for each in found.matters]


async def concludes(world: World, name: str, **acts: list[str]) -> None:
    await bawaslu(
        world,
        "ConcludeIntake",
        intake.ConcludeIntakeRequest,
        name,
        study_number="9/KAJIAN/2023",
        study_date=day("2023-11-15"),
        study_digest=b"s" * 32,
        routes=["OTHER_LAW"],
        conclusions=[
            intake.MatterConclusion(matter=matter, suspected_acts=suspected)
            for matter, suspected in acts.items()
        ],
    )


async def goes_on(world: World, matter: str) -> None:
    """From the referral to the verified outcome, as each agency does it."""
    story = Story(addressee=AUTHORITY, matter=matter)
    for party, method, request in list(story.steps())[2:]:
        await world.settle()
        await world.call(party, method, request)


async def test_informasi_awal_of_a_team_becomes_an_outcome_that_the_team_sees(place: Place):
    clock = Clock()
    async with World(place, now=clock) as world:
        team = Team(world)
        await team.is_registered()
        indication = await team.sees()
        await team.passes(indication)
        await world.settle()
        clock.later()
        name = f"institutions/bawaslu/intakes/{indication.rpartition('/')[2]}"
        await traces(world, name)
        await finds(world, name)
        mine, theirs = await registers(
            world, name, ppk_6202=a_person(), ppk_3204=a_person(OTHER_NAME, OTHER_NIP)
        )
        await concludes(world, name, **{mine: ["2022-DSB7"], theirs: []})
        await goes_on(world, mine)
        await world.settle()
        told = await team.stages(indication)

        assert [(each.stage, each.place) for each in told] == [
            ("TRACING", 0),
            ("FOUND", 0),
            ("REGISTERED", 1),
            ("REGISTERED", 2),
            ("NOT_A_VIOLATION", 2),
            ("STUDIED", 0),
            ("REFERRED", 1),
            ("UNDER_EXAMINATION", 1),
            ("RECOMMENDED", 1),
            ("VERIFIED", 1),
        ]
        assert told[-1].reason == "CONFORMS"
        assert {each.matter for each in told if each.place == 1} == {mine}
        # Of another authority's employee: that there is one, and what became of it; not who.
        assert {(each.matter, each.number) for each in told if each.place == 2} == {("", "")}
        assert len({each.case_id for each in told}) == 1
        await has_evidence_on_both_sides(world, [each.statement for each in told])
        await tells_nothing_personal(world)


async def test_bawaslu_reads_what_the_team_saw_and_closes_it_with_a_reason(place: Place):
    clock = Clock()
    async with World(place, now=clock) as world:
        team = Team(world)
        await team.is_registered()
        indication = await team.sees()
        await team.passes(indication)
        await world.settle()
        clock.later()
        id = indication.rpartition("/")[2]
        name = f"institutions/bawaslu/intakes/{id}"
        arrived = await world.ask(
            "bawaslu", bawaslu_desk.INTAKE_READ, "GetIntake", intake.GetIntakeRequest(name=name)
        )
        (entry,) = await case_files.opened(world.desks["bawaslu"], "bawaslu", id)
        await bawaslu(
            world,
            "CloseInformation",
            intake.CloseInformationRequest,
            name,
            reason="NO_INDICATION",
            closed_date=day("2023-11-12"),
        )
        await world.settle()
        seen = await team.indication(indication)

        assert (arrived.state, arrived.informant, arrived.suspected_act, arrived.evidence_digests) == (
            "INFORMATION_RECEIVED",
            AUTHORITY,
            "2022-DSB7",
            [DIGEST],
        )
        assert entry.part.text == "Mohon ditelusuri."
        assert [each.part.links for each in entry.part.passed_on] == [[LINK]]
        assert entry.part.passed_on[0].part.person.nip == NIP
        assert (seen.state, seen.stage) == ("PASSED", "CLOSED")
        assert [each.reason for each in seen.stages] == ["NO_INDICATION"]
        await has_evidence_on_both_sides(world, [each.statement for each in seen.stages])
        await tells_nothing_personal(world)


async def has_evidence_on_both_sides(world: World, statements: list[str]) -> None:
    """Each statement, and the receipt that it was taken up, are leaves of both, of the same bytes."""
    at_bawaslu = await leaves_of(world, "bawaslu", "bawaslu")
    at_team = await leaves_of(world, "ppk", AUTHORITY)
    for statement in statements:
        mine, theirs = at_bawaslu[statement], at_team[statement]
        assert mine == theirs
        assert sorted(kind for kind, _ in mine) == [Kind.STATEMENT, Kind.RECEIPT]
    async with world.desks["ppk"].database.read() as connection:
        rows = list(await connection.execute(select(table(Outbox)).where(table(Outbox).c.party == AUTHORITY)))
    assert all(row.outcome for row in rows)


async def leaves_of(world: World, host: str, party: str) -> dict[str, set[tuple[int, bytes]]]:
    """Statements and receipts in a party's log, by the statement."""
    async with world.desks[host].database.read() as connection:
        rows = list(await connection.execute(select(table(Leaf)).where(table(Leaf).c.party == party)))
    found: dict[str, set[tuple[int, bytes]]] = {}
    for row in rows:
        if row.kind != Kind.RECORD:
            found.setdefault(row.ref, set()).add((row.kind, row.body))
    return found


async def tells_nothing_personal(world: World) -> None:
    books = [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]
    check_all(books)
    secrets = [each.encode() for each in (NAME, NIP, OTHER_NAME, OTHER_NIP, LINK)]
    assert not [leaf.ref for book in books for leaf in book.leaves for each in secrets if each in leaf.body]


async def test_kpu_is_told_of_first_signs_by_a_copy_without_the_person(
    tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]
):
    """Article 003: on first signs the region's team coordinates with KPU and Bawaslu."""
    make_keys(tmp_path, {**HOSTS, "ppk": [*HOSTS["ppk"], ("kpu", "organiser")]})
    async with World(Place(tmp_path, nats_server.url, databases), now=Clock()) as world:
        team = Team(world)
        await team.is_registered()
        indication = await team.sees()
        await team.passes(indication)
        await world.settle()
        id = indication.rpartition("/")[2]
        told = await world.call(
            "kpu", "GetIndication", pb.GetIndicationRequest(name=f"institutions/kpu/indications/{id}")
        )

        assert (told.state, told.act, told.region, told.letter_number) == (
            "PASSED",
            "2022-DSB7",
            "62.02",
            "700/12/REGU/2023",
        )
        assert await case_files.opened(world.desks["ppk"], "kpu", id) == []
        await tells_nothing_personal(world)
