"""One desk as a process of its own, without a bus: it serves its callers, and can be killed and started again."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from operations.local import die_with_parent
from support import desks
from support.waiting import HANGS


@dataclass
class Alone:
    """The process of a desk whose keys `desks.write_trust` wrote into this folder. `cpu`: the one core that it may use."""

    folder: Path
    name: str = "ppk"
    cpu: int | None = None
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "Alone":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.end(signal.SIGTERM)

    @property
    def state(self) -> Path:
        return self.folder / self.name

    def start(self, within: float = HANGS) -> str:
        """Start the process; gives its address once it listens."""
        address = self.state / f"{self.name}.address"
        address.unlink(missing_ok=True)
        settings = {
            "PARTIES_FILE": self.folder / "parties.json",
            "KEYS_FOLDER": self.state / "keys",
            "DATABASE_URL": f"sqlite:///{self.state / 'desk.sqlite'}",
            "VAULT_URL": f"sqlite:///{self.state / 'vault.sqlite'}",
            "NATS_URL": desks.NO_BUS,
            "STATE_FOLDER": self.state,
            "CLOCK_SECONDS": "0",
            "PAIRING_SECONDS": "0",
            "LOG_LEVEL": "ERROR",
        }
        path = os.pathsep.join([str(desks.SERVICES), os.environ.get("PYTHONPATH", "")])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NETRAL_")}
        environment |= {f"NETRAL_{name}": str(value) for name, value in settings.items()}
        command = die_with_parent.command(sys.executable, "-m", self.name)
        with (self.state / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.state,
                env=environment | {"PYTHONPATH": path} | self.environment,
                stdout=log,
                stderr=log,
            )
        if self.cpu is not None:
            os.sched_setaffinity(self.process.pid, {self.cpu})
        deadline = time.monotonic() + within
        while not address.exists():
            assert self.process.poll() is None, (self.state / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, "the desk does not listen"
            time.sleep(0.05)
        return address.read_text()

    def end(self, by: signal.Signals) -> None:
        """Send the process a signal and wait for its end."""
        if self.process is not None:
            self.process.send_signal(by)
            self.process.wait(HANGS)
            self.process = None

    def peak_memory(self) -> int:
        """The most memory that the process ever had, in bytes (VmHWM)."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
