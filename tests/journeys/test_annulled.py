"""BKN annuls a decree that the examiner had found to conform: what each desk and the figures say, until another one conforms."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.log import reads as log
from bawaslu import feature as bawaslu_desk
from cooperation.monitoring import reads as monitoring
from cooperation.monitoring import recompute
from cooperation.monitoring.figures import definitions
from cooperation.monitoring.projection import projector
from cooperation.oversight import feature as oversight_desk
from host import front_door
from host.command_rows import CallContext
from kasn import feature as kasn_desk
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import service_pb2 as figures
from netral.oversight.v1 import service_pb2 as oversight
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from ppk import feature as ppk_desk
from refusals import ReasonNeeded
from support.acts import new_id
from support.invariants import check_all, read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Alone, Place, World
from support.story import Story, day

PPK, TODAY = "ppk-6202", "2024-03-01"
SHOWN = {
    "bawaslu": (bawaslu_desk.READ, "GetMatter", bawaslu.GetMatterRequest),
    "kasn": (kasn_desk.READ, "GetMatter", kasn.GetMatterRequest),
    PPK: (ppk_desk.READ, "GetMatter", ppk.GetMatterRequest),
    "bkn": (oversight_desk.READ, "GetWatchedMatter", oversight.GetWatchedMatterRequest),
    "kemendagri": (oversight_desk.READ, "GetWatchedMatter", oversight.GetWatchedMatterRequest),
}


class Annulment:
    """The matter of a story that went to its end, whose light decree BKN then annuls."""

    def __init__(self, world: World, examiner: str = "kasn") -> None:
        self.world, self.story, self.examiner = world, Story(), examiner

    def at(self, party: str) -> dict[str, str]:
        return {"name": f"institutions/{party}/matters/{self.story.matter}", "request_id": new_id()}

    async def told(self, party: str, method: str, request: Any) -> Any:
        answer = await self.world.call(party, method, request)
        await self.world.settle()
        return answer

    async def until_it_conforms(self) -> None:
        async def call(party: str, method: str, request: Any) -> Any:
            if party == "kasn":
                request.name = request.name.replace("institutions/kasn", f"institutions/{self.examiner}")
                party = self.examiner
            return await self.world.call(party, method, request)

        await self.story.play(call, self.world.settle)

    def annulment(self, **more: Any) -> oversight.AnnulDecreeRequest:
        return oversight.AnnulDecreeRequest(
            **self.at("bkn"),
            act_number="9/BATAL/2024",
            act_date=day("2024-01-12"),
            decree_number="800/1/BKPSDM",
            reason="AUDIT_UNHEEDED",
            due_date=day("2024-02-02"),
            **more,
        )

    async def decided_anew(self) -> None:
        decree = ppk.ImposeSanctionRequest(
            **self.at(PPK),
            decree_number="800/77/BKPSDM",
            decree_date=day("2024-01-26"),
            sanction="PP94-8-4-B",
        )
        await self.told(PPK, "ImposeSanction", decree)
        report = ppk.ReportFollowUpRequest(
            **self.at(PPK),
            kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
            letter_number="800/78/TL",
            letter_date=day("2024-01-29"),
            decree_digest=b"n" * 32,
        )
        await self.told(PPK, "ReportFollowUp", report)

    async def verified(self) -> None:
        conforms = kasn.VerifyFollowUpRequest(
            **self.at(self.examiner),
            status=kasn_events.VERIFICATION_STATUS_CONFORMS,
            verified_date=day("2024-02-05"),
        )
        await self.told(self.examiner, "VerifyFollowUp", conforms)

    async def seen(self, party: str) -> Any:
        feature, method, request = SHOWN[party]
        name = f"institutions/{party}/matters/{self.story.matter}"
        return await self.world.ask(party, feature, method, request(name=name))

    async def procedure(self) -> discipline.Proceeding:
        request = discipline.GetProceedingRequest(name=f"institutions/{PPK}/matters/{self.story.matter}")
        shown: discipline.Proceeding = await self.world.ask(
            PPK, ppk_desk.DISCIPLINE_READ, "GetProceeding", request
        )
        return shown

    async def states(self) -> dict[str, str]:
        return {party: (await self.seen(party)).state for party in SHOWN}

    async def figures(self, party: str) -> dict[str, tuple[int, int]]:
        """The figures that a party shows, which are those counted again from its exported log."""
        for desk in self.world.desks.values():
            while await projector.follow(desk):
                pass
        desk = self.world.desks[party]
        front_door.set_caller(front_door.Caller(party, "officer-1", "auditor"))
        asked = figures.GetSummaryRequest(parent=f"institutions/{party}", today=day(TODAY))
        summary = await monitoring.get_summary(CallContext(desk, Alone(desk)), asked)
        shown = {each.id: (each.n, each.of) for each in summary.figures}
        leaves = [each async for each in log.export(desk.database, party) if isinstance(each, log.PlacedLeaf)]
        again = recompute.from_log(party, leaves)
        counted = definitions.figures(again.cells(), date.fromisoformat(TODAY))
        assert shown == {each.id: (each.n, each.of) for each in counted}
        return shown


async def test_a_decree_that_bkn_annulled_is_decided_anew_and_bawaslu_sees_the_outcome(place: Place):
    async with World(place) as world:
        played = Annulment(world)
        await played.until_it_conforms()
        assert set((await played.states()).values()) == {"COMPLETED"}
        for party in ("bawaslu", "kasn"):
            assert (await played.figures(party))["conforming-rate"] == (1, 1)

        with pytest.raises(ReasonNeeded, match="coordinated with the Minister"):
            await world.call("bkn", "AnnulDecree", played.annulment())
        await played.told("bkn", "AnnulDecree", played.annulment(coordination_number="B/12/M.SM.00.00/2024"))

        assert await played.states() == {
            "bawaslu": "RECOMMENDED",
            "kasn": "ACKNOWLEDGED",
            PPK: "ACKNOWLEDGED",
            "bkn": "OPENED",
            "kemendagri": "OPENED",
        }
        for party in SHOWN:
            seen = await played.seen(party)
            assert (seen.annulment_number, seen.annulment_date) == ("9/BATAL/2024", day("2024-01-12"))
            assert (seen.verification, seen.due_date) == ("", day("2024-02-02"))
        assert (await played.seen(PPK)).decree_number == (await played.seen("kasn")).decree_number == ""
        procedure = await played.procedure()
        assert (procedure.stage, procedure.decree_number) == ("EXAMINED", "")
        for party in ("bawaslu", "kasn"):
            counted = await played.figures(party)
            assert (counted["follow-up-rate"], counted["conforming-rate"]) == ((0, 1), (0, 1))
            assert counted["overdue-rate"] == (1, 1)  # the day that the annulment set has passed

        await played.decided_anew()
        await played.verified()

        assert set((await played.states()).values()) == {"COMPLETED"}
        assert (await played.seen("kasn")).decree_number == "800/77/BKPSDM"
        assert (await played.seen("bawaslu")).verification == "CONFORMS"
        for party in ("bawaslu", "kasn"):
            counted = await played.figures(party)
            assert counted["conforming-rate"] == counted["follow-up-rate"] == (1, 1)
        assert (await played.figures("kasn"))["on-time-rate"] == (1, 1)
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])


@pytest.fixture
def bkn_examines(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    """BKN annuls where it examines and holds the data: by an act of its own watched matter."""
    parties = {
        "bawaslu": [("bawaslu", "supervisor")],
        "kasn": [("bkn", "examiner", "data_holder")],
        "ppk": [(PPK, "personnel_authority"), ("kemendagri", "personnel_authority", "warner")],
    }
    make_keys(tmp_path, parties)
    return Place(tmp_path, nats_server.url, databases)


async def test_bkn_annuls_where_it_is_itself_the_examiner(bkn_examines: Place):
    async with World(bkn_examines) as world:
        played = Annulment(world, "bkn")
        await played.until_it_conforms()
        examined = kasn.GetMatterRequest(name=played.at("bkn")["name"])

        await played.told("bkn", "AnnulDecree", played.annulment(coordination_number="B/12/M.SM.00.00/2024"))

        assert (await played.seen("bkn")).state == "OPENED"
        assert (await world.ask("bkn", kasn_desk.READ, "GetMatter", examined)).state == "ACKNOWLEDGED"
        assert (await played.seen(PPK)).state == "ACKNOWLEDGED"
        await played.decided_anew()
        await played.verified()
        assert (await played.seen("bkn")).state == (await played.seen("bawaslu")).state == "COMPLETED"
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])


async def test_the_annulment_of_another_decree_changes_nothing_and_bkn_is_told(place: Place):
    async with World(place) as world:
        played = Annulment(world)
        await played.until_it_conforms()
        wrong = played.annulment(coordination_number="B/12/M.SM.00.00/2024", stated_reason="Menurut SIASN.")
        wrong.decree_number = "800/2/BKPSDM"

        await played.told("bkn", "AnnulDecree", wrong)

        assert (await played.seen(PPK)).state == (await played.seen("kasn")).state == "COMPLETED"
        books = await read_host_tables("ppk", world.desks["ppk"].database)
        outcomes = {row.recipient: row.outcome for row in books.outbox if "annulled" in row.type}
        assert (outcomes[PPK], outcomes["kasn"]) == ("REFUSED", "REFUSED")
