"""Interface of a database as the trail uses it: one transaction at a time. `storage.engines` has both kinds."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Dialect, Executable

from storage.types import FoundRows, Parameters, Values

T = TypeVar("T")


class Connection(Protocol):
    """A connection inside a transaction, as SQLAlchemy's `AsyncConnection` has it."""

    @property
    def dialect(self) -> Dialect: ...

    async def execute(self, statement: Executable, parameters: Parameters = None, /) -> FoundRows: ...

    async def scalar(self, statement: Executable, parameters: Values | None = None, /) -> Any: ...

    async def run_sync(self, work: Callable[..., T], /, *arguments: Any) -> T: ...


class Database(Protocol):
    """Committed at the end of the block, rolled back if anything is raised in it."""

    def write(self) -> AbstractAsyncContextManager[Connection]: ...
    def read(self) -> AbstractAsyncContextManager[Connection]: ...
