"""Time and memory that the import of a list takes on one core: `PYTHONPATH=tests .venv/bin/python -m bench.pledges [rows]`.

A real host of authorities in a process of its own and its caller share one core; the file is made before. Three kinds of broken
rows are mixed in.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import grpc

from netral.prevention.v1 import pledges_pb2 as pb
from netral.prevention.v1.pledges_pb2_grpc import PledgeServiceStub
from support import desks
from support.alone import Alone
from support.preventions import AUTHORITY, lines

EVERY = 997
_MESSAGE = 512 * 1024


@dataclass(frozen=True)
class Measured:
    """Cost of an import: seconds by the clock, processor seconds and peak memory of the host."""

    answer: pb.ImportPledgesResponse
    seconds: float
    peak: int


def write_file(path: Path, rows: int) -> None:
    """A file with that many rows."""
    with path.open("w", encoding="ascii") as file:
        for line in lines(rows, every=EVERY):
            file.write(line + "\n")


def stream_of(path: Path, request_id: str) -> Iterator[pb.ImportPledgesRequest]:
    """A file as the messages that import it."""
    shared = {"parent": f"institutions/{AUTHORITY}", "request_id": request_id}
    with path.open("rb") as file:
        while data := file.read(_MESSAGE):
            yield pb.ImportPledgesRequest(data=data, **shared)
    yield pb.ImportPledgesRequest(complete=True, **shared)


def measure(folder: Path, file: Path) -> Measured:
    """Import a file into a fresh host."""
    desks.write_trust(folder)
    cores = os.sched_getaffinity(0)
    cpu = max(cores)
    os.sched_setaffinity(0, {cpu})
    try:
        return _measure(folder, file, cpu)
    finally:
        os.sched_setaffinity(0, cores)


def _measure(folder: Path, file: Path, cpu: int) -> Measured:
    with Alone(folder, cpu=cpu) as host:
        address = (host.state / "ppk.address").read_text()
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(timeout=30)
            started = time.perf_counter()
            answer = PledgeServiceStub(channel).ImportPledges(
                stream_of(file, str(uuid4())), metadata=desks.Caller(AUTHORITY).metadata, timeout=600
            )
            took = time.perf_counter() - started
        return Measured(answer, took, host.peak_memory())


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_file(folder / "pledges.csv", rows)
        size = (folder / "pledges.csv").stat().st_size
        found = measure(folder / "world", folder / "pledges.csv")
    answer = found.answer
    broken = ", ".join(f"{each.count} {each.reason}" for each in answer.reasons)
    print(f"{rows} rows, {size / 1e6:.0f} MB: {answer.list.size} persons listed, broken: {broken}")
    print(
        f"{found.seconds:.1f} s on one core with the caller on it too,"
        f" peak memory of the host {found.peak / 2**20:.0f} MiB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
