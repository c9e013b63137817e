"""The cost of a world that nobody calls: NATS, the three services and their supervisor, with the demo's data.

Plays `netral demo`, starts its world again with `netral up`, lets it come to rest, and adds up the CPU time (user and system) of
each process over some time. `PYTHONPATH=tests python -m bench.idle [--seconds 120] [--rest 90]` prints percent of one core and
writes `.bench/idle.json`. CPU time is what it is on a busy machine too. Linux only: it reads /proc.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from operations.local import die_with_parent
from operations.local.installation import Installation

ROOT = Path(__file__).parents[2]
_START_WITHIN = 120.0


def cpu_seconds(pid: int) -> float:
    """The CPU time that a process has used since it began, all threads, user and system."""
    # The program's name, which may have spaces, is in brackets; utime and stime are fields 14 and 15 (proc(5)).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def world_at_rest(folder: Path, rest: float) -> Iterator[Mapping[str, int]]:
    """The demo's world, up and left alone for a while; gives the id of each process."""
    # Who plays with `netral` has no variables of a run of tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NETRAL_")}
    netral = [sys.executable, "-m", "cli"]
    state = ["--state", str(folder / "world")]
    subprocess.run(
        die_with_parent.command(*netral, "demo", *state),
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with (folder / "up.log").open("wb") as log:
        up = subprocess.Popen(
            die_with_parent.command(*netral, "up", *state), env=environment, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + _START_WITHIN
        while b"Running" not in (folder / "up.log").read_bytes():
            if up.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError((folder / "up.log").read_text())
            time.sleep(0.2)
        time.sleep(rest)
        running = Installation(folder / "world").running()
        assert running is not None
        processes = {name: each["pid"] for name, each in running["processes"].items()}
        yield processes | {"supervisor": running["supervisor"]}
    finally:
        up.terminate()
        up.wait(60)


def measure(processes: Mapping[str, int], seconds: float) -> dict[str, float]:
    """Percent of one core that each process takes over this time."""
    before = {name: cpu_seconds(pid) for name, pid in processes.items()}
    started = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - started
    return {name: 100 * (cpu_seconds(pid) - before[name]) / passed for name, pid in processes.items()}


def main(seconds: float, rest: float) -> None:
    with tempfile.TemporaryDirectory() as folder, world_at_rest(Path(folder), rest) as processes:
        found = measure(processes, seconds)
    for name, percent in found.items():
        print(f"{name:12} {percent:6.2f} %")
    print(f"{'together':12} {sum(found.values()):6.2f} % of one core, over {seconds:.0f} s")
    (ROOT / ".bench").mkdir(exist_ok=True)
    (ROOT / ".bench" / "idle.json").write_text(json.dumps({"seconds": seconds, "percent": found}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--rest", type=float, default=90.0)
    options = parser.parse_args()
    main(options.seconds, options.rest)
