"""The manager keeps one world running: real processes, a small world, SQLite as `netral up` has it by default."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest

from operations.local import die_with_parent
from operations.local.installation import HOSTS, Installation
from operations.local.processes import NATS, CannotStart, ProcessManager, free_ports
from support.processes import Officers, a_small_world
from support.story import Story
from support.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable]:
    """Starts the manager of a world by name; all are stopped after the test."""
    async with AsyncExitStack() as stop:

        async def start(name: str = "world") -> ProcessManager:
            state = Installation(tmp_path / name)
            manager = ProcessManager(state if state.exists else a_small_world(state.folder))
            await manager.start()
            stop.push_async_callback(manager.stop)
            return manager

        yield start


def pids(state: Installation) -> dict[str, int]:
    return {
        name: process["pid"] for name, process in json.loads(state.run_file.read_text())["processes"].items()
    }


def is_alive(pid: int) -> bool:
    """Whether it runs. One that has ended and waits for its parent to notice does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the range is read where Linux has it")
def test_a_worlds_ports_are_different_and_none_that_the_system_gives_to_others():
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    ports = free_ports(50)

    assert len(set(ports)) == 50 and max(ports) < first


async def test_whatever_dies_is_started_again_and_serves_where_it_was(start):
    manager = await start()
    addresses, before = dict(manager.addresses), pids(manager.state)

    for name in (NATS, *HOSTS):
        manager.kill(name)
    await until(lambda: set(pids(manager.state).values()).isdisjoint(before.values()))
    await manager.healthy()

    assert manager.addresses == addresses
    assert {child.restarts for child in manager.children.values()} == {1}
    async with Officers(manager) as officers:
        story = Story()
        await story.play(officers.call, nothing)


async def nothing() -> None:
    """The next call is repeated until what it needs is there."""


async def test_two_worlds_run_side_by_side_and_do_not_disturb_each_other(start):
    one, two = await start("one"), await start("two")
    assert set(one.addresses.values()).isdisjoint(two.addresses.values())
    before = pids(two.state)

    one.kill(NATS)
    async with Officers(one) as here, Officers(two) as there:
        first, second = Story(1), Story(1)  # the same numbers and request ids in both
        await asyncio.gather(first.play(here.call, nothing), second.play(there.call, nothing))
        assert first.matter != second.matter
    await one.stop()

    assert pids(two.state) == before
    assert all([await two.is_serving(name) for name in HOSTS])


async def test_a_second_manager_of_the_same_world_is_refused_and_changes_nothing(start):
    first = await start()
    before = first.state.run_file.read_text()

    with pytest.raises(CannotStart, match=r"world is already running; see `netral status`"):
        await ProcessManager(first.state).start()

    assert first.state.run_file.read_text() == before
    assert all([await first.is_serving(name) for name in HOSTS])


async def test_stop_leaves_no_process_even_while_one_is_being_restarted(start):
    manager = await start()
    running = pids(manager.state)
    manager.kill("kasn")
    await until(lambda: manager.children["kasn"].restarts == 1)
    await manager.stop()

    assert not [pid for pid in running.values() if is_alive(pid)]
    assert not [c.name for c in manager.children.values() if c.process and is_alive(c.process.pid)]
    assert manager.state.running() is None
    await start()  # the folder is free again


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is of Linux")
async def test_the_children_die_with_a_manager_that_is_killed_and_the_world_starts_again(tmp_path, start):
    state = a_small_world(tmp_path / "world")
    log = (tmp_path / "up.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *die_with_parent.command(sys.executable, "-m", "cli", "up", "--state", str(state.folder)),
        stdout=log,
        stderr=log,
    )
    try:
        await until(lambda: state.running() and None not in pids(state).values())
        children = pids(state)
        assert all(map(is_alive, children.values()))
    finally:
        process.kill()
        await process.wait()

    await until(lambda: not any(map(is_alive, children.values())))
    assert state.running() is None
    again = await start()
    assert all([await again.is_serving(name) for name in HOSTS])


async def test_a_desk_says_not_serving_while_nats_is_down_and_serving_again_after(start):
    manager = await start()
    nats = manager.children[NATS]
    command, nats.command = nats.command, [sys.executable, "-c", "raise SystemExit('no NATS today')"]
    manager.kill(NATS)

    for name in HOSTS:
        await until(lambda name=name: gone(manager, name))

    nats.command = command
    await manager.healthy()


async def gone(manager: ProcessManager, name: str) -> bool:
    """The desk answers, and says that it is not serving."""
    assert not await manager.is_serving(name)
    async with grpc.aio.insecure_channel(manager.addresses[name]) as channel:
        await asyncio.wait_for(channel.channel_ready(), 30)
    return True
