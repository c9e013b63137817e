"""The same figures again, out of an exported log and nothing else. No database.

It is what anybody does who doubts a figure: take the log up to the entry that the figure names, fold it, count again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
    report_status,
)
from cooperation.monitoring.figures.agreed_figures import Period
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.definitions import Measured, measure, measure_report
from cooperation.monitoring.figures.peer_activity import PeerActivity
from cooperation.monitoring.figures.published_tables import Table, keys_of
from cooperation.monitoring.figures.report_status import ReportStatus


@dataclass(frozen=True, slots=True)
class Only:
    """A filter of cases and reports; empty and None: all. A province has its regions."""

    period: Period | None = None
    region: str = ""
    agency: str = ""
    tier: str = ""
    election: str = ""
    office: str = ""

    def has(self, case: CaseStatus) -> bool:
        """True if a case is of the period, the place, the authority, the tier, the election and the office."""
        return (
            self._is_of_time_and_place(case)
            and self.agency in ("", case.agency)
            and self.tier in ("", case.tier)
            and self.election in ("", case.election)
            and self.office in ("", case.supervisor_office, case.examiner_office, case.derived_office)
        )

    def has_report(self, report: ReportStatus) -> bool:
        """True if a report is of the period, the place and the office."""
        return self._is_of_time_and_place(report) and self.office in ("", report.office)

    def _is_of_time_and_place(self, found: CaseStatus | ReportStatus) -> bool:
        in_period = self.period is None or self.period.has(found.period_date)
        return in_period and self.region in ("", found.province, found.region)


EVERY_CASE = Only()


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Cases of a party by matter, its peers, and reports by case, as a log gives them."""

    cases: dict[str, CaseStatus]
    peers: dict[str, PeerActivity]
    reports: dict[str, ReportStatus] = field(default_factory=dict)

    def cells(self, dimension: str = "") -> list[Measured]:
        """Every case as a cell, told apart by a field such as `province`, if one is named."""
        return [measure(case, getattr(case, dimension) if dimension else "") for case in self.cases.values()]

    def table_cells(self, table: Table, dimensions: Sequence[str], only: Only = EVERY_CASE) -> list[Measured]:
        """The cells of a published table; cases that came of a report stand in the row of their report."""
        if not table.of_reports:
            cases = [case for case in self.cases.values() if only.has(case)]
            return [measure(case, keys=keys_of(case, dimensions)) for case in cases]
        reports = {id: report for id, report in self.reports.items() if only.has_report(report)}
        cells = [measure_report(report, keys_of(report, dimensions)) for report in reports.values()]
        of_them = [case for case in self.cases.values() if case.case_id in reports]
        return cells + [measure(case, keys=keys_of(reports[case.case_id], dimensions)) for case in of_them]


def from_log(party: str, leaves: Iterable[wire.Leaf], last: int | None = None) -> Recomputed:
    """Fold a party's log from its first leaf, up to and with the entry `last` (None: to its end)."""
    counted = (leaf for leaf in leaves if last is None or leaf.index <= last)
    said, heard = wire.read(party, counted, {})
    return Recomputed(
        fold_facts.fold(party, said), peer_activity.hear({}, heard), report_status.fold(party, said)
    )


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


def counted_table(
    folded: Recomputed, table: Table, today: date, dimensions: Sequence[str], only: Only = EVERY_CASE
) -> dict[str, tuple[int, int]]:
    """n and N of every cell of a published table by `cell_name`."""
    cells = folded.table_cells(table, dimensions, only)
    return {
        cell_name(table.id, dimensions, row.keys, column.id): (cell.n, cell.of)
        for row in published_tables.counted(table, cells, today, len(dimensions))
        for column, cell in zip(table.columns, row.cells, strict=True)
    }


def cell_name(table: str, dimensions: Sequence[str], keys: Sequence[str], column: str) -> str:
    """The name of a cell: `handling recommended` of the whole, `handling province 62 act 2022-DSB7 recommended`."""
    apart = [f"{by.lower()} {key or '-'}" for by, key in zip(dimensions, keys, strict=False)]
    return " ".join([table, *apart, column])
