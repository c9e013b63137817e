"""The shape of a loop: one batch after the other while there is work, then asleep until something happens or is due."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from exchange.context import HostContext
from host.lifecycle import loops
from host.lifecycle.loops import Loop
from support import desks
from support.desks import Served
from support.waiting import until


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        yield served


@dataclass
class Work:
    """A loop's work, by batches; notes how often it was looked at, and when last."""

    batches: list[int] = field(default_factory=list)
    looks: int = 0
    looked: datetime | None = None
    due: datetime | None = None
    failing: int = 0

    async def once(self, desk: HostContext) -> int:
        self.looks, self.looked = self.looks + 1, desk.now()
        if self.failing:
            self.failing -= 1
            raise ConnectionError("not now")
        return self.batches.pop(0) if self.batches else 0

    async def next_due(self, _desk: HostContext) -> datetime | None:
        due, self.due = self.due, None
        return due


async def test_a_loop_does_all_that_is_there_and_then_sleeps(desk: Served) -> None:
    work = Work([3, 3, 3])
    task = loops.start(Loop("work", work.once, pace=0.0), desk.desk)

    await until(lambda: work.looks == 4)
    await asyncio.sleep(0.3)

    assert work.looks == 4
    await loops.end([task])


async def test_a_loop_wakes_when_a_transaction_was_committed(desk: Served) -> None:
    work = Work()
    task = loops.start(Loop("work", work.once, pace=0.0, on=loops.on_commit), desk.desk)
    await until(lambda: work.looks == 1)

    desk.desk.leaves_committed.set()

    await until(lambda: work.looks == 2)
    await loops.end([task])


async def test_a_loop_wakes_when_something_is_due(desk: Served) -> None:
    due = desk.desk.now() + timedelta(seconds=2)
    work = Work(due=due)
    task = loops.start(Loop("work", work.once, pace=0.0, due=work.next_due), desk.desk)

    await until(lambda: work.looks == 2)

    assert work.looked is not None and work.looked >= due
    await loops.end([task])


async def test_a_loop_that_can_do_nothing_about_what_is_due_does_not_look_again_and_again(
    desk: Served,
) -> None:
    looks = []

    async def once(_desk: HostContext) -> int:
        looks.append(1)
        return 0

    async def due_already(desk: HostContext) -> datetime:
        return desk.now() - timedelta(seconds=1)

    started = time.monotonic()
    task = loops.start(Loop("work", once, pace=0.0, due=due_already), desk.desk)
    await until(lambda: len(looks) >= 4)

    assert time.monotonic() - started > 0.25, "a tenth of a second lies between two looks"
    await loops.end([task])


async def test_a_loop_that_failed_tries_again_soon(desk: Served) -> None:
    work = Work([1], failing=2)
    task = loops.start(Loop("work", work.once, pace=0.0), desk.desk)

    await until(lambda: work.looks == 4)

    await loops.end([task])


async def test_a_loop_that_eases_off_rests_by_how_long_its_batch_took(desk: Served) -> None:
    began = []

    async def once(_desk: HostContext) -> int:
        began.append(time.monotonic())
        await asyncio.sleep(0.01)
        return 3 if len(began) < 3 else 0

    task = loops.start(Loop("work", once, pace=0.0, full=10, ease=0.4), desk.desk)
    await until(lambda: len(began) == 3)

    assert all(after - before > 0.3 for before, after in pairwise(began))
    await loops.end([task])


def test_a_loop_eases_off_within_its_bounds_and_not_at_all_while_much_is_left() -> None:
    loop = Loop("work", Work().once, pace=0.0, full=500, rest=0.2, ease=1.0)

    assert loop.rest_after(10, took=0.001) == 0.2
    assert loop.rest_after(10, took=0.02) == pytest.approx(0.6)
    assert loop.rest_after(10, took=1.0) == 1.0
    assert loop.rest_after(500, took=1.0) == 0.2


async def test_a_desk_that_nobody_calls_looks_at_nothing(desk: Served) -> None:
    """Its database is asked by the renewal of the lease and by health only: a handful of statements in two seconds."""
    statements: list[str] = []
    desk.desk.database.watch(statements.append)

    async def is_quiet() -> bool:
        statements.clear()
        await asyncio.sleep(0.5)
        return len(statements) < 5

    await until(is_quiet)  # what the start left is done
    statements.clear()
    started = time.monotonic()
    await asyncio.sleep(2)

    assert len(statements) <= 5 * (time.monotonic() - started), statements
