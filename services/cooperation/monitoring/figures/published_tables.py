"""The tables that are published (tabel terbitan): what each asks, its rows and columns, and who hears enough to see it. Pure.

A table is data: rows are the cases told apart by a dimension, and a column counts them as a figure does. So each cell can be
counted again from the log (`recompute.counted_table`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreement.enforcement import sanctions
from agreement.parties.institutions import (
    DATA_HOLDER,
    EXAMINER,
    FORMER_EXAMINER,
    PERSONNEL_AUTHORITY,
    SUPERVISOR,
    WARNER,
)
from cooperation.monitoring.figures import case_status, definitions
from cooperation.monitoring.figures.definitions import BY_ID, Definition, Figure, Measured

_EXAMINERS = (EXAMINER, FORMER_EXAMINER)
_EVERYBODY = frozenset({SUPERVISOR, *_EXAMINERS, PERSONNEL_AUTHORITY, DATA_HOLDER, WARNER})
_ROWS = ("PROVINCE", "REGION", "TIER", "ACT", "AGENCY", "EMPLOYMENT", "POST", "ELECTION", "QUARTER")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heads in Indonesian and English, and what is counted. `share`: n of N, and a percentage beside it."""

    title_id: str
    title_en: str
    definition: Definition
    share: bool = False

    @property
    def id(self) -> str:
        """Stable id of the column."""
        return self.definition.id


