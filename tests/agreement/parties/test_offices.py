"""Offices of Bawaslu and BKN: what is known of them, the office that an authority falls to, and an operator's file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agreement.data_files import BrokenData, Unknown
from agreement.parties import bawaslu_offices, institutions, office_files, offices, regions
from agreement.parties.offices import BAWASLU, BKN

HEADER = "institution,code,name,region,certainty,source\n"


@pytest.fixture
def taken_up() -> Iterator[None]:
    """An operator's lines, which are forgotten again after the test."""
    yield
    offices._added = ()
    offices.known.cache_clear()
    offices.authorities_of.cache_clear()


def a_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "offices.csv"
    path.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- ours ----------------------------------------------------------------------------------------------------------


def test_bkn_has_a_centre_and_fourteen_regional_offices() -> None:
    assert len(offices.offices(BKN)) == 15
    assert offices.office(BKN, "KANREG-VIII").name == "Kantor Regional VIII Banjarmasin"
    with pytest.raises(offices.Unknown, match="did you mean KANREG-VIII or "):
        offices.office(BKN, "KANREG-VIIII")


def test_every_province_falls_to_one_regional_office() -> None:
    served = [region for each in offices.offices(BKN).values() for region in each.regions]
    provinces = [code for code in regions.regions() if len(code) == 2]

    assert sorted(served) == sorted(provinces)


@pytest.mark.parametrize(
    ("authority", "office"),
    [
        ("ppk-6202", "KANREG-VIII"),
        ("prov-62", "KANREG-VIII"),
        ("ppk-7371", "KANREG-IV"),
        ("ppk-9671", "KANREG-XIV"),
        ("prov-31", "KANREG-V"),
        ("kemenkes", "PUSAT"),
    ],
)
def test_an_authority_falls_to_the_office_of_its_province_and_a_central_one_to_the_centre(
    authority: str, office: str
) -> None:
    line = offices.of_authority(BKN, authority)

    assert line is not None
    assert line.code == office
    assert authority in offices.authorities_of(BKN, office)


def test_every_authority_falls_to_one_office() -> None:
    found = [authority for code in offices.offices(BKN) for authority in offices.authorities_of(BKN, code)]

    assert sorted(found) == sorted(institutions.personnel_authorities())


def test_what_nobody_read_is_derived_with_its_certainty() -> None:
    line = offices.of_authority(BKN, "ppk-6202")

    assert line is not None
    assert (line.certainty, bool(line.source)) == ("open", True)


@pytest.mark.parametrize(("institution", "authority"), [("kasn", "ppk-6202"), (BKN, "ppk-0000"), (BKN, "")])
def test_an_institution_without_offices_and_no_authority_give_none(institution: str, authority: str) -> None:
    assert offices.of_authority(institution, authority) is None


@pytest.mark.parametrize("code", ["", "PUSAT ", "pusat", "KANREG-XV", "Kab/17.04"])
def test_what_is_no_office_of_an_institution_is_refused_and_not_repeated(code: str) -> None:
    with pytest.raises(Unknown) as refused:
        offices.office(BKN, code)

    assert refused.value.field == "office"
    assert not code or code not in refused.value.message


def test_bawaslus_area_codes_are_its_own() -> None:
    assert bawaslu_offices.region_of("Prov/14.00") == "33"
    assert bawaslu_offices.region_of("Kab/17.04") == "51.04"


@pytest.mark.parametrize("code", ["Kab/27.09", "Kab/14.11", "Kab/33.11", "Prov/33.00", "RI/00.00"])
def test_an_office_whose_place_is_not_known_is_taken_and_no_region_is_derived(code: str) -> None:
    assert bawaslu_offices.office(code) == code
    assert bawaslu_offices.region_of(code) is None


# --- an operator's ---------------------------------------------------------------------------------------------------


def test_an_operators_line_takes_the_place_of_ours_and_changes_the_digest(
    tmp_path: Path, taken_up: None
) -> None:
    before = offices.known().digest
    path = a_file(tmp_path, "bawaslu,Kab/27.09,Bawaslu Kabupaten Anu,74.01,open,invented for a test")

    office_files.add_file(path)

    assert bawaslu_offices.region_of("Kab/27.09") == "74.01"
    assert offices.office(BAWASLU, "Kab/17.04").region == "51.04"
    assert offices.known().digest != before


def test_an_operator_moves_a_province_to_another_regional_office(tmp_path: Path, taken_up: None) -> None:
    office_files.add_file(
        a_file(
            tmp_path,
            "bkn,KANREG-VIII,Kantor Regional VIII Banjarmasin,62,open,invented for a test",
            "bkn,KANREG-VIII,Kantor Regional VIII Banjarmasin,63,open,invented for a test",
            "bkn,KANREG-XV,Kantor Regional XV Samarinda,64,open,invented for a test",
            "bkn,KANREG-XV,Kantor Regional XV Samarinda,65,open,invented for a test",
        )
    )

    assert "ppk-6471" in offices.authorities_of(BKN, "KANREG-XV")
    assert "ppk-6471" not in offices.authorities_of(BKN, "KANREG-VIII")


def test_a_file_as_a_spreadsheet_writes_it_is_read(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "\r\nbawaslu;Kota/17.09;Bawaslu Kota Anu;51.71;open;invented, for a test",
        ";;;;;",
        header="\ufeffinstitution;code;name;region;certainty;source",
    )

    (line,) = office_files.read_file(path)

    assert (line.code, line.region, line.source) == ("Kota/17.09", "51.71", "invented, for a test")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["bawaslu,27.09,,74.01,open,x"], "line 2: code: not one of this institution's"),
        (["bawaslu,Kab/27.09,,91.01,open,x"], "line 2: region: 91.01 is 93.01 now"),
        (["bawaslu,Kab/27.09,,62.1,open,x"], "line 2: region: not a region code"),
        (["bawaslu,Kab/27.09,,74.01,sure,x"], "line 2: certainty: not of"),
        (["bawaslu,Kab/27.09,,74.01,open,"], "line 2: source: missing"),
        (["kpu-anu,Kab/27.09,,74.01,open,x"], "line 2: institution: not an institution"),
        (["bawaslu,Kab/27.09,,74.01,open"], "line 2: not 6 cells"),
        ([], "no office"),
        (
            ["bawaslu,Kab/27.09,A,74.01,open,x", "bawaslu,Kab/27.09,B,74.02,open,x"],
            "Kab/27.09: name: not the same",
        ),
        (["bawaslu,Kab/27.09,,51.04,open,x"], "Kab/27.09: region: 51.04 is that of Kab/17.04"),
        (["bkn,KANREG-I,,62,open,x"], "KANREG-I: region: 62 is that of KANREG-VIII"),
    ],
)
def test_a_wrong_file_is_refused_by_line_or_office_and_field(
    tmp_path: Path, taken_up: None, lines: list[str], problem: str
) -> None:
    with pytest.raises(BrokenData, match=problem):
        office_files.add_file(a_file(tmp_path, *lines))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenData, match=r"none.csv: file: cannot be read"):
        office_files.read_file(tmp_path / "none.csv")
