"""Processes that are not our children and yet end with the tests, also when the run is killed or left by `os._exit`.

Children of ours are started by `operations.local.die_with_parent`, servers by `support.servers`.
"""

import subprocess
import sys
from pathlib import Path

_END_AFTER = Path(__file__).with_name("end_after.py")
# Open as long as this process lives: the end of a guard's standard input is its sign that we are gone.
_guards: list["subprocess.Popen[bytes]"] = []


def end_with_us(pid: int) -> None:
    """Let a process, such as a detached supervisor, end when this one does."""
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_END_AFTER), str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests
    )
    _guards.append(guard)
