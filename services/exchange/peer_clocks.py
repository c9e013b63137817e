"""Clocks of peers beside our own, by the times in what they sign.

A statement or receipt that is dated ahead of our clock shows a clock that is ahead by at least so much; a receipt that is older
than the statement it is for shows one that is behind. The rule of the exchange: a statement is taken if it is dated at most
`CLOCK_SKEW` ahead of its recipient's clock, and refused with TIME_IN_FUTURE beyond; receipts are taken whatever their time.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CLOCK_SKEW = timedelta(minutes=5)
"""A sender's clock may run ahead of ours by this much."""
_FRESH = timedelta(seconds=10)


@dataclass
class PeerClocks:
    """Differences of peers' clocks from ours, as last seen: `ahead` of it, or behind if negative."""

    ahead: dict[str, timedelta] = field(default_factory=dict)

    def signed(self, peer: str, at: datetime, now: datetime, *, after: datetime | None = None) -> None:
        """Note what a peer signed at an instant of its clock (UTC), which was not before `after` of ours."""
        if at > now:
            self.ahead[peer] = at - now
        elif after is not None and at < after:
            self.ahead[peer] = at - after
        elif now - at < _FRESH:
            self.ahead.pop(peer, None)
