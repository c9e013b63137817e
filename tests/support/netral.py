"""The `netral` command as its user runs it: a process of its own, in a folder of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """What a run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Netral:
    """Runs `netral` for the world in one folder."""

    folder: Path

    def __call__(self, *words: str, input: str = "", timeout: float = 110) -> Ran:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NETRAL_")}
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=self.folder,
            env=environment,
            input=input,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Ran(done.returncode, done.stdout, done.stderr)
