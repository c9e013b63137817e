"""The examiner's role passes from KASN to BKN in the middle of open cases (domain notes 6.1, failure 10; SE MenPANRB 4/2024).

Three real desks over a real NATS; the clock is held by the test. The examiner's host serves both institutions, each with its
own keys, log and sequences; BKN holds the data all the time, and blocks before and after.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cooperation.monitoring import wire as monitoring_wire
from cooperation.monitoring.figures import fold_facts
from cooperation.monitoring.projection import projector
from cooperation.monitoring.projection.tables import CaseRow
from cooperation.monitoring.replay import check_projection
from exchange.delivery import relay
from exchange.tables import Delivery
from kasn import feature as kasn_desk
from kasn.escalation import commands
from kasn.escalation.tables import LadderRow
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.oversight.v1 import service_pb2 as oversight
from netral.ppk.v1 import discipline_events_pb2 as discipline_steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from refusals import NotAllowed, WrongState
from storage.types import table
from support.invariants import HostTables, check_all, read_host_tables
from support.keys import SINCE, make_keys
from support.nats import NatsServer
from support.steps import Alone, Injected, Place, World
from support.story import NAME, Story, day

# Midnight of 4 September 2024 in Jakarta.
PASSED = datetime(2024, 9, 3, 17, tzinfo=UTC)
BEFORE, AFTER = datetime(2024, 8, 30, 3, tzinfo=UTC), datetime(2024, 9, 4, 3, tzinfo=UTC)
HOSTS = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner"), ("bkn", "examiner")],
    "ppk": [
        ("ppk-6202", "personnel_authority"),
        ("ppk-3204", "personnel_authority"),
        ("prov-62", "personnel_authority"),
        ("kemendagri", "warner"),
    ],
}
PERIODS = {
    "kasn": [("examiner", SINCE, PASSED), ("former_examiner", PASSED, None)],
    # It held the data before it was the examiner, and still does.
    "bkn": [("examiner", PASSED, None), ("data_holder", SINCE, None)],
}
# The steps of a story that lead to a state of the examiner's desk, and a step besides.
LEADS_TO = {
    "REFERRED": (3, ""),
    "RETURNED": (3, "return"),
    "INCOMPLETE": (3, "ask"),
    "EXAMINING": (4, ""),
    "RECOMMENDED": (5, ""),
    "OPENED": (6, ""),
    "REJECTED": (6, "reject"),
    "CONFLICTED": (6, "conflict"),
    "OBJECTED": (6, "object"),
    "ACKNOWLEDGED": (7, ""),
    "DECIDED": (11, ""),
    "FOLLOWED_UP": (12, ""),
}
# An appeal against the decree of a story, from the delivery on.
APPEAL: dict[str, dict[str, Any]] = {
    "DeliverDecision": {
        "delivered_date": day("2023-12-13"),
        "way": discipline_steps.DELIVERY_WAY_IN_PERSON,
    },
    "FileAppeal": {
        "kind": discipline_steps.APPEAL_KIND_OBJECTION,
        "letter_number": "1/KEB/2023",
        "letter_date": day("2023-12-20"),
    },
    "DecideAppeal": {
        "outcome": discipline_steps.APPEAL_OUTCOME_ANNULLED,
        "letter_number": "1/PUT-KEB/2024",
        "letter_date": day("2024-09-04"),
    },
}
# What the authority's state is at the examiner's desk.
SAME = {
    "RECEIVED": "RECOMMENDED",
    "REPORTED": "FOLLOWED_UP",
    "WITHDRAWN": "CONFLICTED",
    "CLARIFICATION_REQUESTED": "EXAMINING",
    "CLARIFIED": "EXAMINING",
}


@dataclass
class Clock:
    """The time at all desks."""

    at: datetime = BEFORE

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Case:
    """A matter on its way to a state."""

    story: Story
    state: str
    steps: Iterator[tuple[str, str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = self.story.steps()

    async def go(self, world: World) -> None:
        """The next step of the story."""
        answer = await world.call(*next(self.steps))
        self.story.matter = self.story.matter or answer.matter.rpartition("/")[2]

    async def besides(self, world: World) -> None:
        """The step that is not in the story."""
        _, what = LEADS_TO[self.state]
        if what == "return":
            name = f"institutions/kasn/matters/{self.story.matter}"
            request: Any = kasn.ReturnReferralRequest(
                name=name, reason=kasn_events.RETURN_REASON_NO_STUDY, request_id=str(uuid.uuid4())
            )
            await world.call("kasn", "ReturnReferral", request)
        elif what == "ask":
            await world.call(
                "kasn",
                "RequestCompletion",
                kasn.RequestCompletionRequest(
                    name=f"institutions/kasn/matters/{self.story.matter}",
                    letter_number=f"B-{self.story.number}/KASN/11/2023",
                    letter_date=day("2023-11-16"),
                    missing=[kasn_events.COMPLETION_ITEM_STUDY],
                    request_id=str(uuid.uuid4()),
                ),
            )
        elif what == "conflict":
            await world.call(
                "kasn",
                "DeclareConflict",
                kasn.DeclareConflictRequest(
                    name=f"institutions/kasn/matters/{self.story.matter}",
                    institution=self.story.addressee,
                    ground=kasn_events.CONFLICT_GROUND_INTEREST,
                    request_id=str(uuid.uuid4()),
                ),
            )
        elif what:
            name = f"institutions/{self.story.addressee}/matters/{self.story.matter}"
            if what == "reject":
                reason = ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE
                request = ppk.RejectRecommendationRequest(
                    name=name, reason=reason, request_id=str(uuid.uuid4())
                )
                await world.call(self.story.addressee, "RejectRecommendation", request)
            else:
                request = ppk.ObjectToRecommendationRequest(
                    name=name,
                    letter_number=f"800/{self.story.number}/SGH",
                    letter_date=day("2023-11-25"),
                    reasons="Cuti.",
                    request_id=str(uuid.uuid4()),
                )
                await world.call(self.story.addressee, "ObjectToRecommendation", request)


def some_cases(count: int, first: int = 1) -> list[Case]:
    """Matters that will stand in all open states, at two authorities."""
    states = list(LEADS_TO)
    return [
        Case(
            Story(first + n, addressee=("ppk-6202", "ppk-3204")[n // len(states) % 2]),
            states[n % len(states)],
        )
        for n in range(count)
    ]


async def bring(world: World, cases: list[Case]) -> None:
    """Every case to its state."""
    async with world.many_at_once():
        for step in range(max(steps for steps, _ in LEADS_TO.values())):
            await asyncio.gather(*(case.go(world) for case in cases if LEADS_TO[case.state][0] > step))
            await world.settle()
        await asyncio.gather(*(case.besides(world) for case in cases))
    await world.settle()


def a_transfer(number: int = 1, limit: int = 50, **more: Any) -> kasn.TransferMattersRequest:
    values: dict[str, Any] = {
        "parent": "institutions/kasn",
        "successor": "bkn",
        "letter_number": "1/BA/KASN/9/2024",
        "letter_date": day("2024-09-04"),
        "limit": limit,
        "request_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"transfer-{number}")),
    }
    return kasn.TransferMattersRequest(**(values | more))


async def hand_over(world: World) -> int:
    """Hand everything over; gives how many matters passed."""
    passed, number = 0, 1
    while sent := len((await world.call("kasn", "TransferMatters", a_transfer(number))).statements):
        passed, number = passed + sent, number + 1
    return passed


async def books_of(world: World) -> dict[str, HostTables]:
    return {name: await read_host_tables(name, desk.database) for name, desk in world.desks.items()}


def rows_of(books: HostTables) -> dict[tuple[str, str], Any]:
    return {(row.party, row.id): row for row in books.matters}


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    make_keys(tmp_path, HOSTS, PERIODS)
    return Place(tmp_path, nats_server.url, databases)


def check_handed_over(books: dict[str, HostTables], cases: list[Case], *, went_on: bool = False) -> None:
    """None lost, none double, each with the receipts of both sides, and everybody turns to the successor.

    `went_on`: the successor has done more with them since, so that they are in other states than they came in.
    """
    examiners, supervisor, authorities = (rows_of(books[name]) for name in ("kasn", "bawaslu", "ppk"))
    said = Counter((row.type, row.party, row.recipient, row.matter) for row in books["kasn"].outbox)
    for case in cases:
        id = case.story.matter
        assert examiners["kasn", id].state == "HANDED_OVER"
        assert (examiners["kasn", id].successor, examiners["bkn", id].predecessor) == ("bkn", "kasn")
        assert said["netral.examiner.transferred.v1", "kasn", "bkn", id] == 1
        assert said["netral.examiner.took_over.v1", "bkn", "kasn", id] == 1
        assert supervisor["bawaslu", id].examiner == "bkn"
        theirs = authorities.get((case.story.addressee, id))
        if theirs is not None:
            assert theirs.examiner == "bkn"
            assert examiners["bkn", id].state == SAME.get(theirs.state, theirs.state)
        elif not went_on:
            assert examiners["bkn", id].state == case.state
    watched = [row for name in ("kasn", "ppk") for row in books[name].watched]
    assert {row.examiner for row in watched} <= {"bkn"}
    for book in books.values():
        refused = [(row.type, row.reason) for row in book.outbox if row.outcome != "TAKEN_UP"]
        assert not refused


async def check_list(world: World, party: str, count: int) -> None:
    """The handover list of a party has everything, with both receipts."""
    listed, token = [], ""
    while True:
        request = kasn.ListHandoverRequest(parent=f"institutions/{party}", page_size=150, page_token=token)
        answer = await world.ask(party, kasn_desk.READ, "ListHandover", request)
        assert answer.left == 0
        listed += answer.matters
        token = answer.next_page_token
        if not token:
            break
    assert len({line.name for line in listed}) == len(listed) == count
    for line in listed:
        assert (line.predecessor, line.successor) == ("kasn", "bkn")
        assert line.transferred and line.took_over
        assert (line.transferred_outcome, line.took_over_outcome) == ("TAKEN_UP", "TAKEN_UP")
        assert line.HasField("transferred_custody_time") and line.HasField("took_over_custody_time")


@pytest.mark.soak
async def test_four_hundred_open_cases_pass_under_load_and_a_crash_loses_none(place: Place):
    clock, cases = Clock(), some_cases(400)

    def a_world() -> World:
        return World(place, ack_wait=2, now=clock)

    async with a_world() as world:
        await bring(world, cases)
        # On its way to the old examiner when the role passes.
        async with world.many_at_once():
            on_the_way = [case for case in cases if case.state == "OPENED"]
            await asyncio.gather(*(case.go(world) for case in on_the_way))
        clock.at = AFTER
        first = await world.call("kasn", "TransferMatters", a_transfer(1))
        world.faults.arm(12)
        with pytest.raises(Injected):
            await world.call("kasn", "TransferMatters", a_transfer(2))

    async with a_world() as world:
        again = await world.call("kasn", "TransferMatters", a_transfer(1))
        assert again == first
        await world.call("kasn", "TransferMatters", a_transfer(2))
        world.faults.arm(1, after=True)
        with pytest.raises(Injected):
            await world.call("kasn", "TransferMatters", a_transfer(3))
        assert world.faults.failed == "commit"

    new = some_cases(3, first=900)
    going_on = [case for case in cases if case.state in ("ACKNOWLEDGED", "RECOMMENDED")]
    async with a_world() as world:
        passed = len(first.statements) + 50
        number = 3
        while True:
            async with world.many_at_once():
                # Officers of all desks go on meanwhile; whom their statements reach depends on what they know.
                busy, going_on = going_on[:10], going_on[10:]
                answer, *_ = await asyncio.gather(
                    world.call("kasn", "TransferMatters", a_transfer(number)),
                    *(case.go(world) for case in busy),
                    *(case.go(world) for case in new if number in (3, 4, 5)),
                )
            if not answer.statements:
                break
            passed, number = passed + len(answer.statements), number + 1
            if number % 2:
                await world.settle()
        await world.settle()

        assert passed == 400
        books = await books_of(world)
        check_handed_over(books, cases)
        check_all(books.values())
        await check_list(world, "kasn", 400)
        await check_list(world, "bkn", 400)
        examiners = rows_of(books["kasn"])
        assert {examiners["bkn", case.story.matter].state for case in new} == {"REFERRED"}


async def test_a_case_goes_on_at_the_successor_with_its_file_its_letter_and_its_people(place: Place):
    clock, reported, returned = Clock(), Case(Story(1), "FOLLOWED_UP"), Case(Story(2), "RETURNED")
    async with World(place, now=clock) as world:
        await bring(world, [reported, returned])
        clock.at = AFTER
        assert await hand_over(world) == 2
        await world.settle()

        name = f"institutions/bkn/matters/{reported.story.matter}"
        found = await world.ask(
            "bkn",
            kasn_desk.READ,
            "ListMatters",
            kasn.ListMattersRequest(parent="institutions/bkn", number="R-1/KASN/11/2023"),
        )
        assert [matter.name for matter in found.matters] == [name]
        old = kasn.GetMatterRequest(name=f"institutions/kasn/matters/{reported.story.matter}")
        link = await world.ask("kasn", kasn_desk.READ, "GetMatter", old)
        assert (link.state, link.successor, link.letter_number) == ("HANDED_OVER", "bkn", "R-1/KASN/11/2023")
        same_person = a_request(kasn.FindEarlierRequest, "bkn", returned)
        earlier = (await world.call("bkn", "FindEarlier", same_person)).earlier
        assert [(each.matter, each.letter_number) for each in earlier] == [(name, "R-1/KASN/11/2023")]
        purpose = person_pb2.READ_PURPOSE_HANDLING
        read = person_pb2.ReadFileRequest(name=name, purpose=purpose, request_id=str(uuid.uuid4()))
        entry = (await world.call("bkn", "ReadFile", read)).entries[
            -1
        ]  # before it are the copies that BKN had
        assert entry.part.person.full_name == NAME
        assert {kept.type for kept in entry.part.passed_on} == {
            "netral.supervisor.referred.v1",
            "netral.examiner.recommended.v1",
        }

        verified = kasn.VerifyFollowUpRequest(
            name=name,
            status=kasn_events.VERIFICATION_STATUS_CONFORMS,
            verified_date=day("2024-09-04"),
            request_id=str(uuid.uuid4()),
        )
        await world.call("bkn", "VerifyFollowUp", verified)
        await world.settle()

        books = await books_of(world)
        id = reported.story.matter
        assert rows_of(books["bawaslu"])["bawaslu", id].state == "COMPLETED"
        assert rows_of(books["ppk"])["ppk-6202", id].state == "COMPLETED"
        assert rows_of(books["ppk"])["ppk-6202", id].reports_to == "kemenpanrb"
        check_all(books.values())


async def test_what_the_old_examiner_said_last_takes_effect_before_the_successor_is_heard(place: Place):
    clock, case = Clock(), Case(Story(1), "EXAMINING")
    async with World(place, now=clock) as world:
        await bring(world, [case])
        await case.go(world)  # the recommendation, which is held up on its way
        clock.at = AFTER
        held_up = table(Delivery).update().where(table(Delivery).c.recipient == "ppk-6202")
        async with world.desk_of("kasn").database.write() as connection:
            await connection.execute(held_up.values(due=AFTER + timedelta(hours=1)))
        await hand_over(world)
        for _ in range(6):
            await world._once(relay.RetryPolicy(first=0.2))

        arrived = [row for row in (await books_of(world))["ppk"].inbox if row.party == "ppk-6202"]
        assert [(row.type, row.state) for row in arrived] == [("netral.examiner.took_over.v1", "WAITING")]

        clock.at = AFTER + timedelta(hours=2)
        await world.settle()

        books = await books_of(world)
        check_handed_over(books, [case])
        check_all(books.values())


async def test_who_was_asked_to_clarify_answers_the_successor_and_what_is_on_its_way_is_forwarded(
    place: Place,
):
    clock, cases = Clock(), [Case(Story(n), "EXAMINING") for n in (1, 2)]

    async def answer(world: World, case: Case) -> None:
        await world.call(
            "ppk-6202",
            "AnswerClarification",
            ppk.AnswerClarificationRequest(
                name=f"institutions/ppk-6202/matters/{case.story.matter}",
                letter_number=f"800/{case.story.number}/KLAR",
                letter_date=day("2023-11-19"),
                answer="Cuti.",
                request_id=str(uuid.uuid4()),
            ),
        )

    async with World(place, now=clock) as world:
        await bring(world, cases)
        for case in cases:
            request = kasn.RequestClarificationRequest(
                name=f"institutions/kasn/matters/{case.story.matter}",
                letter_number=f"K-{case.story.number}/KASN/11/2023",
                letter_date=day("2023-11-18"),
                addressee="ppk-6202",
                questions="Benarkah?",
                request_id=str(uuid.uuid4()),
            )
            await world.call("kasn", "RequestClarification", request)
        await world.settle()
        await answer(world, cases[0])
        clock.at = AFTER
        assert await hand_over(world) == 2
        await world.settle()
        await answer(world, cases[1])
        await world.settle()

        books = await books_of(world)
        check_handed_over(books, cases)
        check_all(books.values())
        there = rows_of(books["kasn"])
        for case in cases:
            assert there["bkn", case.story.matter].clarification_answer == f"800/{case.story.number}/KLAR"
        forwarded = [row for row in books["kasn"].outbox if row.type == "netral.examiner.forwarded.v1"]
        assert [row.matter for row in forwarded] == [cases[0].story.matter]


async def test_the_ladder_goes_on_at_the_successor_and_the_old_examiners_clock_stops(place: Place):
    clock, case = Clock(), Case(Story(1), "OPENED")
    async with World(place, now=clock) as world:
        await bring(world, [case])
        desk = world.desk_of("kasn")
        # What the story has is long overdue: all that the clock may do is done here.
        steps = await commands.due(desk, clock())
        assert steps
        for step in steps:
            await Alone(desk).run(step)
        clock.at = AFTER
        assert await commands.due(desk, clock() + timedelta(days=90)) == []
        await hand_over(world)
        await world.settle()

        async with desk.database.read() as connection:
            rows = list(await connection.execute(select(table(LadderRow)).order_by(table(LadderRow).c.party)))
        there, here = rows
        assert (there.party, here.party) == ("bkn", "kasn")
        assert there.reached == here.reached != []
        assert {step.party for step in await commands.due(desk, clock() + timedelta(days=90))} <= {"bkn"}

        claim = kasn.ClaimSilenceRequest(
            name=f"institutions/bkn/matters/{case.story.matter}", request_id=str(uuid.uuid4())
        )
        await world.call("bkn", "ClaimSilence", claim)
        await world.settle()
        books = await books_of(world)
        check_handed_over(books, [case])
        check_all(books.values())


async def test_the_supervisor_claims_the_silence_of_a_successor_to_which_it_referred_nothing(place: Place):
    clock, case = Clock(), Case(Story(1), "EXAMINING")
    async with World(place, now=clock) as world:
        await bring(world, [case])
        clock.at = AFTER
        await hand_over(world)
        await world.settle()
        await world.call("bawaslu", "ClaimSilence", a_request(bawaslu.ClaimSilenceRequest, "bawaslu", case))
        await world.settle()

        books = await books_of(world)
        (claim,) = [
            row for row in books["bawaslu"].outbox if row.type == "netral.supervisor.silence_claimed.v1"
        ]
        assert (claim.recipient, claim.outcome) == ("bkn", "TAKEN_UP")
        check_all(books.values())


async def test_the_old_examiner_does_nothing_more_and_names_the_successor(place: Place):
    clock, case = Clock(), Case(Story(1), "REFERRED")
    async with World(place, now=clock) as world:
        await bring(world, [case])
        with pytest.raises(NotAllowed) as early:
            await world.call("kasn", "TransferMatters", a_transfer())
        clock.at = AFTER
        accept = kasn.AcceptReferralRequest(
            name=f"institutions/kasn/matters/{case.story.matter}",
            register_number="REG-1",
            request_id=str(uuid.uuid4()),
        )
        with pytest.raises(NotAllowed) as ended:
            await world.call("kasn", "AcceptReferral", accept)
        await hand_over(world)
        with pytest.raises(WrongState) as passed:
            await world.call("kasn", "AcceptReferral", accept)

        assert [error.value.reason for error in (early, ended, passed)] == [
            "NOT_YET_PASSED",
            "ROLE_NOT_HELD",
            "PASSED_TO_SUCCESSOR",
        ]
        assert "bkn" in passed.value.message


# --- BKN holds the data before and after, and those who oversee turn to it -------------------------------------------


def a_request(request: Any, party: str, case: Case, /, **more: Any) -> Any:
    name = f"institutions/{party}/matters/{case.story.matter}"
    return request(name=name, request_id=str(uuid.uuid4()), **more)


def a_block(case: Case, number: str = "26/BLK/2024", date: str = "2024-08-29") -> oversight.BlockDataRequest:
    return a_request(
        oversight.BlockDataRequest,
        "bkn",
        case,
        act_number=number,
        act_date=day(date),
        office="KANREG-VIII",
        reason="OVERDUE",
    )


def an_unblocking(case: Case, reason: str) -> oversight.UnblockDataRequest:
    return a_request(
        oversight.UnblockDataRequest,
        "bkn",
        case,
        act_number="8/BKA/2024",
        act_date=day("2024-09-04"),
        office="KANREG-VIII",
        reason=reason,
    )


async def open_copy(world: World, party: str, case: Case) -> None:
    await world.call(party, "OpenCopy", a_request(oversight.OpenCopyRequest, party, case))


def watched_by(books: dict[str, HostTables]) -> dict[str, Any]:
    """The watched matters of a world with one case, by party."""
    return {row.party: row for name in ("kasn", "ppk") for row in books[name].watched}


async def test_bkn_blocks_before_the_role_passes_and_lifts_the_block_as_examiner_of_the_same_case(
    place: Place,
):
    clock, case = Clock(), Case(Story(1), "ACKNOWLEDGED")
    async with World(place, now=clock) as world:
        await bring(world, [case])
        for party in ("bkn", "kemendagri"):
            await open_copy(world, party, case)
        await world.call("bkn", "BlockData", a_block(case))
        await world.settle()
        clock.at = AFTER
        await hand_over(world)
        await world.settle()
        passed = await books_of(world)
        there, watched = rows_of(passed["kasn"])["bkn", case.story.matter], watched_by(passed)
        assert (there.data_blocked, there.block_number) == (True, "26/BLK/2024")
        assert {party: row.examiner for party, row in watched.items()} == dict.fromkeys(
            ("bkn", "kemendagri", "prov-62"), "bkn"
        )

        warning = a_request(
            oversight.WarnAuthorityRequest,
            "kemendagri",
            case,
            letter_number="800/2344/IJ",
            letter_date=day("2024-09-04"),
        )
        await world.call("kemendagri", "WarnAuthority", warning)
        for _ in range(LEADS_TO["FOLLOWED_UP"][0] - LEADS_TO["ACKNOWLEDGED"][0]):
            await case.go(world)
            await world.settle()
        verified = a_request(
            kasn.VerifyFollowUpRequest,
            "bkn",
            case,
            status=kasn_events.VERIFICATION_STATUS_CONFORMS,
            verified_date=day("2024-09-04"),
        )
        await world.call("bkn", "VerifyFollowUp", verified)
        await world.settle()
        await world.call("bkn", "UnblockData", an_unblocking(case, "FOLLOWED_UP"))
        await world.settle()

        books = await books_of(world)
        ended, watched = rows_of(books["kasn"])["bkn", case.story.matter], watched_by(books)
        assert (ended.state, ended.data_blocked, ended.unblock_number) == ("COMPLETED", False, "8/BKA/2024")
        assert (ended.warning_number, watched["bkn"].warning_number) == ("800/2344/IJ", "800/2344/IJ")
        assert {row.state for row in watched.values()} == {"COMPLETED"}
        theirs = rows_of(books["ppk"])["ppk-6202", case.story.matter]
        assert (theirs.state, theirs.data_blocked) == ("COMPLETED", False)
        check_handed_over(books, [case], went_on=True)
        check_all(books.values())


async def test_a_block_on_its_way_when_the_role_passes_is_forwarded_and_one_that_was_lifted_does_not_come_back(
    place: Place,
):
    clock, cases = Clock(), [Case(Story(n), "ACKNOWLEDGED") for n in (1, 2)]
    async with World(place, now=clock) as world:
        await bring(world, cases)
        for number, case in enumerate(cases):
            await open_copy(world, "bkn", case)
            await world.call("bkn", "BlockData", a_block(case, f"{number}/BLK/2024"))
        async with world.desk_of("kasn").database.write() as connection:
            await connection.execute(table(Delivery).update().values(due=AFTER + timedelta(hours=1)))
        clock.at = AFTER
        await hand_over(world)
        for _ in range(8):
            await world._once(relay.RetryPolicy(first=0.2))
        await world.call("bkn", "UnblockData", an_unblocking(cases[1], "BLOCKED_IN_ERROR"))
        clock.at = AFTER + timedelta(hours=2)
        await world.settle()

        books = await books_of(world)
        there = rows_of(books["kasn"])
        blocked = [there["bkn", case.story.matter].data_blocked for case in cases]
        assert blocked == [True, False]
        forwarded = Counter(row.matter for row in books["kasn"].outbox if row.type.endswith(".forwarded.v1"))
        assert forwarded[cases[0].story.matter] == 1
        check_handed_over(books, cases)
        check_all(books.values())


async def test_as_examiner_bkn_watches_by_its_own_copies_and_blocks(place: Place):
    clock, case = Clock(), Case(Story(1), "EXAMINING")
    async with World(place, now=clock) as world:
        await bring(world, [case])
        clock.at = AFTER
        await hand_over(world)
        await world.settle()
        recommendation = a_request(
            kasn.RecommendRequest,
            "bkn",
            case,
            letter_number="R-1/BKN/9/2024",
            letter_date=day("2024-09-04"),
            addressee="ppk-6202",
            act="2022-DSB7",
            family="DISCIPLINE",
            sanction_class="DISCIPLINE_SEVERE",
            reasons="Terbukti.",
            due_date=day("2024-09-18"),
        )
        await world.call("bkn", "Recommend", recommendation)
        await world.settle()
        clock.at = AFTER + timedelta(days=16)
        await open_copy(world, "bkn", case)
        await world.call("bkn", "BlockData", a_block(case, date="2024-09-19"))
        await world.settle()

        books = await books_of(world)
        assert rows_of(books["kasn"])["bkn", case.story.matter].data_blocked
        assert rows_of(books["ppk"])["ppk-6202", case.story.matter].data_blocked
        own = [row for row in books["kasn"].outbox if row.party == row.recipient == "bkn"]
        assert {row.type: row.outcome for row in own} == {
            "netral.examiner.recommended.v1": "TAKEN_UP",
            "netral.data_holder.blocked.v1": "TAKEN_UP",
        }
        check_all(books.values())


async def test_a_copy_that_bkn_sends_to_itself_counts_once_however_the_log_is_read(place: Place):
    clock, case = Clock(), Case(Story(1), "RECOMMENDED")
    async with World(place, now=clock) as world:
        await bring(world, [case])
        clock.at = AFTER
        desk = world.desk_of("bkn")
        await world.call("kasn", "TransferMatters", a_transfer())
        # The copy is read before BKN's own receipt is there.
        while await world._once(relay.RetryPolicy(first=0.2)):
            while await projector.follow(desk):
                pass
        await world.settle()
        while await projector.follow(desk):
            pass

        async with desk.database.read() as connection:
            assert await check_projection(connection, "bkn") == []
        own = [row for row in (await books_of(world))["kasn"].outbox if row.party == row.recipient == "bkn"]
        assert own


async def test_a_case_that_an_appeal_opens_again_at_the_old_examiner_is_handed_over_then(place: Place):
    clock, case = Clock(), Case(Story(1), "FOLLOWED_UP")
    async with World(place, now=clock) as world:
        await bring(world, [case])
        await case.go(world)  # verified: it has ended at KASN
        await world.settle()
        clock.at = AFTER
        assert await hand_over(world) == 0

        for method, more in APPEAL.items():
            request = a_request(getattr(discipline, f"{method}Request"), "ppk-6202", case, **more)
            await world.call("ppk-6202", method, request)
        await world.settle()
        assert len((await world.call("kasn", "TransferMatters", a_transfer(9))).statements) == 1
        await world.settle()

        books = await books_of(world)
        check_handed_over(books, [case])
        assert rows_of(books["kasn"])["bkn", case.story.matter].state == "ACKNOWLEDGED"
        check_all(books.values())


async def test_what_the_successor_counts_is_what_the_old_examiner_counted(place: Place):
    """Status and dates of each case are the same by the log of either, before anything new happens."""
    clock, cases = Clock(), some_cases(24)
    same = ("stage", "supervisor", "agency", "tier", "region", "act", "employment", "recommended_date")
    same += ("due_date", "followed_up_date", "on_time", "answered", "blocked", "examiner", "holder")
    async with World(place, now=clock) as world:
        await bring(world, cases)
        clock.at = AFTER
        await hand_over(world)
        await world.settle()
        desk = world.desk_of("bkn")
        while await projector.follow(desk):
            pass

        async with desk.database.read() as connection:
            rows = list(await connection.execute(select(table(CaseRow))))
        found = {
            party: {
                row.matter: tuple(getattr(row, name) for name in same) for row in rows if row.party == party
            }
            for party in ("kasn", "bkn")
        }
        assert found["bkn"] == found["kasn"]
        assert len(found["bkn"]) == 24
        # And the same again from the log alone.
        async with desk.database.read() as connection:
            leaves = list(await projector._leaves(connection, "bkn", -1))
        said, _ = monitoring_wire.read("bkn", leaves, {})
        again = fold_facts.fold("bkn", said)
        assert {id: tuple(getattr(case, name) for name in same) for id, case in again.items()} == found["bkn"]
