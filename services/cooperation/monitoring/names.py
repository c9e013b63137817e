"""Names for people: of places, authorities, acts, posts and elections; empty for what has none."""

from datetime import date

from agreement.clocks.escalation import CLOCK
from agreement.data_files import Unknown
from agreement.elections import known as elections
from agreement.enforcement import violations
from agreement.parties import institutions, posts, regions
from cooperation.monitoring.figures.case_status import CaseStatus
from refusals import Malformed


def name_of(dimension: str, key: str) -> str:
    """The name of what cases are told apart by."""
    try:
        if dimension in ("PROVINCE", "REGION"):
            return regions.region(key).name
        if dimension == "ELECTION" and key:
            return f"{elections.election(key).title} (diturunkan dari wilayah dan tanggal)"
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
