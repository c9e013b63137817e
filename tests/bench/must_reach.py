"""The figures that must be reached, and the table that says which are."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

Figures = Mapping[str, Sequence[float]]
"""Each figure with a value for every round."""
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Aim:
    """A figure, and what it must be on each database: at least, or `at_most`. None: no aim, or not measured there."""

    what: str
    figure: str
    must: tuple[float | None, float | None]
    wish: tuple[float | None, float | None] = (None, None)
    at_most: bool = False
    digits: int = 2

    def met(self, value: float, aim: float | None) -> bool:
        # As it is printed: 0.996 is 1.00.
        shown = round(value, self.digits)
        return aim is not None and (shown <= aim if self.at_most else shown >= aim)


def _times(what: str, figure: str, must: tuple[float, float], wish: tuple[float, float]) -> Aim:
    return Aim(what, figure, must, wish)


def _at_most(
    what: str,
    figure: str,
    must: tuple[float | None, float | None],
    wish: tuple[float | None, float | None] = (None, None),
    digits: int = 0,
) -> Aim:
    return Aim(what, figure, must, wish, at_most=True, digits=digits)


AIMS: Sequence[Aim] = (
    _times("backlog, times the better baseline", "backlog ratio", (4, 4), (5, 5)),
    _times("64 callers to settled, times the same", "callers 64 ratio", (1.3, 0.8), (1.5, 1.5)),
    _times("64 callers, times the baseline of calls", "callers 64 beside calls", (1.0, 0.8), (1.2, 1.2)),
    _times("8 callers, times the better baseline", "callers 8 ratio", (0.8, 0.4), (1, 0.6)),
    _times("one caller, times the same", "callers 1 ratio", (0.35, 0.2), (0.5, 0.3)),
    _at_most("committed at the recipient at 50/s, p50 (ms)", "p50", (18, 30), (15, 20)),
    _at_most("the same, p99 (ms)", "p99", (55, 90), (40, 60)),
    _at_most("round trips of a command", "trips command", (None, 6)),
    _at_most("round trips of the inbox, one statement", "trips inbox", (None, 8)),
    _at_most("round trips of its receipts at the sender", "trips receipts", (None, 6)),
    _at_most("round trips of the relay", "trips relay", (None, 0)),
    _at_most("reads' p99 while packs are made, times quiet", "reads beside packs", (2, 2), (1.3, 1.3), 1),
    _at_most("ppk host of 561 parties: start to serving (s)", "start", (3, 3), digits=1),
    _at_most("the same, resident memory (MB)", "memory", (130, 130)),
    _times("batches of 100 leaves to the signed head, of raw commits", "batches", (0.3, 0.3), (0.5, 0.5)),
    _at_most("cosignature over NATS, p50 (ms)", "cosigning", (2, None), (1, None), 1),
    _at_most("callers, CPU of 10⁴ matters to 10⁶: times as much", "growth callers", (2, 2), digits=1),
    _at_most("questions, the same", "growth questions", (2, 2), digits=1),
    _at_most("statements whose plan reads a table of 10⁴ matters or more as a whole", "scans", (0, 0)),
)


def table_of(results: Mapping[str, Figures]) -> Table:
    """One table of what was measured: medians over the rounds, their range, and whether they reach the aims."""
    shown = Table(title="Must reach: median (range)")
    for name in ("what", "SQLite", "PostgreSQL", "must", "wish", "reached"):
        shown.add_column(name, justify="left" if name == "what" else "right")
    found = [results.get(kind, {}) for kind in (SQLITE, POSTGRESQL)]
    for aim in AIMS:
        values = [figures.get(aim.figure, ()) for figures in found]
        if any(values):
            shown.add_row(
                aim.what,
                *(_cell(aim, each) for each in values),
                _pair(aim.must),
                _pair(aim.wish),
                " / ".join(_reached(aim, each, which) for which, each in enumerate(values)),
            )
    return shown


def _cell(aim: Aim, values: Sequence[float]) -> str:
    if not values:
        return "–"
    low, middle, high = (
        f"{value:.{aim.digits}f}" for value in (min(values), statistics.median(values), max(values))
    )
    return f"{middle} ({low}–{high})" if len(values) > 1 else middle


def _pair(aims: tuple[float | None, float | None]) -> str:
    first, second = ("–" if aim is None else f"{aim:g}" for aim in aims)
    return first if first == second else f"{first} / {second}"


def _reached(aim: Aim, values: Sequence[float], which: int) -> str:
    if not values or aim.must[which] is None:
        return "–"
    middle = statistics.median(values)
    if aim.met(middle, aim.wish[which]):
        return "wish"
    return "yes" if aim.met(middle, aim.must[which]) else "NO"


def rates_of(results: Mapping[str, Figures]) -> Table:
    """Everything else that was measured, as it was: rates, CPU of a statement, baselines."""
    shown = Table(title="Behind it: median (range)")
    for name in ("figure", "SQLite", "PostgreSQL"):
        shown.add_column(name, justify="left" if name == "figure" else "right")
    in_table = {aim.figure for aim in AIMS}
    names = dict.fromkeys(name for figures in results.values() for name in figures if name not in in_table)
    for name in names:
        aim = Aim("", name, (None, None), digits=_digits([results[kind].get(name, ()) for kind in results]))
        shown.add_row(
            name, *(_cell(aim, results.get(kind, {}).get(name, ())) for kind in (SQLITE, POSTGRESQL))
        )
    return shown


def _digits(values: Sequence[Sequence[float]]) -> int:
    largest = max((abs(value) for each in values for value in each), default=0)
    return 0 if largest >= 100 else 1 if largest >= 10 else 2
