"""Interface of a database as the trail uses it: one transaction at a time. `storage.drivers` has both kinds."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Dialect, Executable

from storage.drivers.found_rows import FoundRows
from storage.types import Parameters, Values

T = TypeVar("T")


class Connection(Protocol):
    """A connection inside a transaction: SQLAlchemy's statements, run by the driver."""

    @property
    def dialect(self) -> Dialect: ...

    async def execute(self, statement: Executable, parameters: Parameters = None, /) -> FoundRows: ...

    async def scalar(self, statement: Executable, parameters: Values | None = None, /) -> Any: ...

    async def run_sync(self, work: Callable[..., T], /, *arguments: Any) -> T:
        """Run work of SQLAlchemy in this transaction, with a connection of its own kind: migrations, reflection."""
        ...


class Database(Protocol):
    """Committed at the end of the block, rolled back if anything is raised in it."""

    def write(self) -> AbstractAsyncContextManager[Connection]: ...
    def read(self) -> AbstractAsyncContextManager[Connection]: ...


class Driver(Database, Protocol):
    """Connections to one database, of one kind of server."""

    told: Callable[[str], None] | None
    """Function that hears of each statement, and may raise (`Database.watch`)."""

    @property
    def is_writing(self) -> bool: ...

    @property
    def denied(self) -> str: ...

    def write(self, only_writer_of: str = "") -> AbstractAsyncContextManager[Connection]: ...
    def read_latest(self) -> AbstractAsyncContextManager[Connection]: ...
    async def empty_write_ahead_log(self) -> None: ...
    async def close(self) -> None: ...
