"""A pgbouncer in transaction mode before a test's PostgreSQL: each transaction may have another session of few."""

import os
import shutil
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


@dataclass(frozen=True)
class Pooler:
    """A running pgbouncer, by the folder of its socket."""

    folder: Path

    def url(self, database: str, scheme: str = "postgresql+asyncpg") -> str:
        """For a database of the server, without a word that a pooler stands before it."""
        return f"{scheme}://postgres@/{database}?host={self.folder}&port={_PORT}"


_PORT = 6432
_SETTINGS = """
[databases]
* = host={server} user=postgres
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


@contextmanager
def before(server: PostgresServer) -> Iterator[Pooler]:
    """Run a pooler before a server."""
    assert PROGRAM is not None
    # A socket's path is short; pgbouncer refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="netral-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            _SETTINGS.format(server=server.folder, port=_PORT, folder=folder, sessions=SESSIONS)
        )
        user, group = owner()
        if user is not None and group is not None:
            os.chown(folder, user, group)
        alive = folder / "alive"
        with servers.hold(alive):
            guarded = servers.start(
                [PROGRAM, settings], while_locked=alive, log=folder / "log", user=user, group=group
            )
            until_true((folder / f".s.PGSQL.{_PORT}").exists, within=20)
            yield Pooler(folder)
        until_true(lambda: not guarded.is_running)
