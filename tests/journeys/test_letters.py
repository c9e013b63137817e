"""Letters that never arrived, or arrived and were denied, or came to the wrong desk: what each side can show.

The cases behind them: a letter of 2018 of which nobody knew who took it in (Bekasi); "no letter yet" twenty days later, while
Bawaslu held its copy (Sukoharjo, 2020); a recommendation to a regent whose employee the person was not (Bandung, 2020).
"""

from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log.events import read_receipt
from audit.tables import Leaf
from exchange.statements import envelope
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from refusals import Refusal
from storage.types import table
from support.invariants import check_all, read_host_tables
from support.steps import Place, World
from support.story import Story, day

PPK, RECOMMENDED = "ppk-6202", "netral.examiner.recommended.v1"


async def play_until(world: World, story: Story, method: str) -> tuple[str, Any]:
    """Play a story up to a call, which is given and not made: its party and its request."""
    for party, name, request in story.steps():
        if name == method:
            return party, request
        answer = await world.call(party, name, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        await world.settle()
    raise AssertionError(f"the story has no {method}")


async def leaves(world: World, desk: str, party: str, story: Story, kind: Kind) -> list[Any]:
    """Leaves of a party's log on the matter, oldest first."""
    kept = table(Leaf)
    query = select(kept).where(kept.c.party == party, kept.c.matter == story.matter, kept.c.kind == int(kind))
    async with world.desks[desk].database.read() as connection:
        return sorted(await connection.execute(query), key=lambda leaf: leaf.id)


async def receipts_of(world: World, desk: str, party: str, story: Story, id: str) -> list[Any]:
    return [leaf for leaf in await leaves(world, desk, party, story, Kind.RECEIPT) if leaf.ref == id]


async def sent(world: World, story: Story) -> dict[str, statement_pb2.Statement]:
    """The recommendation as KASN sent it, by recipient."""
    found = [
        statement_pb2.Statement.FromString(envelope.read(leaf.body[1:]).payload)
        for leaf in await leaves(world, "kasn", "kasn", story, Kind.STATEMENT)
        if leaf.type == RECOMMENDED
    ]
    return {statement.recipient: statement for statement in found}


async def outbox(world: World) -> dict[str, Any]:
    """KASN's outbox by recipient: the last statement to each."""
    books = await read_host_tables("kasn", world.desks["kasn"].database)
    return {row.recipient: row for row in sorted(books.outbox, key=lambda row: row.sequence)}


async def matter_at(world: World, desk: str, story: Story, party: str) -> Any | None:
    books = await read_host_tables(desk, world.desks[desk].database)
    return next((row for row in books.matters if row.id == story.matter and row.party == party), None)


def signed_by(world: World, party: str, leaf: Any) -> receipt_pb2.Receipt:
    """A receipt out of its leaf, after checking that this party and nobody else signed it."""
    opened = envelope.read(leaf.body[1:])
    owner = world.desks["kasn"].trust.get(party)
    assert owner is not None
    (key,) = [key for key in owner.signing if key.keyid == opened.keyid]
    assert opened.verified_by(key.public)
    return read_receipt(opened)


async def test_a_letter_that_never_arrives_shows_as_sent_without_a_receipt(place: Place):
    async with World(place) as world:
        story = Story()
        party, recommend = await play_until(world, story, "Recommend")
        await world.call(party, "Recommend", recommend)
        await world.hand_over(world.desks["kasn"])
        await world.purge()  # the post loses it

        letter = (await outbox(world))[PPK]
        assert (letter.custody, letter.outcome) == (None, "")
        assert await matter_at(world, "ppk", story, PPK) is None
        assert await receipts_of(world, "kasn", "kasn", story, letter.id) == []

        await world.settle()  # it is sent again until it is in custody

        (mine,) = await receipts_of(world, "kasn", "kasn", story, letter.id)
        (theirs,) = await receipts_of(world, "ppk", PPK, story, letter.id)
        assert mine.body == theirs.body
        assert signed_by(world, PPK, mine).statement_id == letter.id
        assert (await outbox(world))[PPK].custody is not None


async def test_who_took_the_letter_in_is_in_both_logs(place: Place):
    async with World(place) as world:
        story = Story()
        party, opening = await play_until(world, story, "OpenRecommendation")
        await world.call(party, "OpenRecommendation", opening)
        await world.settle()

        heard = [
            statement_pb2.Statement.FromString(envelope.read(leaf.body[1:]).payload)
            for leaf in await leaves(world, "kasn", "kasn", story, Kind.STATEMENT)
        ]
        (opened,) = [one for one in heard if one.type == "netral.personnel_authority.opened.v1"]
        (record,) = [
            record_pb2.Record.FromString(leaf.body[1:])
            for leaf in await leaves(world, "ppk", PPK, story, Kind.RECORD)
        ]
        assert opened.actor == record.actor
        assert opened.causation == (await sent(world, story))[PPK].id
        assert list(record.statements) == [opened.id]


async def test_no_letter_yet_is_true_while_only_bawaslu_holds_its_copy(place: Place):
    async with World(place) as world:
        story = Story()
        party, recommend = await play_until(world, story, "Recommend")
        await world.call(party, "Recommend", recommend)
        await world.hand_over(world.desks["kasn"])
        await world.take_in("bawaslu")
        await world.take_in("kasn")  # Bawaslu's receipt

        letters, told = await sent(world, story), await outbox(world)
        assert letters["bawaslu"].copy_of == letters[PPK].id
        assert letters["bawaslu"].facts == letters[PPK].facts
        assert told["bawaslu"].custody is not None
        assert told[PPK].custody is None
        (copy,) = await receipts_of(world, "bawaslu", "bawaslu", story, letters["bawaslu"].id)
        assert signed_by(world, "bawaslu", copy).recipient == "bawaslu"
        assert await matter_at(world, "ppk", story, PPK) is None


async def test_no_letter_yet_is_refuted_by_the_authoritys_own_receipt(place: Place):
    async with World(place) as world:
        story = Story()
        await play_until(world, story, "OpenRecommendation")  # nobody there has opened it

        letter = (await sent(world, story))[PPK]
        (receipt,) = await receipts_of(world, "kasn", "kasn", story, letter.id)
        said = signed_by(world, PPK, receipt)
        matter = await matter_at(world, "ppk", story, PPK)

        assert matter is not None
        assert (matter.state, matter.letter_number) == ("RECEIVED", "R-1/KASN/11/2023")
        assert (said.statement_id, said.outcome) == (letter.id, receipt_pb2.Receipt.OUTCOME_TAKEN_UP)
        assert said.custody_time.ToNanoseconds() >= letter.time.ToNanoseconds()


async def test_a_regent_who_is_not_the_persons_authority_is_cleared_by_the_trail(place: Place):
    async with World(place) as world:
        story = Story(wrong_addressee="ppk-3204")
        await story.play(world.call, world.settle)

        facts = [
            _facts(statement)
            for statement in map(_statement, await leaves(world, "ppk", "ppk-3204", story, Kind.STATEMENT))
        ]
        withdrawn = facts[-1]
        examiner = await matter_at(world, "kasn", story, "kasn")

        assert [type(each).__name__ for each in facts] == ["Recommended", "Opened", "Rejected", "Withdrawn"]
        assert withdrawn.reason == kasn_events.WITHDRAWAL_REASON_NOT_ADDRESSEES_EMPLOYEE
        assert (examiner.addressee, examiner.former_addressees) == (PPK, ["ppk-3204"])
        too_late = _moved(f"institutions/ppk-3204/matters/{story.matter}", "1")
        with pytest.raises(Refusal):
            await world.call("ppk-3204", "CheckEmployee", too_late)


async def test_a_person_who_moved_is_followed_to_the_new_authority(place: Place):
    async with World(place) as world:
        story = Story(addressee="ppk-3204")
        await play_until(world, story, "AcknowledgeRecommendation")
        name = f"institutions/ppk-3204/matters/{story.matter}"
        await world.call("ppk-3204", "CheckEmployee", _moved(name, "1"))
        rejection = ppk.RejectRecommendationRequest(
            name=name,
            reason=ppk_events.REJECTION_REASON_MOVED,
            moved_to=PPK,
            request_id="6a1c1f0e-8f7e-4c5e-9f53-000000000002",
        )
        await world.call("ppk-3204", "RejectRecommendation", rejection)
        await world.settle()

        rejected = await matter_at(world, "kasn", story, "kasn")
        assert (rejected.state, rejected.rejection_reason, rejected.moved_to) == ("REJECTED", "MOVED", PPK)

        there = Story(number=2, addressee=rejected.moved_to, matter=story.matter)
        rest = list(there.steps())[4:]  # from the recommendation on
        for party, method, request in rest:
            await world.call(party, method, request)
            await world.settle()

        done = await matter_at(world, "kasn", story, "kasn")
        assert (done.state, done.addressee, done.former_addressees) == ("COMPLETED", PPK, ["ppk-3204"])
        assert done.moved_to == ""
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])


