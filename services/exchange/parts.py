"""Parts of a host, such as its relay and its inbox: which of them work, and why one does not. No I/O.

Loops say how their last try went; `host.lifecycle.health` puts it together with the state of the database and of the bus, and
tells it to whoever asks.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from exchange.signals import Signal

DATABASE, BUS, RELAY, INBOX, CLOCK = "database", "bus", "relay", "inbox", "clock"
RECOVERY, OUTGOING = "recovery", "outgoing"

FAILS = "FAILS"
"""Its last try failed, for no reason that has a name here; the log names the error."""
STUCK = "STUCK"
"""It has been at one try for longer than any takes."""
RECOVERING = "RECOVERING"
"""The host was restored from a backup and serves reads only, until no peer holds more of its parties."""
STANDS_STILL = "STANDS_STILL"
"""It is switched off by the settings."""
_STUCK_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Part:
    """State of a part since an instant (UTC): it works, or `why` not."""

    why: str
    since: datetime

    @property
    def works(self) -> bool:
        return not self.why


@dataclass
class Parts:
    """The parts of one host. `shown` is what was last put together of all of them, by name."""

    changed: Signal = field(default_factory=Signal)
    shown: dict[str, Part] = field(default_factory=dict)
    _failing: dict[str, str] = field(default_factory=dict)
    _trying_since: dict[str, float] = field(default_factory=dict)

    def failed(self, name: str, why: str = FAILS) -> None:
        """The last try of a part failed."""
        if self._failing.get(name) != why:
            self._failing[name] = why
            self.changed.set()

    def worked(self, name: str) -> None:
        """The last try of a part went well."""
        if self._failing.pop(name, None) is not None:
            self.changed.set()

    @contextmanager
    def trying(self, name: str) -> Iterator[None]:
        """Note that a part is at a try, so that one that never ends is seen."""
        self._trying_since[name] = time.monotonic()
        try:
            yield
        finally:
            del self._trying_since[name]

    def trouble(self, name: str) -> str:
        """The reason why a part does not work, by what it said itself; empty if it does."""
        since = self._trying_since.get(name)
        if since is not None and time.monotonic() - since > _STUCK_SECONDS:
            return STUCK
        return self._failing.get(name, "")

    def show(self, found: Mapping[str, str], now: datetime) -> dict[str, tuple[Part | None, Part]]:
        """Show why each part does not work (empty: it works); gives those that changed, as they were and as they are."""
        changed: dict[str, tuple[Part | None, Part]] = {}
        for name, why in found.items():
            before = self.shown.get(name)
            if before is None or before.why != why:
                self.shown[name] = Part(why, now)
                changed[name] = before, self.shown[name]
        return changed
