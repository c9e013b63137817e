"""The one shape of a host's loops: do one batch, wait for work if there was none, after a failure wait longer each time.

A loop is woken by a signal of the host context, by a due time, or after `LOOK_SECONDS` (`exchange.signals`). Work for which
nobody waits (places in the log, cosignatures, figures) is done at once on a quiet desk. While commands flow it rests after each
batch by what that took, so that it has a small share of the event loop and of SQLite's one writer, and commands have the rest.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from exchange.context import HostContext
from exchange.signals import LOOK_SECONDS, Signal, Wake

log = structlog.get_logger("host.lifecycle.loops")

_SOONEST_SECONDS = 0.1
"""A loop waits at least so long for a due time."""
_SHARE = 30
"""A loop that eases off rests so many times as long as its batch took: the busier the machine, the longer."""
_LONGEST_REST_SECONDS = 3.0
"""A loop that fails rests longer each time, but is back soon after what failed is well again."""

Due = Callable[[HostContext], Awaitable[datetime | None]]
"""Looks up when a loop has work again by the passing of time alone (UTC); None: not that anyone knows."""


def on_commit(desk: HostContext) -> Signal:
    """Leaves were committed: a command or a batch of messages took effect."""
    return desk.leaves_committed


def on_new_heads(desk: HostContext) -> Signal:
    """Leaves got their places in a log."""
    return desk.new_heads


async def never(_desk: HostContext) -> None:
    """The due time of a loop whose work comes by signals alone."""
    return


@dataclass(frozen=True, slots=True)
class Loop:
    """Work beside a host's answers to calls: `once` does a batch and says how much that was.

    It looks when `on` happens, when it is `due`, and by itself every `look` seconds; at most once in `pace` seconds. After a
    batch of `full` and more it goes on after `rest` seconds, whatever its pace; after a smaller one it eases off, for up to
    `ease` seconds. `settle`: it looks so long after `on`, so that what follows at once is in the same batch.
    """

    name: str
    once: Callable[[HostContext], Awaitable[int]]
    pace: float
    on: Callable[[HostContext], Signal] | None = None
    due: Due = never
    look: float = LOOK_SECONDS
    full: int = 1
    rest: float = 0.0
    ease: float = 0.0
    settle: float = 0.0

    def rest_after(self, done: int, took: float) -> float:
        """Seconds to rest after a batch that took so many seconds."""
        return self.rest if done >= self.full else max(self.rest, min(_SHARE * took, self.ease))


def start(loop: Loop, desk: HostContext, *also: tuple[Signal, float]) -> asyncio.Task[None]:
    """Start a loop. Further signals wake it within so many seconds."""
    wake = Wake(loop.pace, loop.look)
    if loop.on is not None:
        loop.on(desk).wakes(wake, loop.settle)
    for signal, within in also:
        signal.wakes(wake, within)
    return asyncio.create_task(_run(loop, desk, wake), name=loop.name)


async def _run(loop: Loop, desk: HostContext, wake: Wake) -> None:
    failures = 0
    while True:
        await wake.wait()
        began = time.monotonic()
        try:
            with desk.parts.trying(loop.name):
                done = await loop.once(desk)
                due = None if done else await loop.due(desk)
            desk.parts.worked(loop.name)
            failures = 0
        except asyncio.CancelledError:
            raise
        except Exception as error:
            failures += 1
            desk.parts.failed(loop.name)
            log.warning(loop.name, error=type(error).__name__, detail=plain(error), failures=failures)
            await asyncio.sleep(min(0.1 * 2 ** min(failures, 8), _LONGEST_REST_SECONDS))
            wake.again()
            continue
        if done >= loop.full or (done and loop.ease):
            await asyncio.sleep(loop.rest_after(done, time.monotonic() - began))
            wake.again()
        elif done:
            # What it did may be due again: the look that finds nothing asks when.
            wake.within(1.0)
        elif due is not None:
            # Due already, and the look did nothing about it: it must not look again and again.
            wake.within(max((due - desk.now()).total_seconds(), _SOONEST_SECONDS))


def plain(error: BaseException) -> str:
    """Our own errors in words; those of others (a database driver, say) may quote values, so only their type."""
    return str(error)[:200] if isinstance(error, ConnectionError | LookupError) else ""


async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended.

    Once is not enough: `asyncio.wait_for`, with which nats-py connects, loses a cancellation that comes just when what it
    waits for fails (cpython issue 86296), and a desk whose bus is away would not stop.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)
    await asyncio.gather(*tasks, return_exceptions=True)