async def test_an_appeal_after_the_end_takes_the_matter_back_at_every_desk(place: Place):
    async with World(place) as world:
        story = Story()
        await story.play(world.call, world.settle)
        name = f"institutions/{PPK}/matters/{story.matter}"
        for method, request in _appeal(name):
            await world.call(PPK, method, request)
            await world.settle()

        examiner = await matter_at(world, "kasn", story, "kasn")
        authority = await matter_at(world, "ppk", story, PPK)
        assert (examiner.state, examiner.appeal, examiner.decree_number) == ("ACKNOWLEDGED", "ANNULLED", "")
        assert (examiner.last_step, authority.state) == ("DELIVERED", "ACKNOWLEDGED")
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])

        overdue = next(request for party, method, request in story.steps() if method == "VerifyFollowUp")
        overdue.status = kasn_events.VERIFICATION_STATUS_NOT_YET_FOLLOWED_UP
        overdue.request_id = "6a1c1f0e-8f7e-4c5e-9f53-000000000009"
        await world.call("kasn", "VerifyFollowUp", overdue)
        await world.settle()

        supervisor = await matter_at(world, "bawaslu", story, "bawaslu")
        assert (supervisor.state, supervisor.verification) == ("RECOMMENDED", "NOT_YET_FOLLOWED_UP")


