"""Recomputes the coverage of a campaign out of an exported log and nothing else. No database."""

from collections.abc import Iterable

from cooperation.prevention.campaigns import coverage, read_log
from cooperation.prevention.campaigns.coverage import Coverage


def from_log(party: str, campaign: str, leaves: Iterable[read_log.Leaf], last: int | None = None) -> Coverage:
    """Fold a party's log from its first leaf, up to and with the entry `last` (None: to its end)."""
    counted = (leaf for leaf in leaves if last is None or leaf.index <= last)
    return coverage.fold(read_log.happenings(party, campaign, counted))
