"""Names as people write them: words in any order, abbreviations, and what is written alike."""

import pytest

from agreement.names import close_to, fits, meant, named
from agreement.parties import institutions, regions

REGIONS = {code: each.name for code, each in regions.regions().items()}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("62.02", "62.02"),
        ("kotawaringin timur", "62.02"),
        ("Timur Kotawaringin", "62.02"),
        ("kotim", "62.02"),
        ("kobar", "62.01"),
        ("oki", "16.02"),
        ("kukar", "64.02"),
        ("kota palangka raya", "62.71"),
    ],
)
def test_a_region_is_found_by_words_of_its_name_or_its_abbreviation(asked: str, code: str) -> None:
    assert code in named(asked, REGIONS)


def test_a_whole_code_or_name_means_that_one_alone() -> None:
    authorities = {id: institutions.institution(id).name for id in institutions.personnel_authorities()}

    assert list(named("ppk-6202", authorities)) == ["ppk-6202"]
    assert list(named("PPK-6202", authorities)) == ["ppk-6202"]
    assert list(named(REGIONS["62"], REGIONS)) == ["62"]


def test_an_abbreviation_that_is_customary_means_one_alone() -> None:
    assert list(named("kotim", REGIONS)) == ["62.02"]
    assert list(named("Koltim", REGIONS)) == ["74.11"]


@pytest.mark.parametrize(("asked", "name"), [("kot", "Kabupaten Kotawaringin Timur"), ("", "Anything")])
def test_a_part_of_a_word_fits(asked: str, name: str) -> None:
    assert fits(asked, "62.02", name)


@pytest.mark.parametrize("asked", ["kotbar", "timkot", "62.03", "xyz"])
def test_another_name_does_not_fit(asked: str) -> None:
    assert not fits(asked, "62.02", "Kabupaten Kotawaringin Timur")


def test_a_name_with_a_typing_error_means_those_that_have_such_a_word() -> None:
    assert meant("kotwaringin", REGIONS) == [
        "62.01 (Kabupaten Kotawaringin Barat)",
        "62.02 (Kabupaten Kotawaringin Timur)",
    ]
    assert meant("qqqqqq", REGIONS) == meant("k", REGIONS) == []


def test_what_is_written_alike_is_offered() -> None:
    assert "2022-DSB7" in close_to("2022-dsb-7", ["2022-DSB7", "2022-ESB1"])
    assert close_to("zzzz", ["2022-DSB7"]) == []


def test_the_whole_name_of_a_region_is_that_of_its_government_and_of_no_other() -> None:
    governments = {"ppk-1901": "Pemerintah Kabupaten Bangka", "ppk-1905": "Pemerintah Kabupaten Bangka Barat"}

    assert list(named("kabupaten  Bangka", governments)) == ["ppk-1901"]
