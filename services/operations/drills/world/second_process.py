"""A second process of a host, started beside its manager: it should refuse, or take over."""

import asyncio
import os
import sys

from audit.sequencing import writer_lease
from operations.drills.world.drill_world import DrillWorld
from operations.local import die_with_parent
from operations.local.patience import patience

START_WITHIN = writer_lease.LENGTH.total_seconds() + 40
"""Seconds in which a process has served or refused: it may wait for a lease of another one to end."""


async def spawn(world: DrillWorld, host: str, **environment: str) -> asyncio.subprocess.Process:
    """Start a host's process beside the manager, with other settings."""
    usual = world.manager.environment_of(host)
    with (world.state.logs / f"{host}-second.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            *die_with_parent.command(sys.executable, "-m", "operations.drills.world.killable_host", host),
            env={**os.environ, **usual, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


async def start_alone(world: DrillWorld, host: str, **environment: str) -> tuple[int | None, str]:
    """Start a host's process that is expected to end by itself; gives its exit status and the end of its log."""
    process = await spawn(world, host, **environment)
    try:
        async with asyncio.timeout(patience(START_WITHIN)):
            await process.wait()
    except TimeoutError:
        process.terminate()
        await process.wait()
        return None, world.log_of(f"{host}-second")
    return process.returncode, world.log_of(f"{host}-second", 2)
