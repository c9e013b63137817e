"""The ten failures of real handling that the exchange must end (2018 to 2024), and the tests that play each of them.

| | failure | where it was read |
|---|---|---|
| 1 | a letter is posted and never arrives; nobody knows who took it in | KASN and the mayor of Bekasi, 2018 |
| 2 | "no letter yet" after twenty days, while Bawaslu holds its copy | Sukoharjo, 2020 |
| 3 | the wrong authority is warned in public for somebody who is not its employee | Kab. Bandung, 2020 |
| 4 | forwarded without a study and returned; identity incomplete and held back | Bawaslu, 2019 and 2023 |
| 5 | agencies publish different counts for the same time | 2020 to 2024 |
| 6 | volume takes the shared system down, and people go back to paper | SBT, 2024 |
| 7 | Bawaslu cannot see the result | Bawaslu Maluku, 2024; a recommendation of July 2019 |
| 8 | an authority with a conflict of interest delays | Kompas, 2020 |
| 9 | people give first information only, and will not report | Rembang |
| 10 | the examiner is abolished in the middle of open cases | 4 September 2024 |

`PLAYED_BY` names the tests; 6 and 7 are played here, each with the evidence that an officer would use.
"""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from google.type.date_pb2 import Date

from agreement.clocks import deadlines
from agreement.clocks.deadlines import Start
from agreement.clocks.working_days import months_later
from agreement.parties import institutions
from audit.log import reads
from bawaslu import feature as bawaslu_desk
from cooperation.monitoring.projection import projector
from exchange.reconciliation import matter_timeline
from netral.audit.v1.service_pb2 import Leaf
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1 import service_pb2 as exchange
from netral.exchange.v1.service_pb2_grpc import ExchangeReadServiceStub
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnReadServiceStub
from netral.monitoring.v1 import service_pb2 as pb
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.service_pb2_grpc import PpkReadServiceStub
from operations.local.processes import NATS, ProcessManager
from support.acts import new_id
from support.desks import Caller
from support.invariants import check_all, read_host_tables
from support.processes import Databases, Officers, a_small_world, read_all
from support.steps import Place, World
from support.story import Story, day
from support.waiting import HANGS, until

HERE = Path(__file__).parent
PPK = "ppk-6202"
REFERRED, RECOMMENDED = "netral.supervisor.referred.v1", "netral.examiner.recommended.v1"
PLAYED_BY: Mapping[int, Sequence[str]] = {
    1: (
        "test_letters.py::test_a_letter_that_never_arrives_shows_as_sent_without_a_receipt",
        "test_letters.py::test_who_took_the_letter_in_is_in_both_logs",
    ),
    2: (
        "test_letters.py::test_no_letter_yet_is_refuted_by_the_authoritys_own_receipt",
        "test_examination.py::test_no_letter_yet_while_bawaslu_has_its_copy_is_told_apart_by_receipts",
    ),
    3: (
        "test_examination.py::test_the_wrong_authority_is_cleared_and_the_history_stays",
        "test_letters.py::test_a_regent_who_is_not_the_persons_authority_is_cleared_by_the_trail",
    ),
    4: (
        "test_examination.py::test_a_referral_without_a_study_goes_back_with_the_reason_and_comes_again",
        "test_examination.py::test_an_incomplete_identity_is_completed_instead_of_being_held_back",
    ),
    5: (
        "test_monitoring.py::test_two_agencies_agree_on_a_figure_except_what_one_has_not_heard_yet",
        "test_monitoring.py::test_every_figure_is_the_one_counted_by_hand_and_the_one_recomputed_from_the_log",
    ),
    6: (
        "test_failures.py::test_a_burst_is_taken_in_while_desk_and_bus_are_down_and_paper_comes_after_with_its_dates",
    ),
    7: ("test_failures.py::test_bawaslu_sees_where_a_silent_case_lies_and_its_outcome_when_it_comes",),
    8: ("test_examination.py::test_an_authority_with_a_conflict_of_interest_loses_the_case_to_the_governor",),
    9: ("test_intake.py::test_first_information_of_a_ppks_own_team_becomes_a_finding_and_is_referred",),
    10: (
        "test_succession.py::test_a_case_goes_on_at_the_successor_with_its_file_its_letter_and_its_people",
        "test_legal_basis.py::test_what_the_examiner_says_after_its_role_has_passed_is_refused_everywhere",
    ),
}


@pytest.mark.parametrize("number", range(1, 11))
def test_each_of_the_ten_failures_has_a_test_that_plays_it(number: int):
    for name in PLAYED_BY[number]:
        file, _, test = name.partition("::")
        assert re.search(rf"^(async )?def {test}\(", (HERE / file).read_text(), re.MULTILINE), name


# --- 6: volume ------------------------------------------------------------------------------------------------------

BURST, AT_ONCE = 300, 16


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[tuple[ProcessManager, Databases]]:
    """NATS and three services as real processes."""
    state = a_small_world(tmp_path / "world")
    manager = ProcessManager(state, environment={"NETRAL_RESEND_SECONDS": "1", "NETRAL_PAIRING_SECONDS": "0"})
    await manager.start()
    yield manager, Databases(state)
    await manager.stop()


