"""One host's database: a single writer at a time on SQLite, row locks on PostgreSQL; migrations at start.

SQLite is a library in this process: a statement on an index is a call of some ten microseconds, and is made where it is
asked for (decision 7 in `DECISIONS.md`); what waits for the disk, and what people ask, runs in a thread. WAL, `synchronous=FULL`,
`BEGIN IMMEDIATE`, one writer connection: without the explicit BEGIN two load-change-save transactions lose one silently.
PostgreSQL: asyncpg; READ COMMITTED and `FOR UPDATE` to write, REPEATABLE READ to read. Nothing is kept in a session from one
transaction to the next but prepared statements, and those neither behind a pooler (pgbouncer in transaction mode), which the URL
names or is seen as we connect.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy
from sqlalchemy import URL, Dialect, Engine, ExceptionContext, Executable, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from storage import faults, keepalive, probes, urls
from storage.faults import Fault
from storage.migrations import heads
from storage.protocols import Connection
from storage.types import FoundRows, Parameters, Values

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

_POOL_SECONDS = 15.0
"""How long a transaction waits for one of PostgreSQL's connections before it fails."""
_BUSY_SECONDS = 5.0
"""How long a transaction waits for another process's lock on a SQLite file; callers hear of it before their deadline."""
_STILL_BUSY_SECONDS = 0.25
"""The same, while the last one waited in vain: what waits behind it must not wait for all of them."""
_CONNECT_SECONDS = 5.0
_ONLY_PROBED = (Fault.FULL, Fault.DENIED)
"""Faults whose end only the probe can tell: a small write may find room where a larger one did not, and a right to another table."""


class Database:
    """Connections to one database, named by a URL (`storage.urls`): `sqlite:///file`, `postgresql://host/name?sslmode=require`."""

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = urls.parse(url)
        self.sqlite = parsed.sqlite
        self._kind = _Sqlite(parsed.url) if self.sqlite else _Postgresql(parsed)
        self._fault: Fault | None = None
        self._since = 0.0
        # The open transactions that may write, with the instant that their rows bear, once it is known.
        self._writing: dict[Connection | None, datetime | None] = {}

    @property
    def engines(self) -> Collection[Engine]:
        """The engines underneath, for those who count what passes through them."""
        return self._kind.engines

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """One transaction that may write: committed at the end, rolled back if anything is raised."""
        connection = None
        try:
            async with self._kind.write() as connection:
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


