"""Waits at a start for a database that cannot be reached yet: a name that resolves late, a server that starts."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from storage.faults import Unreachable

log = structlog.get_logger("storage.reachable")

T = TypeVar("T")

_PATIENCE_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 5.0


async def once_reachable(work: Callable[[], Awaitable[T]], patience: float = _PATIENCE_SECONDS) -> T:
    """Do the first work with a database, again while there is no way to it; it is given up after `patience` seconds.

    Raises:
        Unreachable: there was no way to it for so long.
    """
    began, pause = time.monotonic(), 0.5
    while True:
        try:
            done = await work()
        except Unreachable as error:
            waited = time.monotonic() - began
            if waited + pause > patience:
                raise
            log.warning("waiting for the database", reason=str(error)[:200], seconds=round(waited, 1))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        else:
            if pause > 0.5:
                log.info("reconnected", to="the database", away_seconds=round(time.monotonic() - began, 1))
            return done
