"""A terminal of 80 columns, as someone has it who pastes commands of a page for the first time: nothing of ours in the environment."""

import os
import pty
import re
import struct
import subprocess
import termios
import threading
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path

from support import children
from support.waiting import HANGS

COLUMNS = 80
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Pasted:
    """Exit code of the first command that failed, or 0, and all that the terminal showed, without its colours."""

    code: int
    shown: str


def paste(commands: str, folder: Path, encoding: str = "utf-8") -> Pasted:
    """Paste commands into a shell that stops at the first that fails; what they print has to be in the terminal's encoding."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    environment = {
        "HOME": str(home),
        "PATH": os.defpath,
        "TERM": "xterm",
        "LANG": "C.UTF-8" if encoding == "utf-8" else "C",
        **({} if encoding == "utf-8" else {"PYTHONIOENCODING": encoding}),
        **{name: value for name, value in os.environ.items() if name == children.MARK},
    }
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    shown = bytearray()
    reader = threading.Thread(target=_read_all, args=(ours, shown))
    with subprocess.Popen(
        ["bash", "-ex"], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, cwd=folder, env=environment
    ) as shell:
        os.close(theirs)
        reader.start()
        shell.communicate(commands.encode(), timeout=HANGS)
    reader.join(HANGS)
    os.close(ours)
    return Pasted(shell.returncode, _COLOURS.sub("", shown.decode(encoding).replace("\r\n", "\n")))


def _read_all(terminal: int, shown: bytearray) -> None:
    """Read until the last process that holds the other side has gone (EIO)."""
    while True:
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            return