class _Postgresql:
    is_writing = False

    def __init__(self, named: urls.DatabaseUrl) -> None:
        self._named = named
        self._pooled = named.pooled
        self._statements = (f"netral_{secrets.token_hex(8)}_{number}" for number in count())
        self.denied = ""  # the last statement that the server denied for want of a right
        # hide_parameters: errors must not carry personal values.
        self._engine = create_async_engine(
            named.url, pool_size=10, max_overflow=0, pool_timeout=_POOL_SECONDS, hide_parameters=True
        )
        self._autocommitting = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        # All that one transaction reads is of one moment, as on SQLite: figures are sums of several queries.
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self.engines = [self._engine.sync_engine]
        event.listen(self._engine.sync_engine, "do_connect", self._connect)
        event.listen(self._engine.sync_engine, "handle_error", self._failed)

    def _connect(
        self, dialect: Any, _record: Any, arguments: Sequence[Any], settings: Mapping[str, Any]
    ) -> Any:
        """Connect, and see if a pooler answers."""
        connection = self._open(dialect, arguments, settings)
        if not self._pooled:
            try:
                self._pooled = _is_pooled(connection)
            except Exception:
                connection.terminate()
                raise
            if self._pooled:
                connection.close()
                return self._open(dialect, arguments, settings)
        return connection

    def _open(self, dialect: Any, arguments: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """Connect as the URL says; whatever keeps us from the server is told apart from other errors of files and networks."""
        named = self._named
        more = {
            "timeout": named.connect_seconds or _CONNECT_SECONDS,
            "connection_class": keepalive.connection_class(),
            **self._prepared_statements(),
        }
        try:
            # asyncpg reads libpq's URLs itself.
            if named.libpq:
                return dialect.connect(named.libpq, **more)
            return dialect.connect(*arguments, **{**settings, **more})
        except OSError as error:
            raise faults.Unreachable(str(error) or "the server does not answer") from error

    def _prepared_statements(self) -> Mapping[str, Any]:
        """Settings of the driver: what is prepared stays with a session, under a name that no other process has."""
        if not self._pooled:
            return {"prepared_statement_name_func": self._statements.__next__}
        # Behind a pooler the next transaction has another session: what has no name is gone by then.
        none = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        return {**none, "prepared_statement_name_func": str}

    def _failed(self, failed: ExceptionContext) -> None:
        _drop_bad_connections(failed)
        if faults.of_database(failed.original_exception) is Fault.DENIED and failed.statement:
            self.denied = failed.statement.removeprefix("EXPLAIN ")

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        async with self._reading.connect() as connection:
            yield connection

    @asynccontextmanager
    async def read_latest(self) -> AsyncIterator[Connection]:
        # Behind a pooler only a transaction keeps the preparing of a statement and its run in one session.
        async with (self._engine if self._pooled else self._autocommitting).connect() as connection:
            yield connection

    async def empty_write_ahead_log(self) -> None:
        return

    async def close(self) -> None:
        await self._engine.dispose()


def _is_pooled(connection: Any) -> bool:
    """True if the session that a transaction gets is not the one that we were told of as we connected."""
    cursor = connection.cursor()
    cursor.execute("SELECT pg_backend_pid()")
    (given,) = cursor.fetchone()
    cursor.close()
    connection.rollback()
    return bool(given != connection.driver_connection.get_server_pid())


class _Sqlite:
    denied = ""

    def __init__(self, url: URL) -> None:
        url = url.set(drivername="sqlite")
        # Only one may write at a time, and who waits waits in `_one_writer`: a queue in the process is fair, SQLite's own
        # busy waiting is not, and would stop the event loop. Readers never wait.
        self._writer = create_engine(url, pool_size=1, max_overflow=0, hide_parameters=True)
        self._reader = create_engine(url, pool_size=4, max_overflow=-1, hide_parameters=True)
        self.engines = [self._writer, self._reader]
        self._one_writer = asyncio.Lock()
        self._patience = _BUSY_SECONDS
        _transactions(self._writer, "BEGIN IMMEDIATE", busy_seconds=0)
        _transactions(self._reader, "BEGIN", busy_seconds=_BUSY_SECONDS)
        for engine in self.engines:
            event.listen(engine, "handle_error", _drop_bad_connections)

    @property
    def is_writing(self) -> bool:
        return self._one_writer.locked()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        async with self._one_writer:
            connection = self._writer.connect()
            try:
                await self._begin(connection)
                yield _Here(connection)
                await _in_thread(
                    connection.commit
                )  # while the disk works, more arrives to be committed together
            finally:
                connection.close()  # which rolls back what was not committed

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        with self._reader.connect() as connection:
            yield _InThread(connection)

    @asynccontextmanager
    async def read_latest(self) -> AsyncIterator[Connection]:
        with self._reader.connect() as connection:
            yield _Here(connection)

    async def _begin(self, connection: sqlalchemy.Connection) -> None:
        """Begin; another process, or another `Database` of this one, may hold the lock for a while."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                connection.begin()
            except OperationalError as error:
                if "locked" not in str(error.orig):
                    raise
                if time.monotonic() > deadline:
                    self._patience = _STILL_BUSY_SECONDS
                    raise
                await asyncio.sleep(0.005)
            else:
                self._patience = _BUSY_SECONDS
                return

    async def empty_write_ahead_log(self) -> None:
        """A reader in the middle keeps the log; the next time cuts it."""
        async with self._one_writer:
            connection = self._writer.raw_connection()
            try:
                cursor = connection.cursor()
                await _in_thread(lambda: cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
                cursor.close()
            finally:
                connection.close()

    async def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


class _Here:
    """A SQLite connection whose statements run where they are asked for."""

    def __init__(self, connection: sqlalchemy.Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    async def execute(self, statement: Executable, parameters: Parameters = None, /) -> FoundRows:
        return self._connection.execute(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Values | None = None, /) -> Any:
        return (await self.execute(statement, parameters)).scalar()

    async def run_sync(self, work: Callable[..., T], /, *arguments: Any) -> T:
        return work(self._connection, *arguments)


class _InThread(_Here):
    """A SQLite connection whose queries may take long: they run in a thread, and give all their rows."""

    async def execute(self, statement: Executable, parameters: Parameters = None, /) -> FoundRows:
        rows: Any = await _in_thread(lambda: self._connection.execute(statement, parameters).freeze())
        found: FoundRows = rows()
        return found

    async def run_sync(self, work: Callable[..., T], /, *arguments: Any) -> T:
        return await _in_thread(lambda: work(self._connection, *arguments))


async def _in_thread(work: Callable[[], T]) -> T:
    """Run in a thread, and wait for its end even if cancelled: nobody else may touch the connection before."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


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


def _drop_bad_connections(failed: ExceptionContext) -> None:
    """Use no connection again whose server or file has gone, or has become one that takes no writes."""
    if faults.breaks_connection(failed.original_exception):
        failed.is_disconnect = True


def _transactions(engine: Engine, begin: str, busy_seconds: float) -> None:
    """Take transactions out of the driver's hands, since it begins none before a read (decision 7 in `DECISIONS.md`)."""

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(_BUSY_SECONDS * 1000)}")
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(f"PRAGMA busy_timeout={int(busy_seconds * 1000)}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _began(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql(begin)


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
