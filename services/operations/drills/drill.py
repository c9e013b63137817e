"""Describes one drill: the harm that is done, and how it has to end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from operations.drills.world.drill_world import DrillWorld


class CannotPlay(Exception):
    """This drill needs something that is not there; the message says what."""


@dataclass(frozen=True)
class Drill:
    """A drill: `what` is done, how it has to `end`, and the function that does it."""

    name: str
    what: str
    end: str
    run: Callable[[DrillWorld], Awaitable[None]]