@dataclass(frozen=True, slots=True)
class Table:
    """A published table. `rows`: the dimensions by which cases may be told apart, the usual one first.

    `seen_by`: the roles of parties that hear what it counts; to others its cells would say zero of what they were not told.
    """

    id: str
    title_id: str
    title_en: str
    question_id: str
    question_en: str
    rows: tuple[str, ...]
    columns: tuple[Column, ...]
    seen_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a place, act, agency or quarter, in the order of the columns."""

    key: str
    tier: str
    cells: tuple[Figure, ...]


def _count(
    id: str,
    titles: tuple[str, str],
    says: tuple[str, str],
    counts: Callable[[Measured], bool],
) -> Column:
    """A column of cases; titles and definition in Indonesian and English."""
    return Column(*titles, Definition(id, *says, lambda cell, today: counts(cell)))


def _share(id: str, title_id: str, title_en: str) -> Column:
    """A column with a figure, as `monitor summary` has it."""
    return Column(title_id, title_en, BY_ID[id], share=True)


def _at(*stages: str) -> Callable[[Measured], bool]:
    return lambda cell: cell.stage in stages


_RECOMMENDED = _count(
    "recommended",
    ("Direkomendasikan", "Recommended"),
    ("Perkara dengan rekomendasi yang tidak dicabut.", "Cases with a recommendation that was not withdrawn."),
    lambda cell: cell.stands,
)
_FOLLOWED_UP = _count(
    "followed-up",
    ("Ditindaklanjuti", "Followed up"),
    (BY_ID["follow-up-rate"].indonesian, BY_ID["follow-up-rate"].english),
    lambda cell: cell.stands and cell.followed_up,
)
_CONFORMS = _count(
    "conforms",
    ("Sesuai", "Conforming"),
    ("Tindak lanjutnya diverifikasi sesuai.", "Its follow-up was verified as conforming."),
    lambda cell: cell.stands and cell.status == case_status.CONFORMS,
)
_CANNOT = _count(
    "cannot-be-followed-up",
    ("Tidak dapat ditindaklanjuti", "Cannot be followed up"),
    (
        "Diverifikasi tidak dapat ditindaklanjuti dengan alasan sah.",
        "Verified as impossible to follow up for a lawful reason.",
    ),
    lambda cell: cell.stands and cell.status == case_status.CANNOT_BE_FOLLOWED_UP,
)
_OPEN = _count(
    "open",
    ("Masih berjalan", "Still open"),
    ("Perkara yang belum selesai pada tahap apa pun.", "Cases that are not closed, at whatever stage."),
    lambda cell: cell.stage not in case_status.CLOSED,
)
_NOT_REFERRED = (case_status.REGISTERED, case_status.STUDIED, case_status.NOT_A_VIOLATION)


def _late(cell: Measured, today: date) -> bool:
    return definitions.is_overdue(cell, today)


_HANDLING = (
    _count(
        "cases",
        ("Perkara", "Cases"),
        ("Perkara satu orang yang tercatat.", "Matters of one person."),
        lambda cell: True,
    ),
    _count(
        "reports",
        ("Laporan", "Reports"),
        ("Perkara yang berasal dari laporan.", "Cases that began with a report."),
        lambda cell: cell.origin == "REPORT",
    ),
    _count(
        "findings",
        ("Temuan", "Findings"),
        ("Perkara yang berasal dari temuan.", "Cases that began with a finding."),
        lambda cell: cell.origin == "FINDING",
    ),
    _count(
        "in-study",
        ("Dikaji", "In study"),
        ("Terdaftar atau selesai dikaji, belum diteruskan.", "Registered or studied, and not referred yet."),
        _at(case_status.REGISTERED, case_status.STUDIED),
    ),
    _count(
        "not-a-violation",
        ("Bukan pelanggaran", "Not a violation"),
        ("Kajian menyimpulkan bukan pelanggaran.", "The study concludes that it is none."),
        _at(case_status.NOT_A_VIOLATION),
    ),
    _count(
        "referred",
        ("Diteruskan", "Referred"),
        ("Diteruskan kepada pemeriksa, apa pun hasilnya.", "Referred to the examiner, whatever came of it."),
        lambda cell: cell.stage not in _NOT_REFERRED,
    ),
    _count(
        "not-proven",
        ("Tidak terbukti", "Not proven"),
        ("Pemeriksa memutus tidak terbukti.", "The examiner decides that it is not proven."),
        _at(case_status.NOT_PROVEN),
    ),
    _RECOMMENDED,
    _count(
        "withdrawn",
        ("Dicabut", "Withdrawn"),
        ("Rekomendasi yang dicabut.", "Recommendations that were withdrawn."),
        _at(case_status.WITHDRAWN),
    ),
    _FOLLOWED_UP,
    _CONFORMS,
    _OPEN,
    _share("proven-rate", "% terbukti", "% proven"),
    _share("follow-up-rate", "% ditindaklanjuti", "% followed up"),
)

_FOLLOW_UP = (
    _RECOMMENDED,
    _FOLLOWED_UP,
    _count(
        "on-time",
        ("Tepat waktu", "On time"),
        ("Ditindaklanjuti paling lambat pada hari tenggat.", "Followed up on or before its due date."),
        lambda cell: cell.stands and cell.on_time is True,
    ),
    _CONFORMS,
    _CANNOT,
    Column(
        "Melewati tenggat",
        "Overdue",
        Definition("overdue", BY_ID["overdue-rate"].indonesian, BY_ID["overdue-rate"].english, _late),
    ),
    _count(
        "blocked",
        ("Data diblokir", "Data blocked"),
        ("Data kepegawaiannya sedang diblokir.", "The person's data is blocked now."),
        lambda cell: cell.stands and cell.blocked,
    ),
    _share("follow-up-rate", "% ditindaklanjuti", "% followed up"),
    _share("on-time-rate", "% tepat waktu", "% on time"),
)

_CLASSES_EN = {
    "MORAL_CLOSED": "Moral, closed",
    "MORAL_OPEN": "Moral, open",
    "DISCIPLINE_LIGHT": "Light discipline",
    "DISCIPLINE_MEDIUM": "Medium discipline",
    "DISCIPLINE_SEVERE": "Severe discipline",
    "DISMISSAL": "Dismissal",
}


def _classes(says: tuple[str, str], of: Callable[[Measured], str]) -> Iterable[Column]:
    """A column for each class of sanction, as the agreement's data has them."""
    for code, listed in sanctions.classes().items():
        titles = (listed.text, _CLASSES_EN.get(code, code))
        yield _count(code.lower(), titles, says, _is_class(code, of))


