"""A worker's program: takes jobs from the host until the host has gone. `python -m host.worker_processes.worker <host's pid> <bytes>`.

It is started anew, never forked: gRPC's threads do not live through a fork, and a fork holds the host's keys. It dies with the host,
gives way to it (`nice`), has a bound to its memory, dumps no core, and leaves signals to the host, which kills it. Its standard
input is the socket to the host. Nothing is logged here.
"""

import ctypes
import os
import pickle
import resource
import signal
import socket
import sys
from typing import BinaryIO

from host.worker_processes import messages
from host.worker_processes.messages import Asked, Done, Failed, Job, Message

NICE = 10
_PR_SET_PDEATHSIG = 1


def main(host: int, memory: int) -> None:
    """Do what comes from the host, one job after the other."""
    if sys.platform == "linux":
        # Without it a worker that is busy would live on after kill -9 of its host.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != host:
        return  # it died before we could ask to die with it
    os.nice(NICE)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=sys.stdin.fileno()) as wire:
        while files := socket.recv_fds(wire, 1, 1)[1]:
            with os.fdopen(files[0], "r+b") as file:
                done = _done(wire, file)
            wire.sendall(messages.line(done))
            if isinstance(done, Failed):
                return


def _done(wire: socket.socket, file: BinaryIO) -> Message:
    """Do the job that stands in a file; what it makes takes its place there."""

    def ask(word: str, content: bytes) -> bytes:
        file.write(content)
        file.flush()
        wire.sendall(messages.line(Asked(word, len(content))))
        reply = wire.makefile("rb", buffering=0).readline()
        _empty(file)
        return bytes.fromhex(reply.decode())

    try:
        job: Job = pickle.load(file)  # noqa: S301 - from our own host
        _empty(file)
        answer = job.run(ask, file)
        file.flush()
    except Exception as error:
        return Failed(type(error).__name__, _where(error))
    return Done(answer)


def _empty(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()


def _where(error: BaseException) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else ""


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
