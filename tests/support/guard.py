"""Runs a server for as long as someone holds a lock file, so that a killed test run leaves no server behind.

A program of its own, started by `support.servers`: the kernel frees a lock when its last holder is gone, however it
went. Takes its orders as JSON in its only argument and prints the server's process id.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


def main(orders: dict[str, Any]) -> int:
    with Path(orders["log"]).open("ab") as log:
        # No groups of root's for a server that runs as somebody else.
        other_user = (
            {"user": orders["user"], "group": orders["group"], "extra_groups": []} if orders["user"] else {}
        )
        server = subprocess.Popen(
            orders["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **other_user
        )
    print(server.pid, flush=True)
    threading.Thread(target=stop_when_alone, args=(server, orders), daemon=True).start()
    code = server.wait()
    if orders["remove"]:
        wait_until_alone(orders)
        for folder in orders["remove"]:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def stop_when_alone(server: subprocess.Popen[bytes], orders: dict[str, Any]) -> None:
    wait_until_alone(orders)
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, orders["stop_with"])
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()


def wait_until_alone(orders: dict[str, Any]) -> None:
    with Path(orders["while_locked"]).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


if __name__ == "__main__":
    # Ctrl-C is for the tests; the guard goes when they have let go of the lock.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(main(json.loads(sys.argv[1])))
