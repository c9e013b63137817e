"""Signals that wake a host's loops: something was committed, a message came, a due time is near. No I/O.

A host is the one writer of its database, so a loop gets work by a commit of this process, by a message, or by a due time that it
can look up; it need not ask the database again and again.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

LOOK_SECONDS = 30.0
"""How long a loop sleeps at most before it looks by itself."""


class Wake:
    """The time at which one loop looks next: at once when made, then no later than it was told.

    At least `pace` seconds lie between two looks, however often it is told to look; at most `look` seconds.
    """

    def __init__(self, pace: float = 0.0, look: float = LOOK_SECONDS) -> None:
        self._pace, self._look = pace, look
        self._last = self._at = time.monotonic() - pace
        self._sooner = asyncio.Event()

    def within(self, seconds: float = 0.0) -> None:
        """Look no later than in so many seconds, but for the pace."""
        self._bring_forward(max(time.monotonic() + seconds, self._last + self._pace))

    def again(self) -> None:
        """Look at once, whatever the pace: the last look left some of the work undone."""
        self._bring_forward(time.monotonic())

    async def wait(self) -> None:
        """Wait until it is time to look. What is told from now on is for the look after this one."""
        while (left := self._at - time.monotonic()) > 0:
            self._sooner.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._sooner.wait()
        self._last = time.monotonic()
        self._at = self._last + self._look

    def _bring_forward(self, at: float) -> None:
        if at < self._at:
            self._at = at
            self._sooner.set()


@dataclass
class Signal:
    """Something that happens in this process and that several loops wait for, each with a wake of its own."""

    _wakes: list[tuple[Wake, float]] = field(default_factory=list)

    def wakes(self, wake: Wake, within: float = 0.0) -> None:
        """Let a loop look no later than so many seconds after this happened."""
        self._wakes.append((wake, within))

    def set(self) -> None:
        """Tell the loops. After the commit, never before: a loop that looks too early sees nothing, and sleeps."""
        for wake, within in self._wakes:
            wake.within(within)
