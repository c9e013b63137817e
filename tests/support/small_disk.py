"""A small disk that a test can fill: a file system in a file, where this user may mount one."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.undoing import undone_by


@dataclass(frozen=True)
class SmallDisk:
    """A mounted file system."""

    folder: Path

    def fill(self) -> None:
        """Leave no room on it."""
        with (self.folder / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(64 * 1024))

    def make_room(self) -> None:
        """Take away what `fill` wrote."""
        (self.folder / "filling").unlink()


@contextmanager
def mounted(folder: Path, mebibytes: int) -> Iterator[SmallDisk | None]:
    """Mount a small disk on a new folder until the end; None where this user may not."""
    folder.mkdir()
    image = folder.with_suffix(".image")
    with image.open("wb") as file:
        file.truncate(mebibytes * 2**20)
    make = ["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(image)]
    mount = ["mount", "-o", "loop", str(image), str(folder)]
    if os.geteuid() != 0 or not _works(make):
        yield None
        return
    # Lazily: a process that still ends has files open on it.
    with undone_by(["umount", "-l", str(folder)]):
        yield SmallDisk(folder) if _works(mount) else None


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
