"""The same figures again, out of an exported log and nothing else. No database.

It is what anybody does who doubts a figure: take the log up to the entry that the figure names, fold it, count again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from agreement.clocks import calendar, working_days
from cooperation.monitoring import wire
from cooperation.monitoring.figures import (
    cohorts,
    definitions,
    early_warning,
    fold_facts,
    peer_activity,
    published_tables,
)
from cooperation.monitoring.figures.agreed_figures import Period
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.definitions import Measured, measure
from cooperation.monitoring.figures.peer_activity import PeerActivity
from cooperation.monitoring.figures.published_tables import Table


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Cases of a party by matter, and its peers, as a log gives them."""

    cases: dict[str, CaseStatus]
    peers: dict[str, PeerActivity]

    def cells(self, dimension: str = "") -> list[Measured]:
        """Every case as a cell, told apart by a field such as `province`, if one is named."""
        return [measure(case, getattr(case, dimension) if dimension else "") for case in self.cases.values()]

    def within(self, period: Period | None = None, region: str = "") -> "Recomputed":
        """Only the cases of a period and of a province, regency or city, where one is given."""
        kept = {
            matter: case
            for matter, case in self.cases.items()
            if (period is None or period.has(case.period_date)) and region in ("", case.province, case.region)
        }
        return replace(self, cases=kept)


def from_log(party: str, leaves: Iterable[wire.Leaf], last: int | None = None) -> Recomputed:
    """Fold a party's log from its first leaf, up to and with the entry `last` (None: to its end)."""
    counted = (leaf for leaf in leaves if last is None or leaf.index <= last)
    said, heard = wire.read(party, counted, {})
    return Recomputed(fold_facts.fold(party, said), peer_activity.hear({}, heard))


def warned(folded: Recomputed, windows: early_warning.Windows, by: str) -> dict[str, tuple[int, int]]:
    """Count cases lately and before (see `warnings`), for every value of a field such as `region`."""
    known = ((getattr(case, by), case.known_date, 1) for case in folded.cases.values())
    return early_warning.counts(known, windows)


def counted(folded: Recomputed, today: date, by: str = "") -> dict[str, tuple[int, int]]:
    """n and N of every figure by name, of every point of the cohort curve, and of every figure apart `by` a field.

    Names are those of `netral audit recompute`: `follow-up-rate`, `cohort 2020-06 4m`, `follow-up-rate post FUNCTIONAL`.
    """
    found = {one.id: (one.n, one.of) for one in definitions.figures(folded.cells(), today)}
    standing = [case for case in folded.cases.values() if definitions.measure(case).stands]
    dates = [(case.recommended_date, case.followed_up_date, 1) for case in standing if case.recommended_date]
    for cohort in cohorts.cohorts(dates, today, working_days.on(calendar.latest())):
        found |= {f"cohort {cohort.month} {point.within}": (point.n, point.of) for point in cohort.points}
    if by:
        cells = folded.cells(by)
        for definition in definitions.DEFINITIONS:
            apart = definitions.by_key(definition, cells, [], today)
            found |= {
                f"{definition.id} {by} {key or '-'}": (one.n, one.of) for key, one in apart.items() if one.of
            }
    return found


def counted_table(folded: Recomputed, table: Table, today: date, by: str) -> dict[str, tuple[int, int]]:
    """n and N of every cell of a published table by name: `handling recommended`, `handling province 62 recommended`."""
    rows, whole = published_tables.counted(table, folded.cells(by), today)
    named = {table.id: whole} | {f"{table.id} {by} {row.key or '-'}": row for row in rows}
    return {
        f"{name} {column.id}": (cell.n, cell.of)
        for name, row in named.items()
        for column, cell in zip(table.columns, row.cells, strict=True)
    }
