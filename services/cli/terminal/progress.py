"""Progress of what takes over a second, on a terminal only: never in a pipe or a file."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.output import err

with deferred_imports():
    from rich import progress as rich_progress

Item = TypeVar("Item")
_SECONDS = 1.0


def counted(items: Iterable[Item], what: str) -> Iterator[Item]:
    """Items as they come, and how many have come so far."""
    if not err.is_terminal:
        yield from items
        return
    bar = rich_progress.Progress(
        rich_progress.TextColumn("{task.description}: {task.completed:,.0f}"),
        rich_progress.TimeElapsedColumn(),
        console=err,
        transient=True,
    )
    task, begun = bar.add_task(said(what), total=None), time.monotonic()
    try:
        for number, each in enumerate(items, 1):
            if not bar.live.is_started and time.monotonic() - begun > _SECONDS:
                bar.start()
            bar.update(task, completed=number)
            yield each
    finally:
        bar.stop()


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say what is being done while it is done, where its length is not known."""
    if not err.is_terminal:
        yield
        return
    with err.status(said(what)):
        yield
