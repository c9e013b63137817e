"""Clock of a host that does not go back: what it commits later bears a later time, so that a list of changes can be followed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

log = structlog.get_logger("host.lifecycle.steady_clock")

_MOST = timedelta(minutes=5)
_MICRO = timedelta(microseconds=1)


class SteadyClock:
    """Readings (UTC), each later than the one before.

    A clock that is set back by up to five minutes goes on by a microsecond for each reading until it is as far again. One that is
    set back by more was wrong: it is followed, and the log says so.
    """

    def __init__(self, read: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._read = read
        self._last = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        now = self._read()
        back = self._last - now
        if back > _MOST:
            log.warning("clock set back", seconds=round(back.total_seconds()))
        elif back >= timedelta():
            now = self._last + _MICRO
        self._last = now
        return now
