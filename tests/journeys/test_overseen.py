"""Those who oversee a follow-up, between the desks over a real NATS: copies, warning, block, and what each side can show."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.log import reads
from cooperation.monitoring.projection import projector
from cooperation.monitoring.published import reads as published
from exchange.reconciliation import matter_timeline
from host import front_door
from host.command_rows import CallContext
from netral.audit.v1.service_pb2 import Leaf
from netral.exchange.v1 import record_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.oversight.v1 import service_pb2 as pb
from refusals import NotAllowed
from support.invariants import HostTables, check_all, read_host_tables
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Alone, Place, World
from support.story import Story, day

OVERSEERS = ("bkn", "kemendagri", "prov-62")
WITH_A_CENTRAL_AUTHORITY = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [
        ("kemenag", "personnel_authority"),
        ("setjen-dpr", "personnel_authority"),
        ("kemenpanrb", "personnel_authority", "warner"),
        ("kemendagri", "personnel_authority", "warner"),
        ("bkn", "data_holder"),
    ],
}


class Case:
    """A story that stops where its test wants it to, and whose copies arrive at those who oversee."""

    def __init__(self, world: World, story: Story) -> None:
        self.world, self.story = world, story
        self._steps: Iterator[tuple[str, str, Any]] = story.steps()

    async def until(self, method: str) -> Any:
        """Everything up to this step of the story; gives its answer."""
        for party, step, request in self._steps:
            answer = await self.world.call(party, step, request)
            self.story.matter = self.story.matter or answer.matter.rpartition("/")[2]
            await self.world.settle()
            if step == method:
                return answer
        raise AssertionError(f"the story has no step {method}")

    def name(self, party: str) -> str:
        return f"institutions/{party}/matters/{self.story.matter}"

    async def open_copies(self, *parties: str) -> None:
        for party in parties:
            request = pb.OpenCopyRequest(name=self.name(party), request_id=self.story._id(f"open-{party}"))
            await self.world.call(party, "OpenCopy", request)
        await self.world.settle()


def a_warning(case: Case, *further: Case) -> pb.WarnAuthorityRequest:
    return pb.WarnAuthorityRequest(
        name=case.name("kemendagri"),
        letter_number="800/2344/IJ",
        letter_date=day("2023-12-18"),
        further_matters=[each.name("kemendagri") for each in further],
        request_id=case.story._id("warn"),
    )


def a_block(case: Case) -> pb.BlockDataRequest:
    return pb.BlockDataRequest(
        name=case.name("bkn"),
        act_number="26/BLK/2023",
        act_date=day("2023-12-22"),
        office="KANREG-VIII",
        reason="WARNING_UNHEEDED",
        request_id=case.story._id("block"),
    )


def an_unblocking(case: Case) -> pb.UnblockDataRequest:
    return pb.UnblockDataRequest(
        name=case.name("bkn"),
        act_number="8/BKA/2024",
        act_date=day("2024-01-12"),
        office="KANREG-VIII",
        reason="FOLLOWED_UP",
        request_id=case.story._id("unblock"),
    )


async def books_of(world: World) -> dict[str, HostTables]:
    return {name: await read_host_tables(name, desk.database) for name, desk in world.desks.items()}


def matter_of(books: dict[str, HostTables], desk: str, party: str, id: str) -> Any:
    (row,) = [row for row in books[desk].matters if (row.party, row.id) == (party, id)]
    return row


def watched_of(books: dict[str, HostTables], party: str, id: str) -> Any:
    (row,) = [row for row in books["ppk"].watched if (row.party, row.id) == (party, id)]
    return row


async def test_an_overdue_follow_up_is_warned_blocked_followed_up_and_unblocked(place: Place):
    async with World(place) as world:
        case = Case(world, Story())
        await case.until("Recommend")
        await case.open_copies(*OVERSEERS)
        matter = case.story.matter
        for party, method, request in (
            ("kemendagri", "WarnAuthority", a_warning(case)),
            ("bkn", "BlockData", a_block(case)),
        ):
            await world.call(party, f"{method}", request)
            await world.settle()
        blocked = await books_of(world)

        for desk, party in (("kasn", "kasn"), ("ppk", "ppk-6202")):
            seen = matter_of(blocked, desk, party, matter)
            assert (seen.data_blocked, seen.block_number) == (True, "26/BLK/2023")
            assert (seen.warning_number, str(seen.warning_due_date)) == ("800/2344/IJ", "2023-12-21")
        assert watched_of(blocked, "bkn", matter).warning_number == "800/2344/IJ"

        await case.until("VerifyFollowUp")
        await world.call("bkn", "UnblockData", an_unblocking(case))
        await world.settle()
        ended = await books_of(world)

        for desk, party in (("kasn", "kasn"), ("ppk", "ppk-6202")):
            seen = matter_of(ended, desk, party, matter)
            assert (seen.state, seen.data_blocked, seen.unblock_number) == ("COMPLETED", False, "8/BKA/2024")
        assert {row.state for row in ended["ppk"].watched} == {"COMPLETED"}
        assert matter_of(ended, "bawaslu", "bawaslu", matter).state == "COMPLETED"
        # Bawaslu knows what the examiner tells it, and nothing of warnings and blocks.
        assert not [
            leaf for leaf in ended["bawaslu"].leaves if "warner" in leaf.type or "holder" in leaf.type
        ]
        check_all(ended.values())


async def test_copies_reach_each_overseer_with_receipts_on_both_sides_and_become_no_case_of_theirs(
    place: Place,
):
    async with World(place) as world:
        case = Case(world, Story())
        await case.until("Recommend")
        books = await books_of(world)

        sent = [
            row
            for row in books["kasn"].outbox
            if row.recipient in OVERSEERS and row.type == "netral.examiner.recommended.v1"
        ]
        assert {row.recipient: row.outcome for row in sent} == dict.fromkeys(OVERSEERS, "TAKEN_UP")
        for row in sent:
            receipts = [
                {leaf.body for leaf in books[desk].receipt_leaves() if leaf.ref == row.id}
                for desk in ("kasn", "ppk")
            ]
            assert receipts[0] and receipts[0] == receipts[1]
        assert {row.party for row in books["ppk"].matters} == {"ppk-6202"}
        watched = {row.party: row for row in books["ppk"].watched}
        assert set(watched) == set(OVERSEERS)
        assert {(row.addressee, str(row.due_date)) for row in watched.values()} == {
            ("ppk-6202", "2023-12-04")
        }
        check_all(books.values())


async def test_one_letter_warns_many_authorities(place: Place):
    async with World(place) as world:
        one, other = Case(world, Story(1)), Case(world, Story(2, addressee="ppk-3204"))
        for case in (one, other):
            await case.until("Recommend")
            await case.open_copies("kemendagri")
        act = await world.call("kemendagri", "WarnAuthority", a_warning(one, other))
        await world.settle()
        books = await books_of(world)

        for case in (one, other):
            for desk, party in (("kasn", "kasn"), ("ppk", case.story.addressee)):
                assert matter_of(books, desk, party, case.story.matter).warning_number == "800/2344/IJ"
        records = [leaf for leaf in books["ppk"].leaves if leaf.type == "oversight.warn"]
        told = [list(record_pb2.Record.FromString(leaf.body[1:]).statements) for leaf in records]
        assert list(act.statements) in told
        # To the authority, and copies to the examiner and the data holder; a record names those of its own matter.
        assert [len(statements) for statements in told] == [3, 3]
        assert len({id for statements in told for id in statements}) == 6
        check_all(books.values())


async def test_a_wrong_address_is_withdrawn_and_watched_at_the_right_one(place: Place):
    async with World(place) as world:
        case = Case(world, Story(wrong_addressee="ppk-3204"))
        await case.until("VerifyFollowUp")
        books = await books_of(world)

        assert {(row.party, row.addressee, row.state) for row in books["ppk"].watched} == {
            (party, "ppk-6202", "COMPLETED") for party in OVERSEERS
        }
        check_all(books.values())


@pytest.fixture
def central_place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    """A place where a ministry is an addressee, and both ministries warn."""
    make_keys(tmp_path, WITH_A_CENTRAL_AUTHORITY)
    return Place(tmp_path, nats_server.url, databases)


async def test_central_authorities_that_do_not_act_are_warned_by_kemenpanrb_in_one_letter(
    central_place: Place,
):
    async with World(central_place) as world:
        ministry = Case(world, Story(1, addressee="kemenag"))
        secretariat = Case(world, Story(2, addressee="setjen-dpr"))
        for case in (ministry, secretariat):
            await case.until("Recommend")
            await case.open_copies("bkn", "kemenpanrb")
        await _is_silent_and_put_before_the_president(world, ministry)
        await world.call("kemenpanrb", "WarnAuthority", a_warning_of_kemenpanrb(ministry, secretariat))
        await world.settle()
        books = await books_of(world)

        # Kemendagri warns regional authorities, and got no copy; no text says that the President gets one.
        assert {row.party for row in books["ppk"].watched} == {"bkn", "kemenpanrb"}
        for case in (ministry, secretariat):
            for desk, party in (("kasn", "kasn"), ("ppk", case.story.addressee)):
                seen = matter_of(books, desk, party, case.story.matter)
                assert (seen.warning_number, str(seen.warning_due_date)) == (
                    "B/812/M.SM.00.00/2023",
                    "2023-12-21",
                )

        await ministry.until("VerifyFollowUp")
        ended = await books_of(world)
        assert matter_of(ended, "ppk", "kemenag", ministry.story.matter).state == "COMPLETED"
        assert watched_of(ended, "kemenpanrb", ministry.story.matter).state == "COMPLETED"
        await _figures_and_timeline_show_it(world, ministry, secretariat)
        check_all(ended.values())


def a_warning_of_kemenpanrb(case: Case, further: Case) -> pb.WarnAuthorityRequest:
    return pb.WarnAuthorityRequest(
        name=case.name("kemenpanrb"),
        letter_number="B/812/M.SM.00.00/2023",
        letter_date=day("2023-12-18"),
        further_matters=[further.name("kemenpanrb")],
        request_id=case.story._id("warn"),
    )


async def _is_silent_and_put_before_the_president(world: World, case: Case) -> None:
    """The letter to the President goes on paper: it is recorded, and the exchange tells nobody."""
    claim = kasn.ClaimSilenceRequest(name=case.name("kasn"), request_id=case.story._id("claim"))
    await world.call("kasn", "ClaimSilence", claim)
    escalate = kasn.EscalateRequest(
        name=case.name("kasn"),
        letter_number="B-44/KASN/12/2023",
        letter_date=day("2023-12-27"),
        request_id=case.story._id("escalate"),
    )
    act = await world.call("kasn", "Escalate", escalate)
    await world.settle()

    assert not act.statements
    books = await books_of(world)
    (leaf,) = [leaf for leaf in books["kasn"].leaves if leaf.type == "kasn.escalate"]
    told = kasn_events.Escalated()
    record_pb2.Record.FromString(leaf.body[1:]).facts.Unpack(told)
    assert (told.superior, told.authority, told.letter_number) == (
        "presiden",
        "kemenag",
        "B-44/KASN/12/2023",
    )


async def _figures_and_timeline_show_it(world: World, ended: Case, waits: Case) -> None:
    while await projector.follow(world.desks["kasn"]):
        pass
    request = monitoring.ListCasesRequest(parent="institutions/kasn")
    cases = {each.agency: each for each in (await world.call("kasn", "ListCases", request)).cases}
    assert {agency: (case.stage, case.step, case.tier) for agency, case in cases.items()} == {
        "kemenag": ("CONFORMS", "ESCALATED", monitoring.TIER_MINISTRY),
        "setjen-dpr": ("RECOMMENDED", "WARNED", monitoring.TIER_MINISTRY),
    }
    exported = reads.export(world.desks["kasn"].database, "kasn")
    leaves = [
        Leaf(body=item.body, ref=item.ref)
        async for item in exported
        if isinstance(item, reads.PlacedLeaf) and item.matter == ended.story.matter
    ]
    acts = [act.action for act in matter_timeline.tell({"kasn": leaves})]
    told = {each.type for each in matter_timeline.statements({"kasn": leaves}) if each.sender == "kemenpanrb"}
    assert acts.index("kasn.recommend") < acts.index("kasn.escalate") < acts.index("kasn.verify")
    assert told == {"netral.warner.warned.v1"}


WITH_AUDITORS = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [
        ("ppk-6202", "personnel_authority"),
        ("insp-ppk-6202", "auditor"),
        ("insp-ppk-3204", "auditor"),
        ("bpk", "auditor"),
    ],
}


@pytest.fixture
def audited_place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    """A place with auditors beside an authority."""
    make_keys(tmp_path, WITH_AUDITORS)
    return Place(tmp_path, nats_server.url, databases)


async def test_an_inspectorate_counts_its_authoritys_recommendations_without_persons_and_does_nothing_else(
    audited_place: Place,
):
    async with World(audited_place) as world:
        case = Case(world, Story())
        await case.until("Recommend")
        warning = a_warning(case)
        warning.name = case.name("insp-ppk-6202")
        with pytest.raises(NotAllowed):
            await world.call("insp-ppk-6202", "WarnAuthority", warning)
        while await projector.follow(world.desks["ppk"]):
            pass
        counted = {}
        for party in ("insp-ppk-6202", "insp-ppk-3204", "bpk"):
            front_door.set_caller(front_door.Caller(party, "officer-1", "auditor"))
            context = CallContext(world.desks["ppk"], Alone(world.desks["ppk"]))
            asked = monitoring.GetTableRequest(parent=f"institutions/{party}", table="follow-up")
            table = await published.get_table(context, asked)
            counted[party] = table.rows[-1].cells[0].n
            asked.table = "siptl"
            # Of what is reported and not verified an auditor has no copy: the authority gives it that table.
            with pytest.raises(NotAllowed, match="is not told"):
                await published.get_table(context, asked)
        books = await books_of(world)

        assert counted == {"insp-ppk-6202": 1, "insp-ppk-3204": 0, "bpk": 0}
        assert {row.party for row in books["ppk"].watched} == {"insp-ppk-6202"}
        copies = [row for row in books["kasn"].outbox if row.recipient == "insp-ppk-6202"]
        assert [row.type for row in copies] == ["netral.examiner.recommended.v1"]
        assert not [row for row in books["ppk"].outbox if row.party.startswith("insp-")]


async def test_the_case_of_a_secretary_general_who_is_ppk_goes_to_the_president_where_he_is_a_party(
    tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]
):
    with_the_president = [*WITH_A_CENTRAL_AUTHORITY["ppk"], ("presiden", "personnel_authority")]
    make_keys(tmp_path, {**WITH_A_CENTRAL_AUTHORITY, "ppk": with_the_president})
    async with World(Place(tmp_path, nats_server.url, databases)) as world:
        case = Case(world, Story(addressee="setjen-dpr"))
        await case.until("AcceptReferral")
        conflict = kasn.DeclareConflictRequest(
            name=case.name("kasn"),
            institution="setjen-dpr",
            ground="CONFLICT_GROUND_REPORTED_PERSON",
            request_id=case.story._id("conflict"),
        )
        await world.call("kasn", "DeclareConflict", conflict)
        case.story.addressee = "presiden"
        await case.until("VerifyFollowUp")
        books = await books_of(world)

        # PP 94/2021 art. 16: the President punishes a high official who is PPK.
        assert matter_of(books, "ppk", "presiden", case.story.matter).state == "COMPLETED"
        assert {row.party for row in books["ppk"].matters} == {"presiden"}
        assert "CONFLICT_OF_INTEREST" in matter_of(books, "kasn", "kasn", case.story.matter).reason_codes
        check_all(books.values())
