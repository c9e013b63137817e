"""Undo what a test changed on the machine (a mount, a network), also if the test is killed in the middle."""

import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from support import servers
from support.waiting import until_true

# Lives under a guard of its own, as servers of tests do, and acts when it is told to stop.
_WAITS = """
import json, signal, subprocess, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
signal.sigwait({signal.SIGTERM})
for command in json.loads(sys.argv[1]):
    subprocess.run(command, stderr=subprocess.DEVNULL)
"""


@contextmanager
def undone_by(*commands: Sequence[str]) -> Iterator[None]:
    """Run commands when the block ends, or with the process that is in it; one that fails had nothing to undo."""
    folder = Path(tempfile.mkdtemp(prefix="netral-"))
    with servers.hold(folder / "alive"):
        guarded = servers.start(
            [sys.executable, "-I", "-S", "-c", _WAITS, json.dumps(commands)],
            while_locked=folder / "alive",
            log=folder / "log",
            stop_with=signal.SIGTERM,
            remove=[folder],
        )
        yield
    until_true(lambda: not guarded.is_running)
