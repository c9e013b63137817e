"""One host's database: a single writer at a time on SQLite, row locks on PostgreSQL; migrations at start.

`storage.drivers` has both kinds. SQLAlchemy's statements run straight on the driver; its engine, which made two thirds of what a
statement cost, is left for migrations and reflection (`Connection.run_sync`).
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy
from sqlalchemy.exc import DBAPIError

from storage import faults, probes, urls
from storage.faults import Fault
from storage.migrations import heads
from storage.protocols import Connection, Driver

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

_ONLY_PROBED = (Fault.FULL, Fault.DENIED)
"""Faults whose end only the probe can tell: a small write may find room where a larger one did not, and a right to another table."""


class Database:
    """Connections to one database, named by a URL (`storage.urls`): `sqlite:///file`, `postgresql://host/name?sslmode=require`."""

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = urls.parse(url)
        self.sqlite = parsed.sqlite
        self._kind = _driver(parsed)
        self._fault: Fault | None = None
        self._since = 0.0
        # The open transactions that may write, with the instant that their rows bear, once it is known.
        self._writing: dict[Connection | None, datetime | None] = {}

    def watch(self, told: Callable[[str], None] | None) -> None:
        """Tell a function the text of each statement before it runs, "COMMIT" before a commit and "COMMITTED" after it.

        What it raises, the transaction raises. For those who count statements, or have one fail.
        """
        self._kind.told = told

    @asynccontextmanager
    async def write(self, *, only_writer_of: str = "") -> AsyncIterator[Connection]:
        """One transaction that may write: committed at the end, rolled back if anything is raised.

        `only_writer_of`: a table to which no other transaction writes meanwhile. On SQLite none writes to any.
        """
        connection = None
        try:
            async with self._kind.write(only_writer_of) as connection:
                self._writing[connection] = None
                yield connection
        except Exception as error:
            if (fault := faults.of_database(error)) in faults.LASTING:
                self._note(fault)
            raise
        finally:
            self._writing.pop(connection, None)
        if self._fault not in _ONLY_PROBED:
            self._fault = None

    def writes_as_of(self, connection: Connection, at: datetime) -> None:
        """Note which instant the rows bear that an open transaction writes (`settled_before`); of one that only reads, nothing."""
        if connection in self._writing:
            self._writing[connection] = at

    def settled_before(self, now: datetime) -> datetime:
        """The instant before which nothing is written any more: `now`, or that of the oldest transaction which is still open.

        On PostgreSQL transactions end in another order than they began. Ask before you read.
        """
        return min([now, *(at for at in self._writing.values() if at is not None)])

    async def can_write(self) -> bool:
        """Probe that a transaction can write; after a fault, by writing."""
        # On SQLite the probe would only wait for a write, whose end tells as much; but for what no write can tell.
        if self._kind.is_writing and self._fault not in _ONLY_PROBED:
            return self._fault is None
        try:
            async with self._kind.write() as connection:
                await probes.write(connection, self._fault, self._kind.denied)
        except Exception as error:
            fault = faults.of_database(error)
            self._note(fault if fault in faults.LASTING else self._fault or Fault.AWAY)
            return False
        self._fault = None
        return True

    def _note(self, fault: Fault | None) -> None:
        if self._fault is None:
            self._since = time.monotonic()
        self._fault = fault

    @property
    def fault(self) -> Fault | None:
        """The fault of the last write or probe; None if it went well."""
        return self._fault

    @property
    def retry_after(self) -> float:
        """Seconds after which a caller is to try again: the longer the database has been away, the more, up to 5."""
        away = time.monotonic() - self._since if self._fault is not None else 0.0
        return min(max(away / 2, 0.5), 5.0)

    def read(self) -> AbstractAsyncContextManager[Connection]:
        """One transaction that only reads, however much: everything as of one moment."""
        return self._kind.read()

    def read_latest(self) -> AbstractAsyncContextManager[Connection]:
        """Reads of a few rows by an index, each of what is committed just then: no snapshot on PostgreSQL, no thread on SQLite."""
        return self._kind.read_latest()

    async def empty_write_ahead_log(self) -> None:
        """Let no copy of deleted rows stay beside the tables: SQLite's write-ahead log is written back and cut to nothing.

        On PostgreSQL dead rows and logs are left to vacuum and to the server; what must be unreadable there is encrypted.
        """
        await self._kind.empty_write_ahead_log()

    async def close(self) -> None:
        await self._kind.close()

    async def migrate(self, *rooms: Path) -> None:
        """Bring the schema up to date with the migrations in these folders. Repeatable."""
        async with self.write() as connection:
            await connection.run_sync(_upgrade, rooms)

    async def migrate_to(self, revisions: Sequence[str], *rooms: Path) -> None:
        """Make the schema of an empty database as it was after these migrations: for a copy of its rows."""
        async with self.write() as connection:
            await connection.run_sync(_upgrade_to, rooms, revisions)


def _driver(named: urls.DatabaseUrl) -> Driver:
    # Who has SQLite need not import asyncpg, nor the other way round.
    if named.sqlite:
        from storage.drivers.sqlite import Sqlite

        return Sqlite(named.url)
    from storage.drivers.postgresql import Postgresql

    return Postgresql(named)


async def retry_on_conflict(transaction: Callable[[], Awaitable[T]], times: int = 5) -> T:
    """Run a transaction, again if another one got in its way: made the same row first, or locked it out (PostgreSQL).

    Run again, it sees what the other one did.
    """
    while True:
        try:
            return await transaction()
        except DBAPIError as error:
            times -= 1
            if times <= 0 or faults.sort(error) not in (Fault.AGAIN, Fault.TAKEN):
                raise


def _upgrade(connection: sqlalchemy.Connection, rooms: Sequence[Path]) -> None:
    if not heads.are_reached(connection, rooms):
        _upgrade_to(connection, rooms, ["heads"])


def _upgrade_to(connection: sqlalchemy.Connection, rooms: Sequence[Path], revisions: Sequence[str]) -> None:
    # Only who migrates pays for it: a desk that is up to date does not, nor does the command line.
    from alembic import command

    config = scripts(rooms)
    config.attributes["connection"] = connection
    for revision in revisions:
        command.upgrade(config, revision)


def scripts(rooms: Sequence[Path]) -> "Config":
    """Alembic's configuration of the migrations in these folders."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("version_locations", ";".join(str(room / "versions") for room in rooms))
    config.set_main_option("path_separator", ";")
    return config
