"""Processes that tests start end with the tests, also when the run is killed or a timeout leaves it by `os._exit`.

What a test process starts inherits a mark in its environment, and so does what those start: a detached world that was half
started, what a shell left behind. A guard kills whatever still has the mark when the test process is gone. Most processes end
before: children of ours are started by `operations.local.die_with_parent`, and servers have guards of their own
(`support.servers`), which carry no mark, since they stop a server properly and delete its folder.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

# Not of NETRAL's own settings: those are kept away from the commands under test.
MARK = "ENDS_WITH_TESTS"
_GUARD = Path(__file__).with_name("end_marked.py")
# Open as long as this process lives: the end of its standard input is the guard's sign that we are gone.
_guards: list["subprocess.Popen[bytes]"] = []


def end_with_us() -> None:
    """Let everything that this process starts from now on end when this process does. Linux only: it reads /proc."""
    if sys.platform != "linux":
        return
    mark = secrets.token_hex(8)
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_GUARD), f"{MARK}={mark}"],
        stdin=subprocess.PIPE,
        env=unmarked(),
        start_new_session=True,  # Ctrl-C is for the tests
    )
    _guards.append(guard)
    os.environ[MARK] = mark


def unmarked() -> dict[str, str]:
    """The environment for a process that may live on for a moment."""
    return {name: value for name, value in os.environ.items() if name != MARK}
