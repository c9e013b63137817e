"""A pool of asyncpg's connections. The one that was given back last is taken first: it has the most prepared statements.

asyncpg's own pool starts a task for each connection that is given back, and wraps it; that cost a third of a small transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.exc import TimeoutError as PoolTimeout

_CLOSE_SECONDS = 5.0


class Sessions:
    """The connections to one server, at most so many at once; who finds none waits, first come first served."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], most: int, wait_seconds: float) -> None:
        self._connect = connect
        self._wait_seconds = wait_seconds
        self._free = asyncio.Semaphore(most)
        self._idle: list[Any] = []
        self._in_use: set[Any] = set()

    async def take(self) -> Any:
        """Take a connection, and open one if none is idle."""
        if self._free.locked():
            try:
                async with asyncio.timeout(self._wait_seconds):
                    await self._free.acquire()
            except TimeoutError as error:
                raise PoolTimeout("all connections to the database are in use") from error
        else:
            await self._free.acquire()
        try:
            session = self._last_idle() or await self._connect()
        except BaseException:
            self._free.release()
            raise
        self._in_use.add(session)
        return session

    def give_back(self, session: Any) -> None:
        """Give a connection back; one that is in a transaction still, or was forgotten meanwhile, is not used again."""
        self._free.release()
        if session not in self._in_use or session.is_closed() or session.is_in_transaction():
            session.terminate()
        else:
            self._idle.append(session)
        self._in_use.discard(session)

    def forget(self) -> None:
        """Use no connection again that is open now: those in use end as they are given back."""
        self._in_use.clear()
        for session in self._idle:
            session.terminate()
        self._idle.clear()

    async def close(self) -> None:
        """Close all that are idle with a word to the server; those in use end as they are given back."""
        idle, self._idle = self._idle, []
        self._in_use.clear()
        for session in idle:
            try:
                await session.close(timeout=_CLOSE_SECONDS)
            except Exception:  # whatever it says, it is of no use any more
                session.terminate()

    def _last_idle(self) -> Any:
        while self._idle:
            session = self._idle.pop()
            if not session.is_closed():
                return session
        return None
