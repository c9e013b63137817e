"""A stream or consumer that is gone is made again by the manager, and every statement arrives once: the outbox is the record."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import nats
import pytest

from exchange.bus import subjects
from operations.local.processes import NATS, ProcessManager
from support.invariants import check_all
from support.processes import Databases, Officers, a_small_world, read_all
from support.story import Story
from support.waiting import until

pytestmark = pytest.mark.slow

_STARTS_EMPTY = "import os, shutil, sys; shutil.rmtree(sys.argv[1]); os.execv(sys.argv[2], sys.argv[2:])"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ProcessManager]:
    quick = {"NETRAL_RESEND_SECONDS": "1", "NETRAL_PAIRING_SECONDS": "0"}
    manager = ProcessManager(a_small_world(tmp_path / "world"), "", quick, say=print)
    await manager.start()
    yield manager
    await manager.stop()


async def delete_the_consumers(world: ProcessManager) -> None:
    client = await nats.connect(world.nats_url, user="admin", password=world.state.passwords()["admin"])
    for name in ("bawaslu", "kasn", "ppk"):
        await client.jetstream().delete_consumer(subjects.STREAM, name)
    await client.close()


async def delete_the_stream(world: ProcessManager) -> None:
    client = await nats.connect(world.nats_url, user="admin", password=world.state.passwords()["admin"])
    await client.jetstream().delete_stream(subjects.STREAM)
    await client.close()


async def restart_nats_with_an_empty_store(world: ProcessManager) -> None:
    child = world.children[NATS]
    usual, restarts = child.command, child.restarts
    child.command = [sys.executable, "-c", _STARTS_EMPTY, str(world.state.nats / "store"), *usual]
    world.kill(NATS)
    await until(lambda: child.restarts > restarts)
    child.command = usual


@pytest.mark.parametrize(
    "harm",
    [
        # An empty store lacks the stream and its consumers: each of them alone is in the soak.
        pytest.param(delete_the_consumers, marks=pytest.mark.soak),
        pytest.param(delete_the_stream, marks=pytest.mark.soak),
        restart_nats_with_an_empty_store,
    ],
)
async def test_what_the_bus_has_lost_is_made_again_and_every_statement_arrives_once(
    world: ProcessManager, harm: Callable[[ProcessManager], Awaitable[None]]
) -> None:
    stories = [Story(number) for number in (1, 2, 3)]
    paused = 0

    async def nothing() -> None:
        """The next call is repeated until what it needs is there."""

    async def harm_in_the_middle() -> None:
        nonlocal paused
        paused += 1
        if paused == 3:
            await harm(world)

    async with Officers(world) as officers:
        await stories[0].play(officers.call, nothing)
        await stories[1].play(officers.call, harm_in_the_middle)
        await stories[2].play(officers.call, nothing)
        await world.healthy()
        await until(lambda: settled(officers))

    assert paused >= 3
    check_all(await read_all(Databases(world.state)))


async def settled(officers: Officers) -> bool:
    return await officers.on_their_way() == 0
