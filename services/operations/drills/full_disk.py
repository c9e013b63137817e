"""A disk without room for a database."""

import asyncio
import os
import resource
import sys

from sqlalchemy import text

from operations.drills.drill import CannotPlay
from operations.drills.world.drill_world import DrillWorld, Failed
from operations.drills.world.officers import play_case, register
from operations.local.client import Refused


async def run(world: DrillWorld) -> None:
    """The kernel takes no more bytes for Bawaslu's database: calls are refused whole, and accepted again when there is room."""
    await world.start()
    await play_case(world)
    await world.settle()
    limit = await _room(world)
    await _let_files_grow(await _who_writes(world), limit)
    refused = await _fill(world)
    world.show("refused", reason=refused, limit_bytes=limit, acknowledged=len(world.acknowledged))
    await _let_files_grow(await _who_writes(world), resource.RLIM_INFINITY)
    await world.manager.healthy()
    await play_case(world)
    await world.check_whole()


# Becomes the owner of the process: the kernel lets only that user do it, or one that may do everything.
_LIMIT = """
import os, resource, sys
pid, limit, user, group = map(int, sys.argv[1:])
if os.geteuid() == 0 and (user or group):
    os.setgroups([]); os.setgid(group); os.setuid(user)
resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
"""


async def _let_files_grow(processes: list[int], limit: int) -> None:
    """Set how large a file these processes may make (bytes)."""
    for process in processes:
        owner = _owner(process)
        if owner is None:
            continue  # a connection that has ended
        order = [str(word) for word in (process, limit, *owner)]
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-c", _LIMIT, *order), stderr=asyncio.subprocess.PIPE
        )
        _, said = await done.communicate()
        if done.returncode and _owner(process) is not None:
            raise CannotPlay(f"the room of process {process} cannot be limited: {said.decode()[-200:]}")


def _owner(process: int) -> tuple[int, int] | None:
    """User and group of a process; None if there is none."""
    try:
        found = os.stat(f"/proc/{process}")
    except FileNotFoundError:
        return None
    return found.st_uid, found.st_gid


async def _fill(world: DrillWorld) -> str:
    """Register reports with long texts until one is refused; gives the refusal."""
    for _ in range(400):
        try:
            await register(world, "📷" * 8000, patience=3)
        except Refused as refusal:
            return f"{refusal.code} {refusal.reason}"
    raise Failed("the disk did not get full")


async def _who_writes(world: DrillWorld) -> list[int]:
    """The processes that write Bawaslu's database: its host, or all of the PostgreSQL server."""
    if not world.template:
        process = world.manager.children["bawaslu"].process
        assert process is not None
        return [process.pid]
    async with world.databases.open("bawaslu") as database, database.read() as connection:
        found = await connection.execute(text("SELECT pid FROM pg_stat_activity"))
        backends = [row.pid for row in found]
        content = await connection.scalar(text("SELECT pg_read_file('postmaster.pid')"))
    server = int(content.split()[0])
    if _owner(server) is None:
        raise CannotPlay("the PostgreSQL server has to run on this machine")
    return [server, *backends]


async def _room(world: DrillWorld) -> int:
    """Return how large a file may become: a mebibyte more than those that are there."""
    if not world.template:
        folder = world.state.host("bawaslu")
        return max(file.stat().st_size for file in folder.glob("*.sqlite*")) + 2**20
    async with world.databases.open("bawaslu") as database, database.read() as connection:
        segment = await connection.scalar(text("SELECT pg_size_bytes(current_setting('wal_segment_size'))"))
    if segment > 2**20:
        raise CannotPlay(
            "a full WAL stops the whole server: use one of its own, made with initdb --wal-segsize=1"
        )
    return int(segment) + 2**19
