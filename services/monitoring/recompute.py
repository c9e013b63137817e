"""The same figures again, out of an exported log and nothing else. No database.

It is what anybody does who doubts a figure: take the log up to the entry that the figure names, fold it, count again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring import feeds, progress, wire
from monitoring.feeds import Feed
from monitoring.figures import Cell, cell_of
from monitoring.progress import Progress


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a log says of a party's cases, by matter, and of its peers."""

    cases: dict[str, Progress]
    peers: dict[str, Feed]

    def cells(self, dimension: str = "") -> list[Cell]:
        """Every case as a cell, told apart by a field such as `province`, if one is named."""
        return [cell_of(case, getattr(case, dimension) if dimension else "") for case in self.cases.values()]


def from_log(party: str, leaves: Iterable[wire.Leaf], last: int | None = None) -> Recomputed:
    """Fold a party's log from its first leaf, up to and with the entry `last` (None: to its end)."""
    counted = (leaf for leaf in leaves if last is None or leaf.index <= last)
    said, heard = wire.read(party, counted, {})
    return Recomputed(progress.fold(party, said), feeds.hear({}, heard))
