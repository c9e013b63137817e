"""Kills a process, by id, when whoever holds our standard input open is gone: `end_after.py <process id>`. Ends with it."""

import os
import select
import signal
import sys

if __name__ == "__main__":
    try:
        # Not the number: it may be another process's by then.
        process = os.pidfd_open(int(sys.argv[1]))
    except ProcessLookupError:
        sys.exit()
    ready, _, _ = select.select([process, sys.stdin], [], [])
    if process not in ready:
        signal.pidfd_send_signal(process, signal.SIGKILL)
