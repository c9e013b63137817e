"""Columns of the published tables: heads and definitions in Indonesian and English, and what each counts. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from agreement.enforcement import audit_statuses, intake, sanctions
from agreement.enforcement.audit_statuses import AuditStatus
from cooperation.monitoring.figures import case_status, definitions, report_status
from cooperation.monitoring.figures.definitions import BY_ID, Definition, Measured


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


def _count(
    id: str,
    titles: tuple[str, str],
    says: tuple[str, str],
    counts: Callable[[Measured], bool],
) -> Column:
    """A column of cases; titles and definition in Indonesian and English."""
    return Column(*titles, Definition(id, *says, lambda cell, today: None if cell.report else counts(cell)))


def _count_reports(
    id: str,
    titles: tuple[str, str],
    says: tuple[str, str],
    counts: Callable[[Measured], bool],
) -> Column:
    """A column of reports, findings and first information."""
    return Column(*titles, Definition(id, *says, lambda cell, today: counts(cell) if cell.report else None))


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
# Columns of cases that the table of reports has too.
_OF_PERSONS = (
    "not-a-violation",
    "referred",
    "not-proven",
    "recommended",
    "followed-up",
    "criminal-track",
    "proven-rate",
    "follow-up-rate",
)
_NOT_REFERRED = (case_status.REGISTERED, case_status.STUDIED, case_status.NOT_A_VIOLATION)


def _late(cell: Measured, today: date) -> bool:
    return definitions.is_overdue(cell, today)


HANDLING = (
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
    _count(
        "criminal-track",
        ("Jalur pidana", "Criminal track"),
        (
            "Di samping disiplin diteruskan sebagai tindak pidana pemilihan (Sentra Gakkumdu), apa pun hasilnya.",
            "Beside discipline forwarded as an election offence (Sentra Gakkumdu), whatever came of it.",
        ),
        lambda cell: cell.offence,
    ),
    _share("proven-rate", "% terbukti", "% proven"),
    _share("follow-up-rate", "% ditindaklanjuti", "% followed up"),
)

FOLLOW_UP = (
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


def _classes(says: tuple[str, str], of: Callable[[Measured], str]) -> Iterable[Column]:
    """A column for each class of sanction, as the agreement's data has them."""
    for code, listed in sanctions.classes().items():
        titles = (listed.text, listed.text_en)
        yield _count(code.lower(), titles, says, _is_class(code, of))


def _is_class(code: str, of: Callable[[Measured], str]) -> Callable[[Measured], bool]:
    return lambda cell: cell.stands and of(cell) == code


