"""A test that hangs until its timeout, and a run that is killed, leave no process and no folder behind.

pytest-timeout either raises in the test (`signal`), so that fixtures end what they began, or leaves the process by `os._exit`
(`thread`), as kill -9 would: without a word to any fixture. And who is killed, the run or one of its workers, says nothing at all.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from pathlib import Path

import pytest

from operations.local import die_with_parent
from support.waiting import until

TESTS = Path(__file__).parents[1]
HANGS = '''
import asyncio
import os
from pathlib import Path

import pytest

from operations.local.installation import Installation
from support import desks
from support.alone import Alone
from support.netral import Netral
from support.processes import a_small_world
from support.waiting import until


@pytest.fixture
async def processes(postgres_server, nats_server, tmp_path):
    """PostgreSQL, NATS, a desk, and a detached world that has not said yet that it is up."""
    desks.write_trust(tmp_path)
    desk = Alone(tmp_path)
    await asyncio.to_thread(desk.start)
    state = a_small_world(tmp_path / "world")
    up = asyncio.create_task(asyncio.to_thread(Netral(tmp_path), "up", "--detach", "--state", str(state.folder)))
    running = await until(state.running)
    postgres = (postgres_server.folder / "data" / "postmaster.pid").read_text().split()[0]
    world = [running["supervisor"], *(each["pid"] for each in running["processes"].values())]
    found = [postgres_server.folder, postgres, nats_server._server.pid, desk.process.pid, *world]
    Path("found").write_text(" ".join(map(str, found)))
    yield


async def test_hangs(processes):
    Path("process").write_text(str(os.getpid()))
    Path("hangs").touch()
    await asyncio.Event().wait()
'''
# The method of the timeout, workers, and what is killed (kill -9) instead. The forms that differ most are part of `make test`.
FORMS = [
    pytest.param("thread", 0, "", marks=pytest.mark.soak),
    ("thread", 2, "run"),
    pytest.param("signal", 0, "", marks=pytest.mark.soak),
    pytest.param("signal", 2, "", marks=pytest.mark.soak),
    pytest.param("thread", 2, "", marks=pytest.mark.soak),
    pytest.param("thread", 0, "run", marks=pytest.mark.soak),
    pytest.param("thread", 2, "worker", marks=pytest.mark.soak),
]


@pytest.mark.slow
@pytest.mark.parametrize(("method", "workers", "killed"), FORMS)
async def test_what_a_hanging_test_started_ends(
    method: str, workers: int, killed: str, tmp_path: Path
) -> None:
    (tmp_path / "test_hangs.py").write_text(HANGS)
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    words = [
        f"--timeout={600 if killed else 1}",
        f"--timeout-method={method}",
        "-o",
        "timeout_func_only=true",
    ]
    words += [
        "-n",
        str(workers),
        "-p",
        "no:cacheprovider",
        "--asyncio-mode=auto",
        f"--basetemp={tmp_path / 'its'}",
    ]
    mark = f"OF_A_HANGING_TEST={secrets.token_hex(8)}"
    name, _, value = mark.partition("=")

    run = await asyncio.create_subprocess_exec(
        *die_with_parent.command(sys.executable, "-m", "pytest", *words, "test_hangs.py"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(TESTS), name: value},
        stdout=(tmp_path / "said").open("wb"),
    )
    if killed:
        await until((tmp_path / "hangs").exists)
        worker = int((tmp_path / "process").read_text())
        os.kill(worker if killed == "worker" else run.pid, signal.SIGKILL)
    assert await run.wait() in (1, -signal.SIGKILL), (tmp_path / "said").read_text()

    folder, *pids = (tmp_path / "found").read_text().split()
    assert len(pids) == 8
    await until(lambda: not any(map(_runs, map(int, pids))))
    await until(lambda: not _marked(mark.encode()))
    await until(lambda: not Path(folder).exists())


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _marked(mark: bytes) -> list[str]:
    """The processes that have this in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(folder.name)
    return found
