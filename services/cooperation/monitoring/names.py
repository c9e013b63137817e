"""Names for people: of places, authorities, offices, acts, posts and elections; empty for what has none."""

from collections.abc import Mapping
from datetime import date

from agreement.clocks.escalation import CLOCK
from agreement.data_files import Unknown
from agreement.elections import known as elections
from agreement.enforcement import sanctions, violations
from agreement.parties import institutions, offices, posts, regions
from cooperation.monitoring.figures import report_status
from cooperation.monitoring.figures.case_status import CaseStatus
from refusals import Malformed

_CLASSES = frozenset({"RECOMMENDED_CLASS", "IMPOSED_CLASS"})
_DERIVED_ID, _DERIVED_EN = "(diturunkan dari wilayah dan tanggal)", "(derived from region and date)"
_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "TIER": {
        "MINISTRY": ("Kementerian/lembaga", "Ministry or central agency"),
        "PROVINCE": ("Provinsi", "Province"),
        "REGENCY": ("Kabupaten", "Regency"),
        "CITY": ("Kota", "City"),
    },
    "ORIGIN": {
        "REPORT": ("Laporan", "Report"),
        "FINDING": ("Temuan", "Finding"),
        report_status.INFORMATION: ("Informasi awal", "First information"),
    },
    "EMPLOYMENT": {
        "PNS": ("PNS", "Civil servant (PNS)"),
        "CPNS": ("CPNS", "Candidate civil servant (CPNS)"),
        "PPPK": ("PPPK", "Contract employee (PPPK)"),
        "PPPK_PW": ("PPPK paruh waktu", "Part-time contract employee (PPPK)"),
        "PPNPN": ("PPNPN", "Non-civil-servant employee (PPNPN)"),
    },
}


def names_of(dimension: str, key: str) -> dict[str, str]:
    """The name of what cases are told apart by in Indonesian and English, by the fields of the contract.

    Proper names and texts of laws are Indonesian in both.
    """
    if dimension in _CLASSES and key in sanctions.classes():
        listed = sanctions.classes()[key]
        return {"name_id": listed.text, "name_en": listed.text_en}
    if dimension == "POST" and key in posts.posts():
        post = posts.posts()[key]
        return {"name_id": post.title_id, "name_en": post.title_en}
    if dimension == "ELECTION" and key:
        title = name_of(dimension, key)
        return {"name_id": title, "name_en": title.replace(_DERIVED_ID, _DERIVED_EN)}
    if found := _WORDS.get(dimension, {}).get(key):
        return dict(zip(("name_id", "name_en"), found, strict=True))
    name = name_of(dimension, key)
    return {"name_id": name, "name_en": name}


def name_of(dimension: str, key: str) -> str:
    """The Indonesian name of what cases are told apart by; empty for what has none but its code."""
    try:
        if dimension in ("PROVINCE", "REGION"):
            return regions.region(key).name
        if dimension == "ELECTION" and key:
            return f"{elections.election(key).title} {_DERIVED_ID}"
        if dimension == "OFFICE" and key:
            return offices.name_of(key)
        if dimension == "POST" and key:
            return posts.posts()[key].title_id
        if dimension == "ACT" and key:
            return violations.violation(key).text
        return institutions.institution(key).name if dimension == "AGENCY" else ""
    except Unknown:
        return ""


def institution_name(id: str) -> str:
    """The name of an institution."""
    known = institutions.institutions().get(id)
    return known.name if known else ""


def region_name(code: str) -> str:
    """The name of a province, regency or city."""
    known = regions.regions().get(code)
    return known.name if known else ""


def actor_name(case: CaseStatus, role: str, today: date) -> str:
    """The name of the institution that takes a step; empty for the clock, and where nobody holds the role."""
    if role == institutions.EXAMINER:
        return institution_name(case.examiner)
    try:
        return (
            ""
            if role in ("", CLOCK)
            else institution_name(institutions.role_holder(role, today, case.agency))
        )
    except Malformed:
        return ""