class Desk:
    """A party's desk as its officers see it."""

    def __init__(self, officers: Officers, name: str, party: str) -> None:
        self._channel, self._party = officers.channels[name], party
        self.parent = f"institutions/{party}"

    async def ask(self, stub: Any, method: str, request: Any) -> Any:
        ask = getattr(stub(self._channel), method)
        return await ask(request, metadata=Caller(self._party).metadata, timeout=HANGS)

    async def outbox(self, *, all: bool = False) -> list[Any]:
        """`netral exchange outbox`: what has no outcome yet, or all."""
        request = exchange.ListOutboxRequest(parent=self.parent, page_size=1000, show_settled=all)
        return list((await self.ask(ExchangeReadServiceStub, "ListOutbox", request)).statements)

    async def pair(self, peer: str) -> Any:
        """`netral exchange pairs`: numbers sent to, and heard from, a peer."""
        request = exchange.ListPairsRequest(parent=self.parent)
        pairs = (await self.ask(ExchangeReadServiceStub, "ListPairs", request)).pairs
        return next(pair for pair in pairs if pair.peer == peer)


def freeze(manager: ProcessManager, name: str, how: signal.Signals) -> None:
    """A desk that hangs under its load, or goes on."""
    process = manager.children[name].process
    assert process is not None
    os.kill(process.pid, how)


