"""A world on one machine: its folder, its keys, and what runs. `netral keys init` makes a development one.

parties.json            the trust root, public
hosts/<host>/keys/      <party>.pem and storage.key, 0600
hosts/<host>/           databases, witnessed checkpoints, nats.password
nats/                   configuration, the administrator's password, JetStream's store
logs/                   one file per process
peers.json              where each party's desk listens, for the desks
ports.json              ports, the same at each start
run.json                what runs now: process ids, addresses
clock-stands            why the clock stands still: dates of years ago are played here
"""

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

DEFAULT_STATE = Path(".netral")
HOSTS = ("bawaslu", "kasn", "ppk")
BY_LAW = "law"
EXAMINERS = ("kasn", "bkn", BY_LAW)


class Process(TypedDict):
    """A process that runs now, or is about to be started again (no `pid`)."""

    pid: int | None
    restarts: int


class Running(TypedDict):
    """Processes of a world that runs, as its manager wrote it: process ids, gRPC and HTTP addresses by host, who is the examiner.

    `supervisor` is the manager's own process id, under the name that the file always had. `clock_seconds` and
    `clock_stands_file` are the settings of the services' clock.
    """

    supervisor: int
    addresses: dict[str, str]
    http: dict[str, str]
    metrics: dict[str, str]
    examiner: str
    examiners: list[str]
    processes: dict[str, Process]
    clock_seconds: NotRequired[str]
    clock_stands_file: NotRequired[str]


@dataclass(frozen=True)
class Installation:
    """The folder of a world."""

    folder: Path

    @property
    def parties_file(self) -> Path:
        return self.folder / "parties.json"

    @property
    def run_file(self) -> Path:
        return self.folder / "run.json"

    @property
    def ports_file(self) -> Path:
        return self.folder / "ports.json"

    @property
    def peers_file(self) -> Path:
        return self.folder / "peers.json"

    @property
    def nats(self) -> Path:
        return self.folder / "nats"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def host(self, name: str) -> Path:
        return self.folder / "hosts" / name

    def keys(self, name: str) -> Path:
        return self.host(name) / "keys"

    @property
    def clock_stands_file(self) -> Path:
        return self.folder / "clock-stands"

    def stop_clock(self, why: str) -> None:
        """Let the clock stand still, also that of services which run already: what is played here has dates of years ago."""
        self.clock_stands_file.write_text(f"{why}\n", "utf-8")

    def clock_stands(self) -> str:
        """Name the reason for which the clock of the services stands still: what is played here, or the setting; empty if it runs."""
        running = self.running()
        if running is None or running.get("clock_seconds", "0") == "0":
            return "NETRAL_CLOCK_SECONDS=0"
        marked = running.get("clock_stands_file", "")
        return Path(marked).read_text("utf-8").strip() if marked and Path(marked).exists() else ""

    @property
    def exists(self) -> bool:
        return self.parties_file.exists()

    def hosts(self) -> dict[str, list[str]]:
        """The parties that each host serves: those whose private keys it has."""
        return {name: sorted(path.stem for path in self.keys(name).glob("*.pem")) for name in HOSTS}

    def passwords(self) -> dict[str, str]:
        """The NATS passwords of the hosts and the administrator."""
        found = {name: (self.host(name) / "nats.password").read_text().strip() for name in HOSTS}
        return found | {"admin": (self.nats / "admin.password").read_text().strip()}

    def running(self) -> Running | None:
        """Read which processes run now, as their manager wrote it; None if nothing does."""
        try:
            found: Running = json.loads(self.run_file.read_text())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and "supervisor" in found and self._managed() else None

    def _managed(self) -> bool:
        """Say whether a manager holds the folder's lock. A process of its number may be a stranger's."""
        try:
            with (self.folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False
