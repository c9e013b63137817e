"""Waiting for what must come to pass, with a deadline; never a sleep as a guess.

The deadline is for a program that hangs: a test that passes never waits for it, and what takes a second takes a minute where many
others want the same core. So a test gives no shorter one, unless that is what it shows; then it is stretched by the load.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from operations.local.patience import patience

T = TypeVar("T")
HANGS = 600.0
"""Seconds after which what a test waits for does not come: a condition, an answer, a process. Less than pytest's own timeout."""


async def until(condition: Callable[[], T | Awaitable[T]], within: float = HANGS) -> T:
    """Wait for what `condition` gives, as soon as that is true in the sense of `if`; asked again for `within` seconds.

    An assertion that fails inside `condition` counts as "not yet", and is what is raised at the deadline.
    """
    started = time.monotonic()
    pause = 0.005
    while True:
        failed: AssertionError | None = None
        try:
            answer = condition()
            if inspect.isawaitable(answer):
                answer = await answer
            if answer:
                return answer
        except AssertionError as error:
            failed = error
        if time.monotonic() - started > min(patience(within), HANGS):
            name = getattr(condition, "__qualname__", repr(condition))
            raise failed or AssertionError(f"{name} did not come true within {within} seconds")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def until_true(condition: Callable[[], object], within: float = HANGS) -> None:
    """`until` for a test that runs commands one after the other, without an event loop."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > min(patience(within), HANGS):
            raise AssertionError(f"it did not come true within {within} seconds")
        time.sleep(0.05)
