"""SQLite through the module of Python: one writer at a time, who waits in a queue; readers never wait.

SQLite is a library in this process: a statement on an index is a call of some ten microseconds, and is made where it is asked for
(decision 7 in `DECISIONS.md`); what waits for the disk, and what people ask, runs in a thread. WAL, `synchronous=FULL`,
`BEGIN IMMEDIATE`, one writer connection: without the explicit BEGIN two load-change-save transactions lose one silently.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Dialect, Executable, StaticPool, create_engine

from storage import faults
from storage.drivers import errors, statements
from storage.drivers.found_rows import FoundRows, row_maker
from storage.drivers.statements import Ready
from storage.protocols import Connection
from storage.types import Parameters, Values

T = TypeVar("T")

_BUSY_SECONDS = 5.0
"""How long a transaction waits for another process's lock on a file; callers hear of it before their deadline."""
_STILL_BUSY_SECONDS = 0.25
"""The same, while the last one waited in vain: what waits behind it must not wait for all of them."""
_READERS = 4
"""How many connections are kept open for those who read; more are opened as they are needed."""
_STATEMENTS = 500
_DIALECT = statements.dialect_of("sqlite://")


class _File(sqlite3.Connection):
    """A connection whose transactions are begun and ended by statements only, whoever borrows it (decision 7 in `DECISIONS.md`)."""

    is_broken = False

    def commit(self) -> None:
        pass

    def rollback(self) -> None:
        pass


