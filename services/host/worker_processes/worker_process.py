"""A worker as its host sees it: started, given one job at a time, ended.

It inherits no secret: of the host's environment it gets what a program needs to run, and no open file but the socket.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import BinaryIO

from host.worker_processes import messages
from host.worker_processes.messages import Asked, Done

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")
_MOST_ASKED = 16 * 1024 * 1024
_MOST_OF_A_LINE = 1024 * 1024

Answer = Callable[[str, bytes], bytes]
"""Answers what a job asks of its host, by a word and content."""


class WorkerLost(Exception):
    """A worker ended in the middle of a job, or spoke what it must not."""


class JobFailed(Exception):
    """A job raised; `error` is the type."""

    def __init__(self, error: str, where: str) -> None:
        super().__init__(f"{error} at {where}")
        self.error = error


class WorkerProcess:
    """One worker. It must be started in the thread of the event loop: it dies with the thread that started it."""

    def __init__(self, memory: int) -> None:
        self.jobs = 0
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "host.worker_processes.worker", str(os.getpid()), str(memory)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                cwd="/",
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    async def run(self, file: BinaryIO, answer: Answer) -> str:
        """Have the job in a file done, and give its short answer; what it made is then in the file.

        Raises:
            WorkerLost: the worker ended, or was ended.
            JobFailed: the job raised.
        """
        loop = asyncio.get_running_loop()
        self.jobs += 1
        try:
            socket.send_fds(self._socket, [b"j"], [file.fileno()])
            while True:
                said = messages.read(await self._line(loop))
                if isinstance(said, Done):
                    return said.answer
                if not isinstance(said, Asked):
                    raise JobFailed(said.error, said.where)
                content = os.pread(file.fileno(), min(said.size, _MOST_ASKED), 0)
                await loop.sock_sendall(self._socket, answer(said.word, content).hex().encode() + b"\n")
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise WorkerLost(type(error).__name__) from error

    async def _line(self, loop: asyncio.AbstractEventLoop) -> bytes:
        """The next line; each side waits for the other's, so that nothing follows it."""
        line = b""
        while not line.endswith(b"\n"):
            piece = await loop.sock_recv(self._socket, 65536)
            line += piece
            if not piece or len(line) > _MOST_OF_A_LINE:
                raise ConnectionResetError("the worker has gone")
        return line

    def kill(self) -> asyncio.Future[int]:
        """Kill it, whatever it does; done once it has gone. A job that is under way hears of it."""
        self._process.kill()
        return asyncio.get_running_loop().run_in_executor(None, self._process.wait)

    def close(self) -> None:
        """Let go of the socket of a worker that has no job any more."""
        self._socket.close()


def _environment() -> dict[str, str]:
    """The environment of a worker: modules are found where this process finds them."""
    found = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return found | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
