"""The lists of intake and Bawaslu's offices: what is sourced, what is not, and that a broken file is found."""

import pytest

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.elections.election import KINDS
from agreement.enforcement import intake
from agreement.parties import bawaslu_offices
from refusals import Malformed

TEXT = data_files.read("intake.toml")


def test_the_general_election_has_the_requirements_of_perbawaslu_7_of_2022() -> None:
    found = intake.requirements("PEMILU")

    confirmed = [code for code, each in found.items() if each.confirmed]
    assert confirmed == ["F-REPORTER", "F-REPORTED", "F-TIME", "M-PLACE-TIME", "M-DESCRIPTION"]


def test_what_only_the_press_of_2020_said_of_local_elections_is_unconfirmed() -> None:
    found = intake.requirements("PILKADA")

    unconfirmed = [code for code, each in found.items() if not each.confirmed]
    assert unconfirmed == ["F-B1", "F-IDENTITY", "M-WITNESSES"]


def test_lost_time_cannot_be_mended() -> None:
    assert not intake.requirement(intake.LATE, "PEMILU").curable


def test_a_requirement_of_the_other_election_is_unknown() -> None:
    with pytest.raises(Malformed) as refused:
        intake.requirement("M-WITNESSES", "PEMILU", field="missing[0]")

    assert refused.value.field == "missing[0]"


@pytest.mark.parametrize(
    ("look_up", "field"),
    [
        (intake.category, "category"),
        (intake.not_registered, "reason"),
        (intake.information_source, "source"),
        (intake.information_closed, "reason"),
        (intake.route, "routes"),
    ],
)
def test_a_code_that_no_list_has_is_refused_with_its_field(look_up, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        look_up("199001012015031001")

    assert refused.value.field == field
    assert "199001012015031001" not in refused.value.message


def test_every_line_has_its_source() -> None:
    for table in ("category", "not_registered", "information_source", "information_closed", "route"):
        assert intake.terms(table)
        assert all(each.source for each in intake.terms(table).values())


def test_every_step_of_each_election_has_a_clock() -> None:
    assert intake.clock("PEMILU", "STUDY").rule != intake.clock("PILKADA", "STUDY").rule
    assert {intake.clock(e, s).step for e in KINDS for s in intake.STEPS} == set(intake.STEPS)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('kind = "FORMAL"', 'kind = "FORMALITY"'),
        ('elections = ["PEMILU"]', 'elections = ["PEMILIHAN"]'),
        ('elections = ["PEMILU"]', "elections = []"),
        ("curable = true\n", ""),
        ("confirmed = false\n", 'confirmed = "no"\n'),
        ('requires = "F-TIME"', 'requires = "F-TIMES"'),
        ('code = "F-REPORTED"', 'code = "F-REPORTER"'),
        ('from = "known_date"', 'from = "birthday"'),
        ('step = "FINDING"', 'step = "REPORT"'),
        ('election = "PILKADA"\nstep = "STUDY"', 'election = "PEMILU"\nstep = "STUDY"'),
        ('group = "2"', 'groupe = "2"'),
        ("[[route]]", "[[rout]]"),
    ],
)
def test_a_broken_list_is_found_when_it_is_read(right: str, wrong: str) -> None:
    assert right in TEXT

    with pytest.raises(BrokenData):
        intake._parse(TEXT.replace(right, wrong, 1))


# --- offices -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["27.09", "Kab/27", "kab/27.09", "Kab/27.09 ", "Kab/27.09.1", "Kab/٢٧.09"])
def test_what_is_no_office_is_refused(code: str) -> None:
    with pytest.raises(Malformed) as refused:
        bawaslu_offices.office(code, field="office")

    assert refused.value.field == "office"
