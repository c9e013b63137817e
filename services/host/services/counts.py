"""Counts of a host's calls and receipts, as they happen, without the library that shows them (`host.services.metrics`).

Every call is counted; most hosts are asked for their metrics rarely or never.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

CALL_SECONDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
RECEIPT_SECONDS = (0.1, 0.5, 2.0, 10.0, 60.0, 600.0, 3600.0, 86_400.0)


class Durations:
    """Durations in seconds: how many were no longer than each bound, and longer than the one before; and their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum += seconds


@dataclass
class Counts:
    """Calls by method and code, their durations by method, and the durations from a statement to its first receipt."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    call_seconds: dict[str, Durations] = field(default_factory=dict)
    receipt_seconds: Durations = field(default_factory=lambda: Durations(RECEIPT_SECONDS))

    def call_ended(self, method: str, code: str, seconds: float) -> None:
        """Count a call. Only methods that the host has come here."""
        self.calls[method, code] += 1
        if method not in self.call_seconds:
            self.call_seconds[method] = Durations(CALL_SECONDS)
        self.call_seconds[method].add(seconds)

    def receipts_came(self, delays: Iterable[float]) -> None:
        """Count first receipts by the seconds that they took."""
        for seconds in delays:
            self.receipt_seconds.add(max(seconds, 0.0))