def _appeal(name: str) -> Sequence[tuple[str, Any]]:
    ids = [f"6a1c1f0e-8f7e-4c5e-9f53-00000000000{n}" for n in range(3, 6)]
    return [
        (
            "DeliverDecision",
            discipline.DeliverDecisionRequest(
                name=name,
                delivered_date=day("2023-12-13"),
                way=steps.DELIVERY_WAY_IN_PERSON,
                request_id=ids[0],
            ),
        ),
        (
            "FileAppeal",
            discipline.FileAppealRequest(
                name=name,
                kind=steps.APPEAL_KIND_OBJECTION,
                letter_number="1/KEB",
                letter_date=day("2023-12-20"),
                request_id=ids[1],
            ),
        ),
        (
            "DecideAppeal",
            discipline.DecideAppealRequest(
                name=name,
                outcome=steps.APPEAL_OUTCOME_ANNULLED,
                letter_number="2/PUT-KEB",
                letter_date=day("2024-02-20"),
                request_id=ids[2],
            ),
        ),
    ]


def _moved(name: str, last: str) -> discipline.CheckEmployeeRequest:
    return discipline.CheckEmployeeRequest(
        name=name,
        status=steps.EMPLOYEE_STATUS_MOVED,
        status_date=day("2023-11-01"),
        moved_to=PPK,
        request_id=f"6a1c1f0e-8f7e-4c5e-9f53-00000000000{last}",
    )


def _statement(leaf: Any) -> statement_pb2.Statement:
    return statement_pb2.Statement.FromString(envelope.read(leaf.body[1:]).payload)


def _facts(statement: statement_pb2.Statement) -> Any:
    packed: AnyMessage = statement.facts
    for module in (ppk_events, kasn_events):
        kind = getattr(module, packed.type_url.rpartition(".")[2], None)
        if kind is not None and packed.Is(kind.DESCRIPTOR):
            found = kind()
            packed.Unpack(found)
            return found
    raise AssertionError(packed.type_url)
