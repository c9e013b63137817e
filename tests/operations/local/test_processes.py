"""The manager keeps one world running: real processes, a small world, SQLite as `netral up` has it by default.

One world serves all tests that leave it whole: to start its processes costs more than what is tested with them.
"""

import asyncio
import fcntl
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest
import pytest_asyncio

from operations.local import die_with_parent
from operations.local.installation import HOSTS, Installation
from operations.local.ports import free_ports
from operations.local.processes import NATS, CannotStart, ProcessManager
from support.processes import Officers, a_small_world
from support.story import Story
from support.waiting import HANGS, until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def start(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Callable]:
    """Starts the manager of a world by name; all are stopped after the tests."""
    folder = tmp_path_factory.mktemp("worlds")
    async with AsyncExitStack() as stop:

        async def start(name: str) -> ProcessManager:
            state = Installation(folder / name)
            manager = ProcessManager(state if state.exists else a_small_world(state.folder))
            await manager.start()
            stop.push_async_callback(manager.stop)
            return manager

        yield start


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> dict[str, ProcessManager]:
    """The world of all tests, as long as none has stopped it."""
    return {}


@pytest_asyncio.fixture(loop_scope="module")
async def world(start: Callable, shared: dict[str, ProcessManager]) -> ProcessManager:
    """A world that runs and is whole."""
    if "world" not in shared or shared["world"].state.running() is None:
        shared["world"] = await start("world")
    return shared["world"]


def pids(state: Installation) -> dict[str, int]:
    return {
        name: process["pid"] for name, process in json.loads(state.run_file.read_text())["processes"].items()
    }


def is_alive(pid: int) -> bool:
    """True if it runs. One that has ended and waits for its parent to notice does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the range is read where Linux has it")
async def test_a_worlds_ports_are_different_and_none_that_the_system_gives_to_others():
    ports = free_ports(50)

    assert len(set(ports)) == 50 and max(ports) < first_of_the_system()


def first_of_the_system() -> int:
    return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


async def test_whatever_dies_is_started_again_and_serves_where_it_was(world):
    addresses, before = dict(world.addresses), pids(world.state)
    restarts = {name: child.restarts for name, child in world.children.items()}

    for name in (NATS, *HOSTS):
        world.kill(name)
    await until(lambda: set(pids(world.state).values()).isdisjoint(before.values()))
    await world.healthy()

    assert world.addresses == addresses
    assert {name: child.restarts - 1 for name, child in world.children.items()} == restarts
    async with Officers(world) as officers:
        await Story(1).play(officers.call, nothing)


async def nothing() -> None:
    """The next call is repeated until what it needs is there."""


async def test_two_worlds_run_side_by_side_and_do_not_disturb_each_other(world, start):
    one, two = await start("other"), world
    assert set(one.addresses.values()).isdisjoint(two.addresses.values())
    before = pids(two.state)

    one.kill(NATS)
    async with Officers(one) as here, Officers(two) as there:
        # The same numbers and request ids in both.
        first, second = Story(2), Story(2)
        await asyncio.gather(first.play(here.call, nothing), second.play(there.call, nothing))
        assert first.matter != second.matter
    await one.stop()

    assert pids(two.state) == before
    assert all([await two.is_serving(name) for name in HOSTS])


async def test_a_second_manager_of_the_same_world_is_refused_and_changes_nothing(world):
    before = world.state.run_file.read_text()

    with pytest.raises(CannotStart, match=r"world is already running; see `netral status`"):
        await ProcessManager(world.state).start()

    assert world.state.run_file.read_text() == before
    assert all([await world.is_serving(name) for name in HOSTS])


async def test_a_desk_says_not_serving_while_nats_is_down_and_serving_again_after(world):
    nats = world.children[NATS]
    command, nats.command = nats.command, [sys.executable, "-c", "raise SystemExit('no NATS today')"]
    world.kill(NATS)

    for name in HOSTS:
        await until(lambda name=name: gone(world, name))

    nats.command = command
    await world.healthy()


async def gone(world: ProcessManager, name: str) -> bool:
    """The desk answers, and says that it is not serving."""
    assert not await world.is_serving(name)
    async with grpc.aio.insecure_channel(world.addresses[name]) as channel:
        await asyncio.wait_for(channel.channel_ready(), HANGS)
    return True


async def test_stop_leaves_no_process_even_while_one_is_being_restarted(world):
    running, restarts = pids(world.state), world.children["kasn"].restarts
    world.kill("kasn")
    await until(lambda: world.children["kasn"].restarts > restarts)
    await world.stop()

    assert not [pid for pid in running.values() if is_alive(pid)]
    assert not [c.name for c in world.children.values() if c.process and is_alive(c.process.pid)]
    assert world.state.running() is None
    with (world.state.folder / "lock").open("a") as free:
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is of Linux")
async def test_the_children_die_with_a_manager_that_is_killed_and_the_world_starts_again(tmp_path):
    state = a_small_world(tmp_path / "world")
    log = (tmp_path / "up.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *die_with_parent.command(sys.executable, "-m", "cli", "up", "--state", str(state.folder)),
        stdout=log,
        stderr=log,
    )
    try:
        await until(lambda: state.running() and None not in pids(state).values())
        children, running = pids(state), state.running()
        assert all(map(is_alive, children.values()))
    finally:
        process.kill()
        await process.wait()

    await until(lambda: not any(map(is_alive, children.values())))
    assert state.running() is None
    again = ProcessManager(state)
    await again.start()
    assert all([await again.is_serving(name) for name in HOSTS])
    assert running is not None
    assert (again.addresses, again.http) == (running["addresses"], running["http"])
    assert again.metrics == running["metrics"]
    await again.stop()


# --- the clock ---------------------------------------------------------------------------------------------------------


async def test_a_world_that_runs_says_why_its_clock_stands_still(
    start: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = (await start("stopped")).state
    monkeypatch.delenv("NETRAL_CLOCK_SECONDS")
    manager = await start("running")
    state = manager.state
    try:
        assert stopped.clock_stands() == "NETRAL_CLOCK_SECONDS=0"
        assert state.clock_stands() == ""

        state.stop_clock("netral local season")
        assert state.clock_stands() == "netral local season"
    finally:
        await manager.stop()
