"""A pgbouncer in transaction mode before a test's PostgreSQL: each transaction may have another session of few."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import servers
from support.postgres import PostgresServer, owner
from support.waiting import until_true

SESSIONS = 3
PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
needed = pytest.mark.skipif(
    PROGRAM is None, reason="there is no pgbouncer on this machine (Debian: apt install pgbouncer)"
)


_PORT = 6432
_SETTINGS = """
[databases]
* = host={server} user={role}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 200
server_login_retry = 1
pidfile =
"""


@dataclass
class Pooler:
    """A pgbouncer, by the folder of its socket."""

    folder: Path
    guarded: servers.Guarded | None = None

    def url(self, database: str, scheme: str = "postgresql+asyncpg") -> str:
        """For a database of the server, without a word that a pooler stands before it."""
        return f"{scheme}://postgres@/{database}?host={self.folder}&port={_PORT}"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        assert PROGRAM is not None
        user, group = owner()
        self.guarded = servers.start(
            [PROGRAM, self.folder / "pgbouncer.ini"],
            while_locked=self.folder / "alive",
            log=self.folder / "log",
            user=user,
            group=group,
        )
        until_true((self.folder / f".s.PGSQL.{_PORT}").exists)

    def kill(self) -> None:
        """Kill -9 it; its socket stays behind."""
        assert self.guarded is not None
        os.kill(self.guarded.pid, signal.SIGKILL)
        until_true(lambda: self.has_ended)

    @property
    def has_ended(self) -> bool:
        return self.guarded is None or not self.guarded.is_running


@contextmanager
def before(server: PostgresServer, role: str = "postgres") -> Iterator[Pooler]:
    """Run a pooler before a server, which it logs in to as a role."""
    # A socket's path is short; pgbouncer refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="netral-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        settings = _SETTINGS.format(
            server=server.folder, role=role, port=_PORT, folder=folder, sessions=SESSIONS
        )
        (folder / "pgbouncer.ini").write_text(settings)
        user, group = owner()
        if user is not None and group is not None:
            os.chown(folder, user, group)
        pooler = Pooler(folder)
        with servers.hold(folder / "alive"):
            pooler.start()
            yield pooler
        until_true(lambda: pooler.has_ended)
