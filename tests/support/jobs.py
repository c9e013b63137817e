"""Jobs for workers, in a module that a worker can import, and a host that has some."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from host.worker_processes.messages import Ask
from host.worker_processes.pool import Limits, WorkerPool


@dataclass(frozen=True)
class Copy:
    """Writes what it has, after asking the host about it; answers with the process that did it."""

    content: bytes = b"content"
    word: str = ""

    def run(self, ask: Ask, output: BinaryIO) -> str:
        output.write(ask(self.word, self.content) if self.word else self.content)
        return str(os.getpid())


@dataclass(frozen=True)
class Wait:
    """Makes a file as it begins, and goes on for ever."""

    began: Path

    def run(self, ask: Ask, output: BinaryIO) -> str:
        self.began.write_text(str(os.getpid()))
        while True:
            time.sleep(0.01)


@dataclass(frozen=True)
class Grow:
    """Takes more memory than anybody gives."""

    def run(self, ask: Ask, output: BinaryIO) -> str:
        return str(len(b"x" * 8 * 1024**3))


@dataclass(frozen=True)
class Raise:
    """Raises an error that quotes what nobody may log."""

    def run(self, ask: Ask, output: BinaryIO) -> str:
        raise RuntimeError("198001012005011001")


@dataclass(frozen=True)
class Surroundings:
    """Writes the environment, and answers with niceness and open files."""

    def run(self, ask: Ask, output: BinaryIO) -> str:
        output.write("\n".join(f"{name}={value}" for name, value in os.environ.items()).encode())
        links = [os.path.join("/proc/self/fd", each) for each in os.listdir("/proc/self/fd")]
        opened = [os.readlink(each) for each in links if os.path.lexists(each)]
        return f"{os.nice(0)} {' '.join(opened)}"


async def a_host(folder: Path) -> None:
    """A host with one worker that is busy, and one in line."""
    pool = WorkerPool(Limits(at_once=1), folder)
    await asyncio.gather(
        *(pool.run(Wait(folder / f"began-{each}"), lambda word, content: b"") for each in "ab")
    )