SANCTIONS = (
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

RECOMMENDED_SANCTIONS = (
    _RECOMMENDED,
    *_classes(
        ("Kelas sanksi yang direkomendasikan.", "Class of sanction that was recommended."),
        lambda cell: cell.recommended_class,
    ),
)

# --- reports, findings and first information, and what became of them ------------------------------------------------


def _received(*origins: str) -> Callable[[Measured], bool]:
    return lambda cell: cell.origin in origins


def _in(*states: str) -> Callable[[Measured], bool]:
    return lambda cell: cell.report in states


def _reasons() -> Iterable[Column]:
    """A column for each reason not to register, as the agreement's data has them, and one for none that is listed."""
    listed = intake.terms("not_registered")
    for code, reason in listed.items():
        yield _not_registered(code, (reason.text, reason.text_en or reason.text), code)
    yield _not_registered("no-reason", ("Tanpa alasan dalam daftar", "No listed reason"), "")


def _not_registered(id: str, titles: tuple[str, str], reason: str) -> Column:
    says = ("Tidak diregistrasi dengan alasan ini.", "Not registered for this reason.")
    return _count_reports(
        f"not-registered-{id.lower().replace('_', '-')}",
        titles,
        says,
        lambda cell: cell.report == report_status.NOT_REGISTERED and cell.reason == reason,
    )


INTAKE = (
    _count_reports(
        "reports-received",
        ("Laporan", "Reports"),
        ("Laporan yang diterima.", "Reports that came in."),
        _received("REPORT"),
    ),
    _count_reports(
        "findings-set",
        ("Temuan", "Findings"),
        (
            "Temuan yang ditetapkan, juga dari informasi awal.",
            "Findings that were set, also of first information.",
        ),
        _received("FINDING"),
    ),
    _count_reports(
        "first-information",
        ("Informasi awal", "First information"),
        (
            "Informasi awal yang tidak atau belum menjadi temuan.",
            "First information that led to no finding, or to none yet.",
        ),
        _received(report_status.INFORMATION),
    ),
    _count_reports(
        "preliminary-study",
        ("Kajian awal", "Preliminary study"),
        (
            "Laporan dan temuan yang belum diputus diregistrasi atau tidak.",
            "Reports and findings of which it is not decided yet whether they are registered.",
        ),
        _in(report_status.RECEIVED, report_status.TO_COMPLETE),
    ),
    _count_reports(
        "to-complete",
        ("Perlu dilengkapi", "To be completed"),
        ("Di antaranya: pelapor diminta melengkapi.", "Of these: the reporter is asked to complete it."),
        _in(report_status.TO_COMPLETE),
    ),
    _count_reports(
        "registered",
        ("Diregistrasi", "Registered"),
        ("Laporan dan temuan yang diregistrasi.", "Reports and findings that were registered."),
        _in(report_status.REGISTERED, report_status.CONCLUDED),
    ),
    _count_reports(
        "not-registered",
        ("Tidak diregistrasi", "Not registered"),
        ("Laporan yang tidak diregistrasi.", "Reports that were not registered."),
        _in(report_status.NOT_REGISTERED),
    ),
    *_reasons(),
    _count_reports(
        "concluded",
        ("Selesai dikaji", "Studied"),
        ("Laporan dan temuan yang kajiannya selesai.", "Reports and findings whose study is concluded."),
        _in(report_status.CONCLUDED),
    ),
    HANDLING[0],
    *(column for column in HANDLING if column.id in _OF_PERSONS),
)

# --- the form of auditors (SIPTL) ------------------------------------------------------------------------------------


def _siptl(cell: Measured) -> AuditStatus:
    return audit_statuses.status_of(cell.status, cell.stage)


def _statuses() -> Iterable[Column]:
    """Number and share of each of the four statuses."""
    for status in audit_statuses.statuses():
        titles = (f"Status {status.code}: {status.text_id}", f"Status {status.code}: {status.text_en}")
        says = (status.definition_id, status.definition_en)
        has = _has_status(status.code)
        yield _count(f"status-{status.code}", titles, says, has)
        shared = Definition(f"status-{status.code}-rate", *says, _standing(has))
        yield Column(f"% status {status.code}", f"% status {status.code}", shared, share=True)


def _has_status(code: str) -> Callable[[Measured], bool]:
    return lambda cell: cell.stands and _siptl(cell).code == code


def _standing(counts: Callable[[Measured], bool]) -> Callable[[Measured, date], bool | None]:
    return lambda cell, today: counts(cell) if cell.stands else None


def _ages() -> Iterable[Column]:
    """Recommendations that are not settled, by days since their date."""
    for age in audit_statuses.ages():
        says = (
            "Status 2 atau 3, menurut umur sejak tanggal rekomendasi.",
            "Status 2 or 3, by days since the date of the recommendation.",
        )
        definition = Definition(f"age-{age.code}", *says, _is_of_age(age.code))
        yield Column(f"Umur {age.text_id}", f"Age {age.text_en}", definition)


def _is_of_age(code: str) -> Callable[[Measured, date], bool | None]:
    def counts(cell: Measured, today: date) -> bool:
        if not cell.stands or cell.recommended_date is None or _siptl(cell).settled:
            return False
        return audit_statuses.age_of((today - cell.recommended_date).days).code == code

    return counts


SIPTL = (_RECOMMENDED, *_statuses(), *_ages())
