"""The workers of one host: so many at once, so many jobs in line, and no more.

The first job starts the first worker, so that a host that has none costs nothing. A worker that nobody needs is ended after a
while, and so is one that did many jobs, since libraries keep memory. A worker whose job takes too long, whose caller has gone, or
that ends by itself is killed, and the next job gets another.
"""

import asyncio
import os
import pickle
import tempfile
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path

import structlog

from host.worker_processes.messages import Job
from host.worker_processes.worker_process import Answer, JobFailed, WorkerLost, WorkerProcess
from refusals import Refusal, Unavailable

log = structlog.get_logger("host.worker_processes.pool")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a pool: workers at once, jobs that wait in line, and of one job the time (seconds) and memory (bytes)."""

    at_once: int = 2
    waiting: int = 8
    seconds: float = 900.0
    memory: int = 2 * 1024**3
    idle_seconds: float = 30.0
    jobs: int = 50


class WorkerPool:
    """Runs jobs in processes beside the host. `folder` has room for what they make; no file there has a name."""

    def __init__(self, limits: Limits, folder: Path) -> None:
        self._limits, self._folder = limits, folder
        self._places = asyncio.Semaphore(limits.at_once)
        self._under_way = 0
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._ending: set[asyncio.Future[int]] = set()
        self._closed = False

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers."""
        return [worker.pid for worker in (*self._busy, *self._idle)]

    @property
    def at_work(self) -> list[int]:
        """Process ids of the workers that have a job."""
        return [worker.pid for worker in self._busy]

    async def run(self, job: Job, answer: Answer) -> tuple[str, BufferedRandom]:
        """Do a job, and give its short answer and a file with what it made, to be closed by whoever took it.

        Raises:
            Unavailable: too many jobs are in line, the worker ended, or the host is stopping.
            Refusal: it took too long, or too much memory.
            JobFailed: the job raised.
        """
        limits = self._limits
        if self._under_way >= limits.at_once + limits.waiting:
            raise Unavailable(
                "the desk makes as many packs as it can just now; try again later",
                reason="BUSY",
                retry_after=5.0,
            )
        self._under_way += 1
        try:
            async with self._places:
                return await self._run(job, answer)
        finally:
            self._under_way -= 1

    async def _run(self, job: Job, answer: Answer) -> tuple[str, BufferedRandom]:
        file = await asyncio.to_thread(_written, job, self._folder)
        try:
            said = await self._done(file, answer)
        except BaseException:
            file.close()
            raise
        # The worker moved the place of both, which `file` cannot know.
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        return said, file

    async def _done(self, file: BufferedRandom, answer: Answer) -> str:
        """Have the job in a file done, by a worker that is then kept or killed."""
        if self._closed:
            raise Unavailable("the desk is stopping")
        worker = self._take()
        self._busy.add(worker)
        try:
            async with asyncio.timeout(self._limits.seconds):
                said = await worker.run(file, answer)
        except BaseException as error:
            self._busy.discard(worker)
            self._end(worker)
            if (refusal := self._refusal(error, worker)) is not None:
                raise refusal from error
            raise
        self._busy.discard(worker)
        self._keep(worker)
        return said

    def _take(self) -> WorkerProcess:
        """The worker that was at work last, so that the others can end; a new one if none waits."""
        while self._idle:
            worker = self._idle.pop()
            if worker.lives:
                return worker
            self._end(worker)
        return WorkerProcess(self._limits.memory)

    def _keep(self, worker: WorkerProcess) -> None:
        if worker.jobs >= self._limits.jobs or self._closed:
            self._end(worker)
            return
        self._idle.append(worker)
        asyncio.get_running_loop().call_later(self._limits.idle_seconds, self._end_idle, worker, worker.jobs)

    def _end_idle(self, worker: WorkerProcess, jobs: int) -> None:
        """End a worker that has done no job since."""
        if worker in self._idle and worker.jobs == jobs:
            self._idle.remove(worker)
            self._end(worker)

    def _end(self, worker: WorkerProcess) -> None:
        self._kill(worker)
        worker.close()

    def _kill(self, worker: WorkerProcess) -> None:
        gone = worker.kill()
        self._ending.add(gone)
        gone.add_done_callback(self._ending.discard)

    def _refusal(self, error: BaseException, worker: WorkerProcess) -> Refusal | None:
        """The answer to the caller for what kept a worker from its job; None for what is no refusal."""
        if isinstance(error, TimeoutError):
            log.warning("worker too slow", worker=worker.pid, seconds=self._limits.seconds)
            return Refusal(
                "making this took longer than it may; ask for less at once", reason="WORK_TOO_LONG"
            )
        if isinstance(error, JobFailed):
            log.error("job failed", worker=worker.pid, error=str(error))
            if error.error == "MemoryError":
                return Refusal(
                    "making this took more memory than it may; ask for less at once", reason="WORK_TOO_LARGE"
                )
        if isinstance(error, WorkerLost):
            log.warning("worker lost", worker=worker.pid, error=str(error), stopping=self._closed)
            return Unavailable("the process that made this has ended; try again", retry_after=1.0)
        return None

    async def close(self) -> None:
        """End all workers; a job that is under way is refused, and so are those in line."""
        self._closed = True
        for worker in self._busy:
            self._kill(worker)
        while self._idle:
            self._end(self._idle.pop())
        if self._ending:
            await asyncio.wait(self._ending)


def _written(job: Job, folder: Path) -> BufferedRandom:
    """A file without a name, which has the job. In a thread: a large one takes a while."""
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by whoever gets it
    try:
        pickle.dump(job, file, pickle.HIGHEST_PROTOCOL)
        file.seek(0)  # a worker that is given the file goes on from there
    except BaseException:
        file.close()
        raise
    return file
