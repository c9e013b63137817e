"""Workers of a host, as real processes: what becomes of a job, of its worker and of the next job, however it ends."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from host.worker_processes.messages import Job
from host.worker_processes.pool import Limits, WorkerPool
from host.worker_processes.worker_process import JobFailed
from operations.local import die_with_parent
from refusals import Refusal, Unavailable
from support.jobs import Copy, Grow, Raise, Surroundings, Wait
from support.waiting import HANGS, until

ONE = Limits(at_once=1, waiting=1, seconds=HANGS)


@asynccontextmanager
async def a_pool(folder: Path, limits: Limits = ONE) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(limits, folder)
    try:
        yield pool
    finally:
        await pool.close()


async def done(pool: WorkerPool, job: Job) -> tuple[str, bytes]:
    """Answer and bytes of a job; what it asks is answered by the word and the content, in capitals."""
    answer, file = await pool.run(job, lambda word, content: f"{word} {content.decode()}".upper().encode())
    with file:
        return answer, file.read()


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


async def begun(file: Path) -> int:
    """The process of a job that waits, once it has begun."""
    return int(await until(lambda: file.exists() and file.read_text()))


async def has_gone(pid: int) -> None:
    assert await until(lambda: not lives(pid))


async def test_what_a_job_makes_comes_back_with_its_answer_and_leaves_no_file(tmp_path: Path) -> None:
    large = os.urandom(3 * 1024 * 1024)

    async with a_pool(tmp_path) as pool:
        answer, made = await done(pool, Copy(large))

    assert made == large and int(answer) != os.getpid()
    assert os.listdir(tmp_path) == []


async def test_a_job_asks_its_host_which_answers_in_its_own_process(tmp_path: Path) -> None:
    async with a_pool(tmp_path) as pool:
        _, made = await done(pool, Copy(b"payload", "sign"))

    assert made == b"SIGN PAYLOAD"


async def test_a_pool_starts_no_worker_before_the_first_job_and_keeps_it_for_the_next(tmp_path: Path) -> None:
    async with a_pool(tmp_path) as pool:
        assert pool.workers == []
        first, _ = await done(pool, Copy())
        second, _ = await done(pool, Copy())

    assert first == second


async def test_a_worker_that_did_many_jobs_is_replaced(tmp_path: Path) -> None:
    async with a_pool(tmp_path, Limits(at_once=1, jobs=2)) as pool:
        first, second, third = [(await done(pool, Copy()))[0] for _ in range(3)]

    assert first == second != third


async def test_a_worker_that_nobody_needs_is_ended(tmp_path: Path) -> None:
    async with a_pool(tmp_path, Limits(idle_seconds=0.05)) as pool:
        pid, _ = await done(pool, Copy())
        await has_gone(int(pid))

        assert pool.workers == []


async def test_a_job_whose_worker_is_killed_is_unavailable_and_the_next_one_works(tmp_path: Path) -> None:
    async with a_pool(tmp_path) as pool:
        job = asyncio.create_task(done(pool, Wait(tmp_path / "began")))
        os.kill(await begun(tmp_path / "began"), signal.SIGKILL)

        with pytest.raises(Unavailable) as refused:
            await job
        assert refused.value.retry_after > 0
        assert (await done(pool, Copy()))[1] == b"content"


async def test_a_worker_that_ended_while_it_had_nothing_to_do_is_noticed_by_nobody(tmp_path: Path) -> None:
    async with a_pool(tmp_path) as pool:
        pid, _ = await done(pool, Copy())
        os.kill(int(pid), signal.SIGKILL)
        await has_gone(int(pid))

        assert (await done(pool, Copy()))[1] == b"content"


async def test_a_job_that_takes_too_long_is_refused_and_costs_its_worker_alone(tmp_path: Path) -> None:
    async with a_pool(tmp_path, Limits(at_once=1, seconds=0.5)) as pool:
        job = asyncio.create_task(done(pool, Wait(tmp_path / "began")))
        (pid,) = await until(lambda: pool.workers)

        with pytest.raises(Refusal) as refused:
            await job

        assert refused.value.reason == "WORK_TOO_LONG"
        await has_gone(pid)
        assert pool.workers == []


async def test_a_job_that_takes_too_much_memory_is_refused_and_the_next_one_works(tmp_path: Path) -> None:
    async with a_pool(tmp_path) as pool:
        with pytest.raises(Refusal) as refused:
            await done(pool, Grow())

        assert refused.value.reason == "WORK_TOO_LARGE"
        assert (await done(pool, Copy()))[1] == b"content"


async def test_a_job_that_raises_tells_the_type_and_not_the_words(tmp_path: Path) -> None:
    async with a_pool(tmp_path) as pool:
        with pytest.raises(JobFailed) as failed:
            await done(pool, Raise())

        assert "RuntimeError" in str(failed.value) and "198001012005011001" not in str(failed.value)
        assert (await done(pool, Copy()))[1] == b"content"


async def test_one_job_more_than_the_line_is_refused_at_once_with_when_to_come_again(tmp_path: Path) -> None:
    async with a_pool(tmp_path) as pool:
        jobs = [asyncio.create_task(done(pool, Wait(tmp_path / f"began-{each}"))) for each in "ab"]
        await begun(tmp_path / "began-a")

        with pytest.raises(Unavailable) as refused:
            await done(pool, Copy())

        assert (refused.value.reason, refused.value.retry_after > 0) == ("BUSY", True)
        assert len(pool.workers) == 1 and not (tmp_path / "began-b").exists()
        await ended(jobs)
        assert (await done(pool, Copy()))[1] == b"content"


async def test_a_caller_that_goes_away_takes_its_worker_with_it(tmp_path: Path) -> None:
    async with a_pool(tmp_path) as pool:
        job = asyncio.create_task(done(pool, Wait(tmp_path / "began")))
        pid = await begun(tmp_path / "began")
        await ended([job])

        await has_gone(pid)


async def test_a_pool_that_is_closed_leaves_no_worker_and_refuses_what_was_under_way(tmp_path: Path) -> None:
    pool = WorkerPool(ONE, tmp_path)
    jobs = [asyncio.create_task(done(pool, Wait(tmp_path / f"began-{each}"))) for each in "ab"]
    pid = await begun(tmp_path / "began-a")

    await pool.close()

    assert not lives(pid)
    answers = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(each) for each in answers] == [Unavailable, Unavailable]
    assert pool.workers == []


async def test_a_worker_inherits_no_secret_and_gives_way_to_its_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRAL_DATABASE_URL", "postgresql://desk:secret@host/desk")
    with (tmp_path / "key.pem").open("w") as key:
        os.set_inheritable(key.fileno(), True)
        async with a_pool(tmp_path) as pool:
            answer, environment = await done(pool, Surroundings())

    nice, *opened = answer.split()
    assert int(nice) >= 10
    assert b"secret" not in environment and b"NETRAL_" not in environment
    assert not any("key.pem" in each for each in opened)


async def test_no_worker_outlives_a_host_that_is_killed(tmp_path: Path) -> None:
    program = "import asyncio, pathlib, sys; from support import jobs; asyncio.run(jobs.a_host(pathlib.Path(sys.argv[1])))"
    host = subprocess.Popen(  # noqa: ASYNC220 - it is waited for in a thread
        die_with_parent.command(sys.executable, "-c", program, str(tmp_path)),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        worker = await begun(tmp_path / "began-a")
        assert lives(worker)
    finally:
        host.kill()
        await asyncio.to_thread(host.wait)

    await has_gone(worker)


async def ended(jobs: list[asyncio.Task[tuple[str, bytes]]]) -> None:
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
