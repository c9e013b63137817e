"""Recipients of copies, and who decides in place of an authority that cannot."""

from datetime import date

import pytest

from agreement import data_files
from agreement.clocks import objections
from agreement.data_files import BrokenData
from agreement.enforcement import copies
from agreement.parties import institutions
from refusals import Malformed

RECOMMENDED = "netral.examiner.recommended.v1"
IN_2023 = date(2023, 11, 15)


def recipients(addressee: str, type: str = RECOMMENDED) -> dict[str, bool]:
    found = copies.recipients(type, addressee, "bawaslu", IN_2023)
    return {copy.recipient: copy.person for copy in found}


def test_a_recommendation_to_a_regent_is_copied_to_those_that_the_letters_show() -> None:
    assert recipients("ppk-6202") == {
        "bawaslu": True,
        "bkn": True,
        "kemendagri": False,
        "kemenpanrb": False,
        "prov-62": True,
        "insp-ppk-6202": False,
    }


def test_kpu_is_told_of_first_signs_without_the_person_and_of_nothing_else() -> None:
    assert recipients("bawaslu", "netral.personnel_authority.information_passed.v1") == {"kpu": False}
    assert not [rule for rule in copies.rules() if "kpu" in rule.to and len(rule.types) > 1]


def test_nobody_gets_two_copies_and_the_addressee_gets_none() -> None:
    assert recipients("prov-62") == {
        "bawaslu": True,
        "bkn": True,
        "kemendagri": True,
        "kemenpanrb": False,
        "insp-prov-62": False,
    }
    assert "kemendagri" not in recipients("kemendagri")


def test_of_a_central_authority_the_ministry_that_warns_it_gets_a_copy_and_kemendagri_none() -> None:
    assert recipients("kemenag") == {"bawaslu": True, "bkn": True, "kemenpanrb": False}


@pytest.mark.parametrize("word", ["recommended", "withdrawn", "corrected", "verified"])
def test_the_supervisor_gets_a_copy_of_all_that_its_matter_depends_on(word: str) -> None:
    assert recipients("ppk-6202", f"netral.examiner.{word}.v1")["bawaslu"]


def test_what_is_not_listed_is_copied_to_nobody() -> None:
    assert recipients("ppk-6202", "netral.examiner.objection_answered.v1") == {}


def test_before_anybody_could_warn_there_is_nobody_to_copy_to() -> None:
    found = copies.recipients(RECOMMENDED, "ppk-6202", "bawaslu", date(2015, 1, 1))

    assert not {"kemendagri", "insp-ppk-6202"} & {copy.recipient for copy in found}


@pytest.mark.parametrize(
    "to", ["role king", "institution nobody", "the superior", "role personnel_authority"]
)
def test_a_line_to_somebody_unknown_is_broken_data(to: str) -> None:
    text = data_files.read("copies.toml").replace("role supervisor", to, 1)

    with pytest.raises(BrokenData):
        copies._parse(text)


@pytest.mark.parametrize(
    ("institution", "superior"),
    [
        ("ppk-6202", "prov-62"),
        ("ppk-3273", "prov-32"),
        ("prov-62", "kemendagri"),
        ("kemenag", "presiden"),
        ("setjen-dpr", "presiden"),
        ("presiden", None),
    ],
)
def test_a_regency_is_under_its_governor_a_province_under_the_minister_and_a_ministry_under_the_president(
    institution: str, superior: str | None
) -> None:
    assert institutions.superior_of(institution) == superior


def test_before_there_was_an_examiner_there_is_no_rule_on_objections() -> None:
    with pytest.raises(Malformed):
        objections.rule(date(2013, 12, 31))
