"""Server processes of a test run: each under a guard that stops it when the processes using it are gone."""

import fcntl
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from support import children

GUARD = Path(__file__).with_name("guard.py")


def hold(lock: Path) -> IO[str]:
    """Take part in a lock file until the answer is closed, or this process is gone."""
    held = lock.open("a")
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


@dataclass
class Guarded:
    """A server (by process id) and the guard that is its parent."""

    pid: int
    guard: "subprocess.Popen[str]"

    @property
    def is_running(self) -> bool:
        return self.guard.poll() is None


def start(
    command: list[str | Path],
    *,
    while_locked: Path,
    log: Path,
    stop_with: signal.Signals = signal.SIGTERM,
    remove: Sequence[Path] = (),
    user: int | None = None,
    group: int | None = None,
) -> Guarded:
    """Start a server that lives no longer than the holders of `while_locked`; then the folders in `remove` are deleted."""
    orders = {
        "command": [str(word) for word in command],
        "while_locked": str(while_locked),
        "log": str(log),
        "stop_with": int(stop_with),
        "remove": [str(folder) for folder in remove],
        "user": user,
        "group": group,
    }
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", GUARD, json.dumps(orders)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=children.unmarked(),
    )
    assert guard.stdout is not None
    with guard.stdout as answer:
        pid = answer.readline()
    assert pid, f"{command[0]} could not be started"
    return Guarded(int(pid), guard)
