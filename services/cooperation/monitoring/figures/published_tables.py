"""The tables that are published (tabel terbitan): what each asks, its rows and columns, and who hears enough to see it. Pure.

A table is data: rows are the cases told apart by a dimension, and a column counts them as a figure does. So each cell can be
counted again from the log (`recompute.counted_table`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreement.parties.institutions import (
    AUDITOR,
    DATA_HOLDER,
    EXAMINER,
    FORMER_EXAMINER,
    PERSONNEL_AUTHORITY,
    SUPERVISOR,
    WARNER,
)
from cooperation.monitoring.figures import definitions, published_columns
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.definitions import Figure, Measured
from cooperation.monitoring.figures.published_columns import Column
from cooperation.monitoring.figures.report_status import ReportStatus

_EXAMINERS = frozenset({EXAMINER, FORMER_EXAMINER})
_EVERYBODY = _EXAMINERS | {SUPERVISOR, PERSONNEL_AUTHORITY, DATA_HOLDER, WARNER, AUDITOR}
_OF_REPORTS = ("PROVINCE", "REGION", "ORIGIN", "ELECTION", "QUARTER", "OFFICE")
_PLACES = ("PROVINCE", "REGION", "TIER", "ACT", "AGENCY", "EMPLOYMENT", "POST", "ELECTION", "QUARTER")
_ROWS = (*_PLACES, "ORIGIN", "RECOMMENDED_CLASS", "OFFICE")
_DECIDED = (*_ROWS, "IMPOSED_CLASS")


@dataclass(frozen=True, slots=True)
class Table:
    """A published table. `rows`: the dimensions by which cases may be told apart, the usual one first.

    `seen_by`: the roles of parties that hear what it counts; to others its cells would say zero of what they were not told. `own`: an
    authority hears it of its own cases, and not of those of which it only has copies. `of_reports`: it counts reports, findings and first
    information, and the cases that came of them in the rows of their reports.
    """

    id: str
    title_id: str
    title_en: str
    question_id: str
    question_en: str
    rows: tuple[str, ...]
    columns: tuple[Column, ...]
    seen_by: frozenset[str]
    own: bool = False
    of_reports: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a place, act, agency or quarter, in the order of the columns.

    `keys` are as many as there are dimensions; fewer in a subtotal, none in the whole.
    """

    keys: tuple[str, ...]
    cells: tuple[Figure, ...]


def _first(row: str, rows: tuple[str, ...]) -> tuple[str, ...]:
    return (row, *(each for each in rows if each != row))


TABLES: Mapping[str, Table] = {
    table.id: table
    for table in (
        Table(
            "intake",
            "Penerimaan laporan dan temuan",
            "Intake of reports and findings",
            "Berapa laporan dan temuan masuk, diregistrasi atau tidak dan mengapa, dan apa hasil perkaranya?",
            "How many reports and findings came in, were registered or not and why, and what became of their cases?",
            _OF_REPORTS,
            published_columns.INTAKE,
            frozenset({SUPERVISOR}),
            of_reports=True,
        ),
        Table(
            "handling",
            "Penanganan laporan dan temuan",
            "Handling of reports and findings",
            "Berapa laporan dan temuan ada pada setiap tahap, dan berapa yang terbukti, direkomendasikan dan ditindaklanjuti?",
            "How many reports and findings are at each stage, and how many were proven, recommended and followed up?",
            _ROWS,
            published_columns.HANDLING,
            _EXAMINERS | {SUPERVISOR},
        ),
        Table(
            "follow-up",
            "Tindak lanjut rekomendasi",
            "Follow-up of recommendations",
            "Berapa rekomendasi ditindaklanjuti, tepat waktu, sesuai, atau melewati tenggat?",
            "How many recommendations were followed up, on time, conforming, or are overdue?",
            _first("AGENCY", _ROWS),
            published_columns.FOLLOW_UP,
            _EVERYBODY,
        ),
        Table(
            "sanctions",
            "Sanksi yang dijatuhkan",
            "Sanctions that were imposed",
            "Sanksi kelas apa yang dijatuhkan atas rekomendasi?",
            "Which class of sanction was imposed upon recommendations?",
            _first("ACT", _DECIDED),
            published_columns.SANCTIONS,
            _EXAMINERS,
            own=True,
        ),
        Table(
            "recommended-sanctions",
            "Sanksi yang direkomendasikan",
            "Sanctions that were recommended",
            "Sanksi kelas apa yang direkomendasikan?",
            "Which class of sanction was recommended?",
            _first("ACT", _ROWS),
            published_columns.RECOMMENDED_SANCTIONS,
            _EVERYBODY,
        ),
        Table(
            "siptl",
            "Status tindak lanjut menurut bentuk SIPTL",
            "Status of follow-up in the form of SIPTL",
            "Berapa rekomendasi berstatus 1 sampai 4, dan berapa umur yang belum selesai?",
            "How many recommendations have the statuses 1 to 4, and how old is what is not settled?",
            _first("AGENCY", _ROWS),
            published_columns.SIPTL,
            _EXAMINERS,
            own=True,
        ),
    )
}


def keys_of(status: CaseStatus | ReportStatus, dimensions: Sequence[str]) -> tuple[str, ...]:
    """By what a case or report is told apart in these dimensions."""
    return tuple(str(getattr(status, dimension.lower())) for dimension in dimensions)


def counted(
    table: Table, cells: Sequence[Measured], today: date, depth: int, *, heard: bool = True
) -> list[Row]:
    """Count the rows of a table by `depth` keys: each group is followed by its subtotal, and all by the whole.

    A row that counts nothing is left out: a case without a recommendation has none in a table of recommendations.
    """
    return list(_rows(table, cells, today, heard, (), depth))


def _rows(
    table: Table, cells: Sequence[Measured], today: date, heard: bool, keys: tuple[str, ...], depth: int
) -> Iterator[Row]:
    if len(keys) < depth:
        apart: dict[str, list[Measured]] = {}
        for cell in cells:
            apart.setdefault(cell.keys[len(keys)], []).append(cell)
        for key in sorted(apart):
            yield from _rows(table, apart[key], today, heard, (*keys, key), depth)
    figures = [definitions.figure(column.definition, cells, today, heard=heard) for column in table.columns]
    if not keys or any(figure.n for figure in figures):
        yield Row(keys, tuple(figures))