async def enter(officers: Officers, stories: Sequence[Story], steps: int) -> None:
    """Bawaslu's officers enter as many steps of each matter, many matters at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(story: Story) -> None:
        async with places:
            for party, method, request in islice(story.steps(), steps):
                answer = await officers.call(party, method, request)
                story.matter = story.matter or answer.matter.rpartition("/")[2]

    await asyncio.gather(*map(one, stories))


@pytest.mark.slow
async def test_a_burst_is_taken_in_while_desk_and_bus_are_down_and_paper_comes_after_with_its_dates(
    running: tuple[ProcessManager, Databases],
):
    """2024: the shared system was down from volume and work was done by hand. Here nobody shares one: each desk takes in what its
    own officers enter, and its outbox shows what the other has not receipted."""
    manager, databases = running
    async with Officers(manager) as officers:
        supervising, examining = Desk(officers, "bawaslu", "bawaslu"), Desk(officers, "kasn", "kasn")
        examined = Story(1)
        await enter(officers, [examined], steps=4)
        await until(lambda: _nothing_on_its_way(supervising))

        freeze(manager, "kasn", signal.SIGSTOP)
        try:
            manager.kill(NATS)
            burst = [Story(number) for number in range(2, BURST + 2)]
            await enter(officers, burst[: BURST // 2], steps=3)
            manager.kill(NATS)
            await enter(officers, burst[BURST // 2 :], steps=3)

            # Every referral is entered; that none is received yet is what the outbox says, letter by letter.
            waiting = await supervising.outbox()
            assert {one.type for one in waiting} == {REFERRED} and len(waiting) == BURST
            assert not [one for one in waiting if one.HasField("custody_time")]
            pair = await supervising.pair("kasn")
            assert (pair.sent, pair.in_custody) == (BURST + 1, 1)
        finally:
            freeze(manager, "kasn", signal.SIGCONT)

        await until(lambda: _nothing_on_its_way(supervising))
        sent = [one for one in await supervising.outbox(all=True) if one.type == REFERRED]
        assert len(sent) == BURST + 1
        assert {one.outcome for one in sent} == {"TAKEN_UP"} and all(
            one.HasField("custody_time") for one in sent
        )
        # Complete on both sides: as many numbers as were given, without a gap.
        pair, heard = await supervising.pair("kasn"), await examining.pair("bawaslu")
        assert pair.sent == pair.in_custody == heard.received_complete == heard.received_highest
        request = kasn.ListMattersRequest(parent=examining.parent, page_size=1000, state="REFERRED")
        listed = await examining.ask(KasnReadServiceStub, "ListMatters", request)
        assert {one.name.rpartition("/")[2] for one in listed.matters} == {story.matter for story in burst}

        # While its desk was down the examiner wrote a letter by hand. It is entered now, with the date that it bears.
        await officers.call("kasn", "Recommend", _on_paper(examined))
        authority = Desk(officers, "ppk", PPK)
        matter = await until(lambda: _matter(authority, examined))
        assert (matter.letter_number, matter.letter_date) == ("R-77/KASN/11/2023", day("2023-11-20"))
        assert matter.due_date == _due_of(date(2023, 11, 20))  # the clock runs from the letter, as on paper
        (letter,) = [
            one for one in await examining.outbox(all=True) if (one.type, one.recipient) == (RECOMMENDED, PPK)
        ]
        # When it was really told is not hidden: signed on the day of entry.
        assert letter.create_time.ToDatetime(tzinfo=UTC).date() > date(2023, 11, 20)
        await until(lambda: _all_settled(officers))
        books = await read_all(databases)
    check_all(books)


async def _nothing_on_its_way(desk: Desk) -> bool:
    return not await desk.outbox()


async def _all_settled(officers: Officers) -> bool:
    return await officers.on_their_way() == 0


async def _matter(desk: Desk, story: Story) -> Any:
    listed = await desk.ask(PpkReadServiceStub, "ListMatters", ppk.ListMattersRequest(parent=desk.parent))
    return next((one for one in listed.matters if one.name.endswith(story.matter)), None)


def _on_paper(story: Story) -> kasn.RecommendRequest:
    return kasn.RecommendRequest(
        name=f"institutions/kasn/matters/{story.matter}",
        letter_number="R-77/KASN/11/2023",
        letter_date=day("2023-11-20"),
        addressee=PPK,
        act="2022-DSB7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_SEVERE",
        reasons="Terbukti.",
        request_id=new_id(),
    )


def _due_of(letter: date) -> Date:
    rule = deadlines.default_rule("follow_up", "kasn")
    due = deadlines.due(rule, Start(rule.starts, letter), institutions.zone(PPK)).due
    return Date(year=due.year, month=due.month, day=due.day)


# --- 7: the result --------------------------------------------------------------------------------------------------


async def test_bawaslu_sees_where_a_silent_case_lies_and_its_outcome_when_it_comes(place: Place):
    """A recommendation of July 2019 whose result nobody knew in November; Bawaslu Maluku did not know either."""
    async with World(place) as world:
        story = Story()
        steps = story.steps()
        await play(world, story, islice(steps, 5))  # up to the recommendation, and then silence
        asked = months_later(date(2023, 11, 20), 4)

        # Four months later: where it lies, whose turn it is, since when, and how late.
        (late,) = (await overdue(world, asked)).cases
        assert (late.case.matter, late.case.stage, late.case.holder) == (story.matter, "RECOMMENDED", PPK)
        assert (late.case.recommended_date, late.case.due_date) == (day("2023-11-20"), day("2023-12-04"))
        assert (late.days_late, late.next_step) == ((asked - date(2023, 12, 4)).days, "REMINDED")
        said = await summary(world, asked)
        assert said.sentence.startswith("1 rekomendasi melewati tenggat") and PPK in said.sentence
        rates = {figure.id: (figure.n, figure.of, figure.answer) for figure in said.figures}
        assert rates["follow-up-rate"] == (0, 1, pb.ANSWER_NO_DATA)  # silence, and not "nothing was done"

        # Which receipts there are: in Bawaslu's own log, and the examiner's for the letter itself.
        mine = await told(world, "bawaslu", "bawaslu", story)
        assert mine[REFERRED, "kasn"].outcome == "TAKEN_UP"
        assert mine[RECOMMENDED, "bawaslu"].kept_by == ["bawaslu"] and mine[RECOMMENDED, "bawaslu"].copy
        assert late.case.since_time.ToDatetime(tzinfo=UTC) == mine[RECOMMENDED, "bawaslu"].time
        letter = (await told(world, "kasn", "kasn", story))[RECOMMENDED, PPK]
        assert letter.custody is not None and letter.outcome == "TAKEN_UP"
        assert ("netral.personnel_authority.opened.v1", "kasn") not in await told(
            world, "kasn", "kasn", story
        )

        # The outcome, when it comes, comes by itself.
        await play(world, story, steps)
        assert not (await overdue(world, asked)).cases
        (case,) = (await cases(world)).cases
        assert (case.stage, case.holder, case.status) == ("CONFORMS", "", "CONFORMS")
        assert case.verified_date == day("2023-12-15")
        matter = await world.ask(
            "bawaslu",
            bawaslu_desk.READ,
            "GetMatter",
            bawaslu.GetMatterRequest(name=f"institutions/bawaslu/matters/{story.matter}"),
        )
        assert (matter.state, matter.verification) == ("COMPLETED", "CONFORMS")
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])


async def play(world: World, story: Story, steps: Any) -> None:
    for party, method, request in steps:
        answer = await world.call(party, method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        await world.settle()


async def monitor(world: World, method: str, kind: Any, **fields: Any) -> Any:
    """`netral monitor …` as Bawaslu's officer."""
    desk = world.desks["bawaslu"]
    while await projector.follow(desk):
        pass
    return await world.call("bawaslu", method, kind(parent="institutions/bawaslu", **fields))


async def overdue(world: World, today: date) -> Any:
    return await monitor(world, "ListOverdue", pb.ListOverdueRequest, today=day(today.isoformat()))


async def summary(world: World, today: date) -> Any:
    return await monitor(world, "GetSummary", pb.GetSummaryRequest, today=day(today.isoformat()))


async def cases(world: World) -> Any:
    return await monitor(world, "ListCases", pb.ListCasesRequest)


async def told(
    world: World, desk: str, party: str, story: Story
) -> dict[tuple[str, str], matter_timeline.StatementLine]:
    """`netral matter timeline`: the statements of a matter in a party's log, by type and recipient."""
    exported = reads.export(world.desks[desk].database, party)
    leaves = [
        Leaf(body=item.body, ref=item.ref)
        async for item in exported
        if isinstance(item, reads.PlacedLeaf) and item.matter == story.matter
    ]
    return {(sent.type, sent.recipient): sent for sent in matter_timeline.statements({party: leaves})}
