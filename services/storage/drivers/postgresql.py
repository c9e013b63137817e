"""PostgreSQL through asyncpg: READ COMMITTED and `FOR UPDATE` to write, REPEATABLE READ to read.

Nothing is kept in a session from one transaction to the next but prepared statements, and those neither behind a pooler (pgbouncer in
transaction mode), which the URL names or is seen as we connect.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Dialect, Executable, StaticPool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from storage import faults, keepalive, urls
from storage.drivers import errors, statements
from storage.drivers.found_rows import FoundRow, FoundRows, row_maker
from storage.drivers.sessions import Sessions
from storage.faults import Fault
from storage.protocols import Connection
from storage.types import Parameters, Values

T = TypeVar("T")

_CONNECTIONS = 10
_WAIT_SECONDS = 15.0
"""How long a transaction waits for one of the connections before it fails."""
_CONNECT_SECONDS = 5.0
_CLOSE_SECONDS = 5.0
_STATEMENTS = 500
"""How many statements a session keeps prepared."""
_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
# As SQLAlchemy's dialect has them: its types give and take JSON as text.
_DIALECT = statements.dialect_of("postgresql+asyncpg://")


class _Session(asyncpg.Connection):  # type: ignore[misc]  # the library has no types
    """A connection that notices a server which has gone, and whose prepared statements have names that no other process has."""

    _numbers = count()
    _process = secrets.token_hex(8)

    def __init__(self, protocol: Any, transport: asyncio.Transport, *others: Any) -> None:
        super().__init__(protocol, transport, *others)
        keepalive.watch(transport.get_extra_info("socket"))

    def _get_unique_id(self, prefix: str) -> str:
        return f"netral_{prefix}_{self._process}_{next(self._numbers)}"


class Postgresql:
    """The connections to one database."""

    is_writing = False

    def __init__(self, named: urls.DatabaseUrl) -> None:
        self.named = named
        self._pooled = named.pooled
        self._sessions = Sessions(self._connect, _CONNECTIONS, _WAIT_SECONDS)
        self.denied = ""  # the last statement that the server denied for want of a right
        self.told: Callable[[str], None] | None = None

    @asynccontextmanager
    async def write(self, only_writer_of: str = "") -> AsyncIterator[Connection]:
        # In one round trip.
        lock = f"; LOCK TABLE {only_writer_of} IN SHARE ROW EXCLUSIVE MODE" if only_writer_of else ""
        async with self._session() as connection, connection.transaction(f"BEGIN{lock}"):
            yield connection
            await connection.commit()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        # All that one transaction reads is of one moment, as on SQLite: figures are sums of several queries.
        async with (
            self._session() as connection,
            connection.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ"),
        ):
            yield connection

    @asynccontextmanager
    async def read_latest(self) -> AsyncIterator[Connection]:
        async with self._session() as connection:
            # Behind a pooler only a transaction keeps the preparing of a statement and its run in one session.
            if self._pooled:
                async with connection.transaction("BEGIN"):
                    yield connection
            else:
                yield connection

    async def empty_write_ahead_log(self) -> None:
        return

    async def close(self) -> None:
        await self._sessions.close()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator["_Connection"]:
        session = await self._sessions.take()
        try:
            yield _Connection(self, session)
        finally:
            self._sessions.give_back(session)

    async def _connect(self) -> Any:
        """Connect, and see if a pooler answers."""
        session = await self._open()
        try:
            if not self._pooled and await _is_pooled(session):
                self._pooled = True
                await session.close()
                session = await self._open()
            for name in ("json", "jsonb"):
                await session.set_type_codec(
                    name, schema="pg_catalog", encoder=str, decoder=json.loads, format="text"
                )
        except _ERRORS as error:  # a server that stops may still let us in
            session.terminate()
            raise errors.of_driver(error) from error
        except BaseException:
            session.terminate()
            raise
        return session

    async def _open(self) -> Any:
        """Connect as the URL says; whatever keeps us from the server is told apart from other errors of files and networks."""
        named = self.named
        # Behind a pooler the next transaction has another session: what was prepared is gone by then.
        more = {
            "connection_class": _Session,
            "timeout": named.connect_seconds or _CONNECT_SECONDS,
            "statement_cache_size": 0 if self._pooled else _STATEMENTS,
            "max_cached_statement_lifetime": 0,
            "max_cacheable_statement_size": 0,
        }
        try:
            # asyncpg reads libpq's URLs itself.
            if named.libpq:
                return await asyncpg.connect(named.libpq, **more)
            arguments, settings = _DIALECT.create_connect_args(named.url)
            return await asyncpg.connect(*arguments, **{**settings, **more})
        except OSError as error:
            raise faults.Unreachable(str(error) or "the server does not answer") from error
        except _ERRORS as error:
            raise errors.of_driver(error) from error

    def failed(self, session: Any, error: Exception, statement: str) -> DBAPIError:
        """Note an error, and use no connection again whose server has gone, or has become one that takes no writes."""
        # What a migration changed under a prepared statement is well in a new session.
        if faults.breaks_connection(error) or isinstance(error, asyncpg.InvalidCachedStatementError):
            session.terminate()
            self._sessions.forget()
        if faults.of_database(error) is Fault.DENIED:
            self.denied = statement.removeprefix("EXPLAIN ")
        return errors.of_driver(error, statement)


class _Connection:
    """A session of the pool, for one transaction."""

    __slots__ = ("_is_committed", "_kind", "_session")

    def __init__(self, kind: Postgresql, session: Any) -> None:
        self._kind, self._session, self._is_committed = kind, session, False

    @property
    def dialect(self) -> Dialect:
        return _DIALECT

    async def execute(self, statement: Executable, parameters: Parameters = None, /) -> FoundRows:
        session, ready = self._session, statements.ready(statement, _DIALECT, parameters)
        if self._kind.told is not None:
            self._kind.told(ready.text)
        try:
            if ready.many:
                await session.executemany(ready.text, ready.values)
                return FoundRows([])
            if ready.make_rows is None and not ready.is_text:
                return FoundRows([], _count(await session.execute(ready.text, *ready.values)))
            found = await session.fetch(ready.text, *ready.values)
        except _ERRORS as error:
            raise self._kind.failed(session, error, ready.text) from error
        return FoundRows(_named(found) if ready.make_rows is None else ready.make_rows(found), len(found))

    async def scalar(self, statement: Executable, parameters: Values | None = None, /) -> Any:
        return (await self.execute(statement, parameters)).scalar()

    async def run_sync(self, work: Callable[..., T], /, *arguments: Any) -> T:
        """Run work of SQLAlchemy within this transaction."""

        async def lend() -> Any:
            return self._session

        engine = create_async_engine(
            self._kind.named.url,
            async_creator=lend,
            poolclass=StaticPool,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",  # so that it leaves the transaction to us
            hide_parameters=True,
        )
        async with engine.begin() as connection:
            return await connection.run_sync(work, *arguments)

    @asynccontextmanager
    async def transaction(self, begin: str) -> AsyncIterator[None]:
        """One transaction; what is not committed within is rolled back."""
        try:
            await self._run(begin)
            yield
        except Exception:
            await self._roll_back()
            raise
        except BaseException:
            # Cancelled, perhaps in the middle of a statement: the server ends what its client left.
            self._session.terminate()
            raise
        else:
            if not self._is_committed:
                await self._roll_back()

    async def commit(self) -> None:
        told = self._kind.told
        if told is not None:
            told("COMMIT")
        await self._run("COMMIT")
        self._is_committed = True
        if told is not None:
            told("COMMITTED")

    async def _roll_back(self) -> None:
        """Roll back, if there still is something; what went wrong before has been told, and the server ends what it has lost."""
        with suppress(DBAPIError):
            await self._run("ROLLBACK")

    async def _run(self, words: str) -> None:
        try:
            await self._session.execute(words)
        except _ERRORS as error:
            raise self._kind.failed(self._session, error, words) from error


def _count(status: str) -> int:
    """Count the rows that a statement changed, by the last word of what the server says of it; -1 where it says none."""
    word = status.rpartition(" ")[2]
    return int(word) if word.isdigit() else -1


def _named(found: list[Any]) -> list[FoundRow]:
    """Rows of a statement that only the server has read."""
    if not found:
        return []
    make = row_maker(tuple(found[0].keys()))
    return [make(row) for row in found]


async def _is_pooled(session: Any) -> bool:
    """True if the session that a transaction gets is not the one that we were told of as we connected."""
    async with session.transaction():
        given = await session.fetchval("SELECT pg_backend_pid()")
    return bool(given != session.get_server_pid())
