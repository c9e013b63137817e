"""An amended decree moves a running due date: at every desk that knows it, with a statement, and explained from the log.

Keppres 10/2024 of 6 February 2024 made 14 February, election day, a day off: fourteen working days from 31 January end a day
later since.
"""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from agreement.clocks import calendar
from audit.tables import Leaf
from cooperation.monitoring import explain_due_date
from exchange.context import HostContext
from kasn.escalation import commands
from netral.audit.v1 import service_pb2 as audit
from netral.exchange.v1 import statement_pb2
from netral.kasn.v1 import events_pb2
from storage.types import table
from support.invariants import check_all, read_host_tables
from support.steps import Alone, Place, World
from support.story import Story, day

BEFORE, AFTER = datetime(2024, 2, 1, 3, tzinfo=UTC), datetime(2024, 2, 7, 3, tzinfo=UTC)
FORMER, DUE = date(2024, 2, 22), date(2024, 2, 23)


def set_clocks(world: World, at: datetime) -> None:
    ahead = at - datetime.now(UTC)
    for desk in world.desks.values():
        desk.now = lambda: datetime.now(UTC) + ahead


async def recommended(world: World, story: Story) -> None:
    """Up to the recommendation of 31 January 2024, due by the rule of fourteen working days."""
    for party, method, request in story.steps():
        if method == "Recommend":
            request.letter_date.CopyFrom(day("2024-01-31"))
            request.ClearField("due_date")
            request.due_rule = "follow-up-working"
        answer = await world.call(party, method, request)
        story.matter = story.matter or answer.matter.rpartition("/")[2]
        await world.settle()
        if method == "Recommend":
            return


async def the_clock_ticks(desk: HostContext) -> list[str]:
    return [(await Alone(desk).run(each)).action for each in await commands.due(desk, desk.now())]


async def due_dates(world: World, story: Story) -> dict[str, date]:
    """The due date by party, as each takes it."""
    books = [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]
    rows = [row for book in books for row in (*book.matters, *book.watched)]
    return {row.party: row.due_date for row in rows if row.id == story.matter}


async def why(desk: HostContext, party: str, story: Story) -> explain_due_date.Reason:
    leaves = table(Leaf)
    query = select(leaves).where(leaves.c.party == party, leaves.c.matter == story.matter)
    async with desk.database.read() as connection:
        rows = list(await connection.execute(query.order_by(leaves.c.id)))
    sent = explain_due_date.recommendation_of(audit.Leaf(type=row.type, body=row.body) for row in rows)
    assert sent is not None
    return explain_due_date.reason_of(sent, calendar.latest())


async def test_an_amended_decree_moves_the_due_date_at_every_desk_and_says_why(place: Place):
    async with World(place) as world:
        story, kasn = Story(), world.desks["kasn"]
        set_clocks(world, BEFORE)
        await recommended(world, story)
        everybody = {"kasn", "bawaslu", "ppk-6202", "bkn", "kemendagri", "prov-62"}
        assert await due_dates(world, story) == dict.fromkeys(everybody, FORMER)
        assert await the_clock_ticks(kasn) == []

        set_clocks(world, AFTER)
        assert await the_clock_ticks(kasn) == ["kasn.move_due_date"]
        await world.settle()

        assert await due_dates(world, story) == dict.fromkeys(everybody, DUE)
        assert await the_clock_ticks(kasn) == []  # moved once
        told = await why(world.desks["ppk"], "ppk-6202", story)
        assert told == await why(kasn, "kasn", story)
        assert told.stated == told.by_rule.due == DUE
        assert f"moved from {FORMER} to {DUE} by Keppres 10/2024" in told.history[0]
        assert "2024-02-14" in [each.day.isoformat() for each in told.by_rule.skipped]
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])


async def test_what_moved_it_is_the_clocks_statement_with_the_days_and_the_decree(place: Place):
    async with World(place) as world:
        story, kasn = Story(), world.desks["kasn"]
        set_clocks(world, BEFORE)
        await recommended(world, story)
        set_clocks(world, AFTER)
        await the_clock_ticks(kasn)
        await world.settle()

        told = await why(world.desks["ppk"], "ppk-6202", story)

        ((statement, facts),) = told.sent.since
        assert statement.actor.kind == statement_pb2.Actor.KIND_CLOCK
        assert isinstance(facts, events_pb2.DueDateMoved)
        assert [(each.month, each.day) for each in facts.days_off] == [(2, 14)]
        assert (facts.former_calendar, facts.calendar) == ("skb-2024", "keppres-10-2024")


async def test_a_clock_that_dies_and_comes_again_moves_it_once(place: Place):
    async with World(place) as world:
        story, kasn = Story(), world.desks["kasn"]
        set_clocks(world, BEFORE)
        await recommended(world, story)
        set_clocks(world, AFTER)
        (command,) = await commands.due(kasn, kasn.now())

        first, again = [await Alone(kasn).run(command) for _ in range(2)]
        await world.settle()

        assert first == again
        assert (await due_dates(world, story))["ppk-6202"] == DUE
        set_clocks(world, AFTER + timedelta(days=1))
        assert await the_clock_ticks(kasn) == []
