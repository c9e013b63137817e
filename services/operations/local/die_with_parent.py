"""Becomes another program that ends when its parent does: `child.py <parent's process id> <program> <arguments>`.

A program of its own, because nothing can safely be done between fork and exec in a process with threads (gRPC's): what was
done there crashed the child now and then. Linux only (PR_SET_PDEATHSIG survives exec); elsewhere it just becomes the program.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def command(*program: str) -> list[str]:
    """The command that runs a program as a child of this process, and for no longer."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *program]


if __name__ == "__main__":
    parent, *program = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):
            sys.exit("the manager has gone")
    os.execvp(program[0], program)  # noqa: S606 - no shell is meant
