"""Two processes on the logs of one host."""

import contextlib
import os
import signal
from pathlib import Path

from host.lifecycle.start_failures import REFUSED
from operations.drills.world.drill_world import DrillWorld, must
from operations.drills.world.officers import play_case
from operations.drills.world.second_process import START_WITHIN, spawn, start_alone


async def run(world: DrillWorld) -> None:
    """A second process is started on the same database: it refuses. One that wakes up late is pushed aside and ends."""
    await world.start()
    await play_case(world)
    code, said = await start_alone(world, "kasn")
    must(code == REFUSED and "AnotherWriter" in said, f"a second process started: {code}: {said}")
    world.show("refused on the same state folder", code=code, log=said)
    second = world.copy_of_state("kasn")
    code, said = await start_alone(world, "kasn", NETRAL_STATE_FOLDER=str(second))
    must(code == REFUSED and "AnotherWriter" in said, f"a second process started: {code}: {said}")
    world.show("refused on another state folder", code=code, log=said)
    await _push_aside(world, second)
    await world.check_whole()


async def _push_aside(world: DrillWorld, second: Path) -> None:
    """The first process sleeps longer than its lease, a second one takes over, the first wakes up."""
    first = world.manager.children["kasn"].process
    assert first is not None
    os.kill(first.pid, signal.SIGSTOP)
    free = {f"NETRAL_{each}_LISTEN": "127.0.0.1:0" for each in ("GRPC", "HTTP", "METRICS")}
    other = await spawn(world, "kasn", NETRAL_STATE_FOLDER=str(second), **free)
    try:
        await world.until(
            lambda: (second / "kasn.address").exists() or other.returncode is not None,
            "the second process serves",
            START_WITHIN,
        )
        must(other.returncode is None, f"the second process ended: {world.log_of('kasn-second')}")
        os.kill(first.pid, signal.SIGCONT)
        await world.until(lambda: first.returncode is not None, "the first process ends", 60)
        must(first.returncode == REFUSED, f"the first process ended with {first.returncode}")
        world.show("pushed aside", code=first.returncode, log=world.log_of("kasn", 3))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(first.pid, signal.SIGCONT)
        with contextlib.suppress(ProcessLookupError):
            other.terminate()
        await other.wait()
    await world.manager.healthy()
