"""The `netral` command as its user runs it, in a folder of its own: as a process, or, where the process is not the point, here."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from cli import language
from cli.__main__ import main
from operations.local import die_with_parent
from support.waiting import HANGS


@dataclass(frozen=True)
class Ran:
    """Exit code and output of a run of the command."""

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

    def __call__(
        self, *words: str, input: str = "", timeout: float = HANGS, variables: Mapping[str, str] | None = None
    ) -> Ran:
        """Run it as a process of its own, with further environment variables."""
        done = subprocess.run(
            die_with_parent.command(sys.executable, "-m", "cli", *words),
            cwd=self.folder,
            env={**_environment(), **(variables or {})},
            input=input,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def here(self, *words: str, input: str = "") -> Ran:
        """Run its `main` in the test's process: the same words, answers and exit codes, without the price of a start.

        What the command does not foresee is raised. Not for a test with an event loop: commands have their own.
        """
        out, err = _Captured(), _Captured()
        with self._in_its_folder(words, input), redirect_stdout(out), redirect_stderr(err):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
        return Ran(code, out.text, err.text)

    @contextmanager
    def _in_its_folder(self, words: tuple[str, ...], input: str) -> Iterator[None]:
        with (
            chdir(self.folder),
            mock.patch.object(sys, "argv", ["netral", *words]),
            mock.patch.object(sys, "stdin", io.StringIO(input)),
            mock.patch.object(sys, "excepthook", sys.excepthook),  # which typer replaces
            mock.patch.object(language, "_chosen", []),  # of this run alone
        ):
            hidden = {name: os.environ.pop(name) for name in os.environ.keys() - _environment().keys()}
            try:
                yield
            finally:
                os.environ.update(hidden)


class _Captured(io.TextIOWrapper):
    """Output kept as text; it has a `buffer` for bytes, as standard output has."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), "utf-8", write_through=True)

    @property
    def text(self) -> str:
        raw: Any = self.buffer
        text: str = raw.getvalue().decode()
        return text


def _environment() -> dict[str, str]:
    """The environment of a user; stories of years ago are played, so that the clock stands still."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("NETRAL_")}
    return own | {"NETRAL_CLOCK_SECONDS": "0"}
