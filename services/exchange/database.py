"""One host's database: a single writer at a time on SQLite, row locks on PostgreSQL; migrations at start.

SQLite: WAL, `synchronous=FULL`, `BEGIN IMMEDIATE`, one writer connection per process. Without the explicit BEGIN
two load-change-save transactions lose one silently. PostgreSQL: READ COMMITTED and `FOR UPDATE`.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import SQLModel

from audit.tables import table

T = TypeVar("T")

_BUSY_MS = 15_000
_BEGIN_WRITING = "BEGIN IMMEDIATE"


class Database:
    """Connections to one database, named by a SQLAlchemy asyncio URL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self._one_writer = asyncio.Lock()
        # hide_parameters: errors must not carry personal values.
        if self.sqlite:
            creator = _at_once(make_url(url).database or ":memory:")
            self._writer = create_async_engine(
                url, async_creator=creator, pool_size=1, max_overflow=0, hide_parameters=True
            )
            self._reader = create_async_engine(
                url, async_creator=creator, pool_size=4, max_overflow=0, hide_parameters=True
            )
            _sqlite_transactions(self._writer, _BEGIN_WRITING)
            _sqlite_transactions(self._reader, "BEGIN")
        else:
            self._writer = create_async_engine(
                url, pool_size=10, max_overflow=0, pool_pre_ping=False, hide_parameters=True
            )
            self._reader = self._writer

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that may write: committed at the end, rolled back if anything is raised."""
        if not self.sqlite:
            async with self._writer.begin() as connection:
                yield connection
            return
        # A queue in the process is fair; SQLite's own busy waiting is not.
        async with self._one_writer, self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that only reads."""
        async with self._reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()

    async def migrate(self, *rooms: Path) -> None:
        """Bring the schema up to date with the migrations in these folders. Repeatable."""
        async with self._writer.begin() as connection:
            await connection.run_sync(_upgrade, rooms)


async def again(transaction: Callable[[], Awaitable[T]], times: int = 5) -> T:
    """Run a transaction, again if another one got in its way: made the same row first, or locked it out (PostgreSQL).

    Run again, it sees what the other one did.
    """
    while True:
        try:
            return await transaction()
        except DBAPIError as error:
            times -= 1
            if times <= 0 or not _in_the_way(error):
                raise


def _in_the_way(error: DBAPIError) -> bool:
    # 40001 serialization failure, 40P01 deadlock
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", "") in ("40001", "40P01")


class _AtOnce(aiosqlite.Connection):
    """Runs statements where they are asked for; what waits for a lock or the disk runs in the connection's thread.

    A statement on an index takes some ten microseconds, a way to a thread and back several times that, four times per
    statement. See `DECISIONS.md`.
    """

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        waits = fn.__name__ in ("commit", "close") or (bool(args) and args[0] == _BEGIN_WRITING)
        if waits:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return fn(*args, **kwargs)


def _at_once(path: str) -> Callable[[], _AtOnce]:
    def creator() -> _AtOnce:
        connection = _AtOnce(lambda: sqlite3.connect(path, check_same_thread=False), iter_chunk_size=64)
        connection._thread.daemon = True
        return connection

    return creator


def _sqlite_transactions(engine: AsyncEngine, begin: str) -> None:
    """Take transactions out of the driver's hands (see `DECISIONS.md`)."""

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_MS}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _upgrade(connection: Connection, rooms: Sequence[Path]) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("version_locations", ";".join(str(room / "versions") for room in rooms))
    config.set_main_option("path_separator", ";")
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


async def insert(connection: AsyncConnection, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows by one statement; nothing if there are none."""
    if rows:
        await connection.execute(table(model).insert(), rows)


async def upsert(connection: AsyncConnection, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows, replacing those with the same primary key."""
    if not rows:
        return
    target = table(model)
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(target)
    keys = [column.name for column in target.primary_key]
    rest = {c.name: statement.excluded[c.name] for c in target.columns if c.name not in keys}
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), rows)


async def insert_new(
    connection: AsyncConnection, model: type[SQLModel], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert many rows, leaving those whose primary key exists as they are."""
    if not rows:
        return
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    await connection.execute(dialect.insert(table(model)).on_conflict_do_nothing(), rows)
