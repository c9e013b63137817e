"""Kills every process with a mark in its environment, once nobody holds our standard input open: `end_marked.py NAME=VALUE`.

A program of its own, started by `support.children`: it outlives the tests by the moment that this takes.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Until one finds none: what was just being started has to be found too.
LOOKS = 200


def marked(mark: bytes) -> Iterator[int]:
    """A handle of each process that has the mark: not its number, which may be another one's by then."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError), handle(int(folder.name)) as process:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    yield process


@contextmanager
def handle(pid: int) -> Iterator[int]:
    process = os.pidfd_open(pid)
    try:
        yield process
    finally:
        os.close(process)


def main(mark: bytes) -> None:
    sys.stdin.buffer.read()
    for _ in range(LOOKS):
        if not kill_all(mark):
            return
        time.sleep(0.05)


def kill_all(mark: bytes) -> int:
    """Kill what has the mark now; the number of processes that had it."""
    found = 0
    for process in marked(mark):
        found += 1
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
    return found


if __name__ == "__main__":
    main(sys.argv[1].encode())
