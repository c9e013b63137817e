"""Whichever call fails, before or after it took effect: the desks are opened again, nothing is lost, nothing doubled.

The design's invariant d. A call is a statement or commit at any desk's databases, a publish or an ack. After the failure
the desks are thrown away as a crash would, opened from what is on disk, and the officer repeats the call with the same
request id. The long form (`make soak`) fails every call of a journey that begins in an empty world: in each step the first,
then in each the second, and so on.
"""

import asyncio
import itertools
import random
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from storage.engines import Database
from support.invariants import check_all, read_host_tables
from support.steps import MODULES, Faults, Injected, Place, World
from support.story import Story
from support.waiting import HANGS

pytestmark = pytest.mark.slow

SEED = 6202
SLICES = 8
STEPS = range(20)  # more than a story has
TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'alembic%'",
    "postgresql": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%'",
}
DONE = {("bawaslu", "COMPLETED"), ("kasn", "COMPLETED"), ("ppk-6202", "COMPLETED")}


@dataclass
class Crashing:
    """Plays stories in a world that falls down at the calls it is told to, and is opened again."""

    place: Place
    faults: Faults = field(default_factory=Faults)
    from_memory: bool = True
    crashes: list[str] = field(default_factory=list)
    steps: list[tuple[int, int]] = field(default_factory=list)

    async def play(self, story: Story, plan: Mapping[int, tuple[int, bool]]) -> None:
        """`plan` gives, for the steps of the story at which to start counting, which call fails, and whether after.

        What is lost on the way comes again at once, so that waiting for it takes no time.
        """
        start, step = 0, -1
        self.crashes, self.steps = [], []

        async def call(*words):
            nonlocal step
            if step < story.calls:  # not when it is repeated
                step = story.calls
                if step in plan:
                    fail_at, after = plan[step]
                    self.faults.arm(fail_at, after=after)
            return await world.call(*words)

        async def settle():
            await world.settle(resend=0.05)
            self.steps.append((len(self.faults.seen), len(self.faults.lasting)))

        while start >= 0:
            async with World(self.place, self.faults, ack_wait=0.1, from_memory=self.from_memory) as world:
                try:
                    await story.play(call, settle, start)
                    start = -1
                except (Injected, ConnectionError):
                    assert self.faults.failed, "a failure that nobody asked for"
                    self.crashes.append(f"step {step}: {self.faults.failed[:70]}")
                    self.faults.failed = ""
                    start = story.calls

    async def check(self, story: Story) -> Counter[tuple[str, ...]]:
        """All desks are through with the story and their books agree; gives the statements that it took."""
        async with World(self.place) as world:
            books = [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]
        check_all(books)
        found = {(row.party, row.state) for book in books for row in book.matters if row.id == story.matter}
        assert found == DONE
        assert {row.state for book in books for row in book.inbox} == {"TAKEN_UP"}
        sent = [row for book in books for row in book.outbox if row.matter == story.matter]
        return Counter((row.party, row.recipient, row.type) for row in sent)


async def empty(place: Place) -> None:
    """A world in which nothing has happened: no rows, no logs, no messages."""
    async with World(place) as world:
        await world.purge()
    for path in place.folder.glob("*-witnessed"):
        shutil.rmtree(path)
    for url in (place.database(name + kind) for name in MODULES for kind in ("", "_vault")):
        database = Database(url)
        async with database.write() as connection:
            rows = await connection.execute(text(TABLES["sqlite" if database.sqlite else "postgresql"]))
            names = ", ".join(f'"{row.name}"' for row in rows)
            if database.sqlite:
                for name in names.split(", "):
                    await connection.execute(text(f"DELETE FROM {name}"))
            else:
                await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        await database.close()


async def test_a_crash_in_every_step_of_a_journey_loses_nothing_and_doubles_nothing(place: Place):
    """Statements go out from memory; after a crash the relay sends those that were lost with it."""
    choose = random.Random(SEED)
    crashing = Crashing(place)
    quiet = Story(1)
    await crashing.play(quiet, dict.fromkeys(STEPS, (0, False)))
    expected, steps = await crashing.check(quiet), crashing.steps

    # Fewer on PostgreSQL, which has to be connected to anew after each.
    for round in range(1 if place.database("kasn").startswith("postgresql") else 3):
        story, after = Story(2 + round), round % 2 == 0
        plan = {step: (choose.randint(1, calls[after]), after) for step, calls in enumerate(steps)}
        await crashing.play(story, plan)

        assert len(crashing.crashes) >= len(steps) - 2, crashing.crashes
        assert await crashing.check(story) == expected, (plan, crashing.crashes)


@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
async def test_a_crash_at_the_first_commits_of_an_empty_world_loses_nothing(place: Place):
    for n in (2, 7):
        crashing, story = Crashing(place), Story(1)
        await crashing.play(story, {0: (n, True)})

        assert crashing.crashes
        await crashing.check(story)
        await empty(place)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("from_memory", [False, True], ids=["relayed", "from-memory"])
@pytest.mark.parametrize("slice", range(SLICES))
async def test_whichever_call_of_a_journey_fails_nothing_is_lost_and_nothing_doubled(
    place: Place, slice: int, from_memory: bool, after: bool
):
    """The n-th call of each step, for every n that any step has: so every call of the journey fails once."""
    quiet, story = Crashing(place, from_memory=from_memory), Story()
    await quiet.play(story, dict.fromkeys(STEPS, (0, False)))
    expected = await quiet.check(story)
    for n in itertools.count(1 + slice, SLICES):
        await empty(place)
        crashing, story = Crashing(place, from_memory=from_memory), Story()
        try:
            async with asyncio.timeout(HANGS):
                await crashing.play(story, dict.fromkeys(STEPS, (n, after)))
            assert len(crashing.crashes) >= sum(calls[after] >= n for calls in quiet.steps) - 2
            if not crashing.crashes:
                break
            assert await crashing.check(story) == expected
        except BaseException as error:
            error.add_note(f"call {n} of each step, after: {after}: {crashing.crashes}")
            raise
