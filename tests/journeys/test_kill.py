"""Processes are killed (kill -9) at random points under load and started again: nothing is lost, nothing doubled."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from operations.local.installation import HOSTS
from operations.local.processes import NATS, ProcessManager
from support.invariants import check_stories
from support.processes import Databases, Officers, a_small_world, read_all
from support.story import Story
from support.waiting import until

pytestmark = pytest.mark.slow

AT_ONCE = 16
CALLS = 13


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[ProcessManager, Databases]]:
    """NATS and three desks that run, on databases of either kind."""
    state = a_small_world(tmp_path / "world")
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    databases = Databases(state, server)
    databases.make()
    manager = ProcessManager(
        state, databases.template, {"NETRAL_RESEND_SECONDS": "1", "NETRAL_PAIRING_SECONDS": "0"}, say=print
    )
    await manager.start()
    yield manager, databases
    await manager.stop()
    databases.drop()


async def play_while_killing(
    manager: ProcessManager, stories: Sequence[Story], kills: int, choose: random.Random
) -> None:
    """Play all stories, some at once; kill a process whenever the next of `kills` points is reached."""
    victims = [name for _ in range(kills) for name in choose.sample([NATS, *HOSTS], 4)][:kills]
    points = sorted(choose.sample(range(1, len(stories) * CALLS), kills))
    places = asyncio.Semaphore(AT_ONCE)

    async def play(story: Story) -> None:
        async with places:
            await story.play(officers.call, nothing)

    async def nothing() -> None:
        """The next call is repeated until what it needs is there."""

    async def kill() -> None:
        for point, victim in zip(points, victims, strict=True):
            await until(lambda point=point: officers.answered >= point)
            # One that is down already is killed when it is up again; until its end is noticed, it can be killed without effect.
            child = manager.children[victim]
            ended = child.restarts
            await until(lambda victim=victim: manager.kill(victim))
            await until(lambda child=child, ended=ended: child.restarts > ended)

    async with Officers(manager) as officers:
        async with asyncio.TaskGroup() as group:
            group.create_task(kill())
            for story in stories:
                group.create_task(play(story))
        await until(lambda: sum(child.restarts for child in manager.children.values()) == kills)
        await manager.healthy()
        await until(lambda: settled(officers))


async def settled(officers: Officers) -> bool:
    return await officers.on_their_way() == 0


async def kill_and_check(world: tuple[ProcessManager, Databases], matters: int, kills: int) -> None:
    manager, databases = world
    seed = secrets.randbits(32)
    stories = [Story(n, addressee=("ppk-6202", "ppk-3204")[n % 2]) for n in range(1, matters + 1)]
    try:
        await play_while_killing(manager, stories, kills, random.Random(seed))
        books = await read_all(databases)
        await manager.stop()
        check_stories(books, stories)
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise


async def test_killing_any_process_under_load_loses_nothing_and_doubles_nothing(
    world: tuple[ProcessManager, Databases],
):
    # Each process once, and two of them again; for long with `make soak`.
    await kill_and_check(world, matters=50, kills=6)


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_killing_processes_again_and_again_loses_nothing_and_doubles_nothing(
    world: tuple[ProcessManager, Databases],
):
    await kill_and_check(world, matters=1000, kills=60)
