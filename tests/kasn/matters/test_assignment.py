"""A matter is assigned to an office of the examiner, and falls to one by the authority's region until then."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agreement.data_files import Unknown
from agreement.parties import offices
from kasn.matters import wire
from kasn.matters.domain import assignment, changes
from kasn.matters.domain.commands import AssignMatter
from kasn.matters.domain.events import Assigned
from kasn.matters.domain.matter import Matter, State, blank
from refusals import WrongState

NOW = datetime(2025, 3, 3, tzinfo=UTC)


def a_matter(party: str = "bkn", **fields: str) -> Matter:
    started = replace(blank(party, "m", "c", NOW), state=State.REFERRED, employer="ppk-6202")
    return replace(started, **fields)  # type: ignore[arg-type]  # only texts are replaced here


def test_an_assignment_names_the_office_the_one_before_and_the_table_that_was_known() -> None:
    event = assignment.assign(a_matter(office="PUSAT"), AssignMatter("KANREG-VIII"))

    assert event == Assigned("KANREG-VIII", "PUSAT", offices.known().digest)


def test_an_assignment_is_reversed_by_assigning_again() -> None:
    there = changes.apply(a_matter(), assignment.assign(a_matter(), AssignMatter("KANREG-V")))
    back = changes.apply(there, assignment.assign(there, AssignMatter("KANREG-VIII")))

    assert (there.office, back.office) == ("KANREG-V", "KANREG-VIII")


def test_the_same_office_twice_is_refused() -> None:
    with pytest.raises(WrongState) as refused:
        assignment.assign(a_matter(office="KANREG-V"), AssignMatter("KANREG-V"))

    assert refused.value.reason == "ASSIGNED_ALREADY"


@pytest.mark.parametrize(
    ("party", "office"), [("kasn", "KANREG-V"), ("bkn", "KANREG-XX"), ("bkn", "Kab/17.04")]
)
def test_an_office_that_the_examiner_has_not_is_refused(party: str, office: str) -> None:
    with pytest.raises(Unknown):
        assignment.assign(a_matter(party), AssignMatter(office))


def test_a_matter_is_shown_with_the_office_it_falls_to_until_it_is_assigned() -> None:
    matter = a_matter(report_number="002/LP/PL/Kab/27.09/III/2024")

    by_default, assigned = wire.shown(matter), wire.shown(replace(matter, office="PUSAT"))

    assert (by_default.office, by_default.derived_office) == ("", "KANREG-VIII")
    assert by_default.derived_office_certainty == "open"
    assert (assigned.office, assigned.derived_office) == ("PUSAT", "")


def test_a_recommendation_to_another_authority_changes_the_office_it_falls_to() -> None:
    assert wire.shown(a_matter(addressee="prov-31")).derived_office == "KANREG-V"


def test_the_supervisors_office_is_that_of_the_referral_or_of_the_reports_number() -> None:
    before = a_matter(report_number="002/LP/PL/Kab/27.09/III/2024")
    since = replace(before, supervisor_office="Prov/27.00")

    assert wire.shown(before).supervisor_office == "Kab/27.09"
    assert wire.shown(since).supervisor_office == "Prov/27.00"


def test_what_is_derived_does_not_pass_on_to_the_next_examiner() -> None:
    assert wire.matter(a_matter()).derived_office == ""
