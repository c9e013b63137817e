"""Statements of this process's own commits on their way to the stream, straight from memory. No I/O.

A commit whose statements go this way writes their delivery rows as sent once and due again in a while. So nothing depends on
this memory: what is lost with it, or what the stream does not take, the relay sends when its row is due.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from exchange.signals import Signal

_MOST_BYTES = 8 * 1024 * 1024
"""While so much waits here, further commits leave their statements to the relay."""


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A committed statement: its signed bytes, and its personal part with its salt (empty if it has none)."""

    id: str
    party: str
    recipient: str
    matter: str
    signed: bytes
    plain: bytes = field(repr=False)
    attempts: int = 0  # before this one

    @property
    def size(self) -> int:
        return len(self.signed) + len(self.plain)


@dataclass
class Outgoing:
    """Statements that wait in memory for the stream.

    `stream_takes`: whether the stream takes messages now, as far as is known; without one, everything is left to the relay.
    `relay_caught_up`: the relay has no more to send than its next batch, so that what is new overtakes nothing.
    """

    stream_takes: Callable[[], bool] = lambda: False
    relay_caught_up: bool = False
    filled: Signal = field(default_factory=Signal)
    _waiting: list[OnItsWay] = field(default_factory=list)
    _bytes: int = 0

    def has_room(self) -> bool:
        """True if a commit may leave its statements here instead of to the relay."""
        return self.relay_caught_up and self._bytes < _MOST_BYTES and self.stream_takes()

    def add(self, statements: Iterable[OnItsWay]) -> None:
        """Take the statements of a commit, after it."""
        for one in statements:
            self._waiting.append(one)
            self._bytes += one.size
        self.filled.set()

    def take(self, most: int) -> list[OnItsWay]:
        """Give what waits, oldest first, at most so many; they wait here no more."""
        taken, self._waiting = self._waiting[:most], self._waiting[most:]
        self._bytes -= sum(one.size for one in taken)
        return taken