class Sqlite:
    """The connections to one file."""

    denied = ""

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername="sqlite")
        self.told: Callable[[str], None] | None = None
        self._writer: _File | None = None
        self._readers: list[_File] = []
        # Who waits to write waits here: a queue in the process is fair, SQLite's own busy waiting is not, and would stop the event loop.
        self._one_writer = asyncio.Lock()
        self._patience = _BUSY_SECONDS

    @property
    def is_writing(self) -> bool:
        return self._one_writer.locked()

    @asynccontextmanager
    async def write(self, only_writer_of: str = "") -> AsyncIterator[Connection]:
        async with self._one_writer:
            with self._written() as file:
                await self._begin(file)
                try:
                    yield _Here(self, file)
                    # While the disk works, more arrives to be committed together.
                    await self._commit(file)
                finally:
                    _roll_back(file)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        with self._read() as file:
            _run(file, "BEGIN")
            try:
                yield _InThread(self, file)
            finally:
                _roll_back(file)

    @asynccontextmanager
    async def read_latest(self) -> AsyncIterator[Connection]:
        with self._read() as file:
            yield _Here(self, file)

    async def empty_write_ahead_log(self) -> None:
        """A reader in the middle keeps the log; the next time cuts it."""
        async with self._one_writer:
            with self._written() as file:
                await in_thread(lambda: _run(file, "PRAGMA wal_checkpoint(TRUNCATE)"))

    async def close(self) -> None:
        files, self._readers = self._readers, []
        if self._writer is not None:
            files.append(self._writer)
            self._writer = None
        for file in files:
            file.close()

    @contextmanager
    def _written(self) -> Iterator[_File]:
        """The connection of who writes."""
        file = self._writer or self._open(busy_seconds=0)
        self._writer = file
        try:
            yield file
        finally:
            if file.is_broken:
                self._writer = None
                file.close()

    @contextmanager
    def _read(self) -> Iterator[_File]:
        """A connection of one who reads."""
        file = self._readers.pop() if self._readers else self._open(busy_seconds=_BUSY_SECONDS)
        try:
            yield file
        finally:
            if file.is_broken or len(self._readers) >= _READERS:
                file.close()
            else:
                self._readers.append(file)

    def _open(self, busy_seconds: float) -> _File:
        (name,), settings = _DIALECT.create_connect_args(self.url)
        words: dict[str, Any] = {**settings, "isolation_level": None, "check_same_thread": False}
        try:
            file = sqlite3.connect(name, factory=_File, cached_statements=_STATEMENTS, **words)
        except sqlite3.Error as error:
            raise errors.of_driver(error) from error
        try:
            _run(file, f"PRAGMA busy_timeout={int(_BUSY_SECONDS * 1000)}")
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                _run(file, f"PRAGMA {pragma}")
            _run(file, f"PRAGMA busy_timeout={int(busy_seconds * 1000)}")
        except BaseException:
            file.close()
            raise
        return file

    async def _begin(self, file: _File) -> None:
        """Begin; another process, or another `Database` of this one, may hold the lock for a while."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                file.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if "locked" not in str(error):
                    raise failed(file, error, "BEGIN IMMEDIATE") from error
                if time.monotonic() > deadline:
                    self._patience = _STILL_BUSY_SECONDS
                    raise failed(file, error, "BEGIN IMMEDIATE") from error
                await asyncio.sleep(0.005)
            else:
                self._patience = _BUSY_SECONDS
                return

    async def _commit(self, file: _File) -> None:
        if self.told is not None:
            self.told("COMMIT")
        await in_thread(lambda: _run(file, "COMMIT"))
        if self.told is not None:
            self.told("COMMITTED")


class _Here:
    """A connection whose statements run where they are asked for."""

    __slots__ = ("_file", "_kind")

    def __init__(self, kind: Sqlite, file: _File) -> None:
        self._kind, self._file = kind, file

    @property
    def dialect(self) -> Dialect:
        return _DIALECT

    async def execute(self, statement: Executable, parameters: Parameters = None, /) -> FoundRows:
        return self._found(self._ready(statement, parameters))

    async def scalar(self, statement: Executable, parameters: Values | None = None, /) -> Any:
        return (await self.execute(statement, parameters)).scalar()

    async def run_sync(self, work: Callable[..., T], /, *arguments: Any) -> T:
        """Run work of SQLAlchemy within this transaction."""
        return self._with_sqlalchemy(work, *arguments)

    def _ready(self, statement: Executable, parameters: Parameters) -> Ready:
        ready = statements.ready(statement, _DIALECT, parameters)
        if self._kind.told is not None:
            self._kind.told(ready.text)
        return ready

    def _found(self, ready: Ready) -> FoundRows:
        try:
            if ready.many:
                return FoundRows([], self._file.executemany(ready.text, ready.values).rowcount)
            cursor = self._file.execute(ready.text, ready.values)
            if cursor.description is None:
                return FoundRows([], cursor.rowcount)
            rows = cursor.fetchall()
        except sqlite3.Error as error:
            raise failed(self._file, error, ready.text) from error
        if ready.make_rows is None:
            make = row_maker(tuple(column[0] for column in cursor.description))
            return FoundRows([make(row) for row in rows], len(rows))
        return FoundRows(ready.make_rows(rows), len(rows))

    def _with_sqlalchemy(self, work: Callable[..., T], *arguments: Any) -> T:
        engine = create_engine(
            self._kind.url,
            creator=lambda: self._file,
            poolclass=StaticPool,
            pool_reset_on_return=None,
            hide_parameters=True,
        )
        with engine.begin() as connection:
            return work(connection, *arguments)


class _InThread(_Here):
    """A connection whose queries may take long: they run in a thread, and give all their rows."""

    __slots__ = ()

    async def execute(self, statement: Executable, parameters: Parameters = None, /) -> FoundRows:
        ready = self._ready(statement, parameters)
        return await in_thread(lambda: self._found(ready))

    async def run_sync(self, work: Callable[..., T], /, *arguments: Any) -> T:
        return await in_thread(lambda: self._with_sqlalchemy(work, *arguments))


async def in_thread(work: Callable[[], T]) -> T:
    """Run in a thread, and wait for its end even if cancelled: nobody else may touch the connection before."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def failed(file: _File, error: sqlite3.Error, statement: str) -> Exception:
    """Note an error: a connection whose file has gone, or was not to be written as it was opened, is not used again."""
    file.is_broken = file.is_broken or faults.breaks_connection(error)
    return errors.of_driver(error, statement)


def _run(file: _File, words: str) -> None:
    try:
        file.execute(words)
    except sqlite3.Error as error:
        raise failed(file, error, words) from error


def _roll_back(file: _File) -> None:
    if file.in_transaction and not file.is_broken:
        _run(file, "ROLLBACK")
