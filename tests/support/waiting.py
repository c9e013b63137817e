"""Waiting for what must come to pass, with a deadline; never a sleep as a guess."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], T | Awaitable[T]], within: float = 60.0) -> T:
    """Wait for what `condition` gives, as soon as that is true in the sense of `if`; asked again for `within` seconds.

    An assertion that fails inside `condition` counts as "not yet", and is what is raised at the deadline.
    """
    deadline = asyncio.get_running_loop().time() + within
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
        if asyncio.get_running_loop().time() > deadline:
            name = getattr(condition, "__qualname__", repr(condition))
            raise failed or AssertionError(f"{name} did not come true within {within} seconds")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def until_true(condition: Callable[[], object], within: float = 60.0) -> None:
    """`until` for a test that runs commands one after the other, without an event loop."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not come true within {within} seconds")
        time.sleep(0.05)
