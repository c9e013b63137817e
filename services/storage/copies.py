"""Copies of whole databases: several as of one moment while their hosts run, and back into empty ones.

SQLite is copied page by page by its own backup, out of a transaction that reads. PostgreSQL is copied table by table (COPY, text) out of one
REPEATABLE READ transaction, so that no program of the server's version is needed; the schema of the copy is made again by the
migrations of its revisions.

For the one moment every database that has a log is locked against writers until the reading transactions of all have
begun: some milliseconds, in which commits wait. So no copy knows of a statement whose sender's copy does not have it.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from storage import engines, urls

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_LOCK_SECONDS, _CONNECT_SECONDS = 15.0, 10.0
_LOG = "leaf"
"""A table into which every commit that others can see writes a row."""
_REVISIONS = "alembic_version"
_ALL_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


class NotEmpty(Exception):
    """The database that a copy is to be put into has tables; the message names it."""


class Snapshot(Protocol):
    """A database as of one moment. `kind` says of which server."""

    kind: str

    async def lock(self) -> None:
        """Let nobody commit to a log, until `unlock`."""

    async def begin(self) -> None:
        """Fix the moment."""

    async def unlock(self) -> None:
        """Let others go on."""

    async def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """Read rows as of the moment."""

    async def write(self, folder: Path, name: str) -> None:
        """Write the copy: files in `folder` whose names begin with `name`."""

    async def close(self) -> None:
        """End the transaction."""


@asynccontextmanager
async def snapshots(databases: Sequence[str]) -> AsyncIterator[Sequence[Snapshot]]:
    """Open databases (URLs) as of one moment.

    Raises whatever the drivers raise for a database that is away, or is locked for too long.
    """
    async with AsyncExitStack() as stack:
        found = [_snapshot(urls.parse(url)) for url in databases]
        for each in found:
            stack.push_async_callback(each.close)
        try:
            for each in found:
                await each.lock()
            for each in found:
                await each.begin()
        finally:
            for each in found:
                await each.unlock()
        yield found


def _snapshot(named: urls.DatabaseUrl) -> Snapshot:
    return _Sqlite(named) if named.sqlite else _Postgresql(named)


async def put_back(
    url: str, kind: str, folder: Path, name: str, revisions: Sequence[str], rooms: Sequence[Path]
) -> None:
    """Put a copy into the place of a database that is not there (SQLite) or is empty (PostgreSQL).

    Raises:
        NotEmpty: it is not.
    """
    await require_empty(url)
    named = urls.parse(url)
    if kind == SQLITE:
        target = _file_of(named)
        target.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, folder / f"{name}.sqlite", target)
        return
    database = engines.Database(url)
    try:
        await database.migrate_to(revisions, *rooms)
    finally:
        await database.close()
    connection = await _connect(named)
    try:
        async with connection.transaction():
            for file in _tables(folder, name):
                await connection.copy_to_table(file.name.split(".")[1], source=file)
    finally:
        await connection.close()


def _file_of(named: urls.DatabaseUrl) -> Path:
    return Path(str(named.url.database)).absolute()


def _tables(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}.*.copy"))


async def require_empty(url: str) -> None:
    """Check that there is nothing in a database.

    Raises:
        NotEmpty: there is.
    """
    named = urls.parse(url)
    shown = named.url.render_as_string(hide_password=True)
    if named.sqlite:
        if _file_of(named).exists():
            raise NotEmpty(f"{shown} is there")
        return
    connection = await _connect(named)
    try:
        async with connection.transaction():
            if await connection.fetch(_ALL_TABLES):
                raise NotEmpty(f"{shown} has tables")
    finally:
        await connection.close()


class _Sqlite:
    kind = SQLITE

    def __init__(self, named: urls.DatabaseUrl) -> None:
        self._file = _file_of(named)
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None

    async def lock(self) -> None:
        self._writer = self._open()
        if self._writer.execute("SELECT name FROM sqlite_master WHERE name = ?", (_LOG,)).fetchone():
            await asyncio.to_thread(self._writer.execute, "BEGIN IMMEDIATE")

    async def begin(self) -> None:
        self._reader = self._open()
        self._reader.execute("BEGIN")
        self._reader.execute("SELECT count(*) FROM sqlite_master").fetchone()

    async def unlock(self) -> None:
        if self._writer is not None:
            self._writer.close()  # which rolls back
            self._writer = None

    async def rows(self, query: str) -> Sequence[Sequence[Any]]:
        assert self._reader is not None
        return self._reader.execute(query).fetchall()

    async def write(self, folder: Path, name: str) -> None:
        await asyncio.to_thread(self._copy, folder / f"{name}.sqlite")

    def _copy(self, target: Path) -> None:
        assert self._reader is not None
        copy = sqlite3.connect(target)
        try:
            self._reader.backup(copy)
        finally:
            copy.close()

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _open(self) -> sqlite3.Connection:
        # A path with a ? or # in it would end early; `rw`: it is not made where there is none.
        return sqlite3.connect(
            f"{self._file.as_uri()}?mode=rw",
            uri=True,
            timeout=_LOCK_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )


class _Postgresql:
    kind = POSTGRESQL

    def __init__(self, named: urls.DatabaseUrl) -> None:
        self._named = named
        self._writer: Any = None
        self._reader: Any = None

    async def lock(self) -> None:
        self._writer = await _connect(self._named)
        await self._writer.execute(f"BEGIN; SET LOCAL lock_timeout = '{int(_LOCK_SECONDS)}s'")
        if await self._writer.fetchval("SELECT to_regclass($1) IS NOT NULL", _LOG):
            await self._writer.execute(f"LOCK TABLE {_LOG} IN SHARE ROW EXCLUSIVE MODE")

    async def begin(self) -> None:
        self._reader = await _connect(self._named)
        await self._reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await self._reader.fetch(_ALL_TABLES)

    async def unlock(self) -> None:
        if self._writer is not None:
            await self._writer.close()
            self._writer = None

    async def rows(self, query: str) -> Sequence[Sequence[Any]]:
        return [tuple(row) for row in await self._reader.fetch(query)]

    async def write(self, folder: Path, name: str) -> None:
        for (table,) in await self.rows(_ALL_TABLES):
            if table != _REVISIONS:
                await self._reader.copy_from_table(table, output=folder / f"{name}.{table}.copy")

    async def close(self) -> None:
        if self._reader is not None:
            await self._reader.close()


async def _connect(named: urls.DatabaseUrl) -> Any:
    """Connect; what is prepared is not kept, so that a pooler may stand between, as long as all is asked in transactions."""
    import asyncpg  # who has SQLite does not wait for it

    settings = {"statement_cache_size": 0, "timeout": named.connect_seconds or _CONNECT_SECONDS}
    if named.libpq:
        return await asyncpg.connect(named.libpq, **settings)
    _, said = named.url.get_dialect()().create_connect_args(named.url)
    return await asyncpg.connect(**said, **settings)


def revisions_of(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Name the migrations that a database has had, from the rows of `REVISIONS`."""
    return sorted(str(row[0]) for row in rows)


REVISIONS = f"SELECT version_num FROM {_REVISIONS}"  # noqa: S608 - our own name