def _is_class(code: str, of: Callable[[Measured], str]) -> Callable[[Measured], bool]:
    return lambda cell: cell.stands and of(cell) == code


_SANCTIONS = (
    _RECOMMENDED,
    *_classes(
        (
            "Kelas sanksi dalam keputusan yang diberitahukan terakhir.",
            "Class of the sanction in the decree that was told last.",
        ),
        lambda cell: cell.imposed_class,
    ),
    _count(
        "no-decree",
        ("Tanpa keputusan yang diberitahukan", "No decree told"),
        (
            "Rekomendasi yang keputusan sanksinya tidak atau belum diberitahukan.",
            "Recommendations of which no decree was told, or none yet.",
        ),
        lambda cell: cell.stands and not cell.imposed_class,
    ),
    _count(
        "other-class",
        ("Kelas lain dari rekomendasi", "Other class than recommended"),
        (
            "Keputusan dengan kelas sanksi yang lain dari yang direkomendasikan.",
            "Decrees with another class of sanction than was recommended.",
        ),
        lambda cell: cell.stands and cell.imposed_class not in ("", cell.recommended_class),
    ),
)

_RECOMMENDED_SANCTIONS = (
    _RECOMMENDED,
    *_classes(
        ("Kelas sanksi yang direkomendasikan.", "Class of sanction that was recommended."),
        lambda cell: cell.recommended_class,
    ),
)

TABLES: Mapping[str, Table] = {
    table.id: table
    for table in (
        Table(
            "handling",
            "Penanganan laporan dan temuan",
            "Handling of reports and findings",
            "Berapa laporan dan temuan ada pada setiap tahap, dan berapa yang terbukti, direkomendasikan dan ditindaklanjuti?",
            "How many reports and findings are at each stage, and how many were proven, recommended and followed up?",
            _ROWS,
            _HANDLING,
            frozenset({SUPERVISOR, *_EXAMINERS}),
        ),
        Table(
            "follow-up",
            "Tindak lanjut rekomendasi",
            "Follow-up of recommendations",
            "Berapa rekomendasi ditindaklanjuti, tepat waktu, sesuai, atau melewati tenggat?",
            "How many recommendations were followed up, on time, conforming, or are overdue?",
            ("AGENCY", *(row for row in _ROWS if row != "AGENCY")),
            _FOLLOW_UP,
            _EVERYBODY,
        ),
        Table(
            "sanctions",
            "Sanksi yang dijatuhkan",
            "Sanctions that were imposed",
            "Sanksi kelas apa yang dijatuhkan atas rekomendasi?",
            "Which class of sanction was imposed upon recommendations?",
            ("ACT", *(row for row in _ROWS if row != "ACT")),
            _SANCTIONS,
            frozenset({*_EXAMINERS, PERSONNEL_AUTHORITY}),
        ),
        Table(
            "recommended-sanctions",
            "Sanksi yang direkomendasikan",
            "Sanctions that were recommended",
            "Sanksi kelas apa yang direkomendasikan?",
            "Which class of sanction was recommended?",
            ("ACT", *(row for row in _ROWS if row != "ACT")),
            _RECOMMENDED_SANCTIONS,
            _EVERYBODY,
        ),
    )
}


def counted(
    table: Table, cells: Sequence[Measured], today: date, *, heard: bool = True
) -> tuple[list[Row], Row]:
    """Count the rows of a table by key, and its last row, the whole."""
    apart = definitions.together(cells)
    tiers = {cell.key: cell.tier for cell in cells}
    rows = [Row(key, tiers[key], _cells(table, apart[key], today, heard)) for key in sorted(apart)]
    return rows, Row("", "", _cells(table, cells, today, heard))


def _cells(table: Table, cells: Sequence[Measured], today: date, heard: bool) -> tuple[Figure, ...]:
    return tuple(definitions.figure(column.definition, cells, today, heard=heard) for column in table.columns)
