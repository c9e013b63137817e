"""Bawaslu's numbers as they are written in the field: forms are data, the text is kept, and what is none is refused."""

import pytest

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.parties import bawaslu_numbers
from refusals import Malformed

TEXT = data_files.read("bawaslu_numbers.toml")


@pytest.mark.parametrize(
    ("text", "origin", "election", "office", "registered"),
    [
        ("002/LP/PL/Kab/27.09/III/2024", "REPORT", "PEMILU", "Kab/27.09", False),
        ("006/TM/PL/Kab/27.09/IV/2024", "FINDING", "PEMILU", "Kab/27.09", False),
        ("021/LP/PL/RI/00.00/III/2024", "REPORT", "PEMILU", "RI/00.00", False),
        ("009/LP/PB/Kab/14.09/X/2024", "REPORT", "PILKADA", "Kab/14.09", False),
        ("001/Reg/LP/PB/Kab/27.09/IX/2024", "REPORT", "PILKADA", "Kab/27.09", True),
        ("001/Reg/TM/PG/Prov/14.00/IX/2024", "FINDING", "PILKADA", "Prov/14.00", True),
        ("003/TM/PG/Prov/14.00.01/XII/2024", "FINDING", "PILKADA", "Prov/14.00.01", False),
        ("001/LP/PW/Kec/14.11.01/IX/2024", "REPORT", "PILKADA", "Kec/14.11.01", False),
        ("02/Reg/LP/PB/Kab/16.12/X/2020", "REPORT", "PILKADA", "Kab/16.12", True),
        ("001/TM/ADM/PL/BWSL.PROV/30.00/VIII/2023", "FINDING", "PEMILU", "Prov/30.00", True),
        ("001/ADM/BWSL/17.04/PEMILU/XI/2018", "", "PEMILU", "Kab/17.04", True),
        ("004/ADM/BWSL/17.00/PEMILU/XI/2018", "", "PEMILU", "Prov/17.00", True),
        ("004/ADM/BWSL/00.00/PEMILU/XI/2018", "", "PEMILU", "RI/00.00", True),
    ],
)
def test_a_number_says_what_it_is(
    text: str, origin: str, election: str, office: str, registered: bool
) -> None:
    number = bawaslu_numbers.number(text)

    assert (number.text, number.origin, number.election) == (text, origin, election)
    assert (number.office, number.registered) == (office, registered)
    assert bawaslu_numbers.office_of(text) == office


@pytest.mark.parametrize(
    "text",
    [
        "002/LP/PL/KAB/27.09/III/2024",
        "002/lp/pl/kab/27.09/iii/2024",
        "02/LP/PL/Kab/27.09/III/2024",
        "002 / LP / PL / Kab / 27.09 / III / 2024",
        "002/ LP/PL/Kab /27.09/III/2024",
    ],
)
def test_a_number_is_kept_as_it_was_written_and_used_by_one_spelling(text: str) -> None:
    assert bawaslu_numbers.number(text).text == text
    assert bawaslu_numbers.canonical(text) == "002/LP/PL/Kab/27.09/III/2024"


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("1/reg/lp/pb/kab/27.09/ix/2024", "1/reg/lp/pb/kab/27.09/ix/2024"),
        ("01/REG/tm/pg/PROV/14.00/ix/2024", "001/Reg/TM/PG/Prov/14.00/IX/2024"),
        ("001/ADM/BWSL/17.04/Pemilu/XI/2018", "001/ADM/BWSL/17.04/PEMILU/XI/2018"),
        ("800/966/SET", "800/966/SET"),
    ],
)
def test_what_is_no_number_has_no_other_spelling(text: str, spelled: str) -> None:
    assert bawaslu_numbers.canonical(text) == spelled


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("2/LP", "cut"),
        ("000/LP/PL/Kab/27.09/III/2024", "sequence 000"),
        ("2/LP/PL/Kab/27.09/III/2024", "sequence of one digit"),
        ("0002/LP/PL/Kab/27.09/III/2024", "sequence of four digits"),
        ("٠٠٢/LP/PL/Kab/27.09/III/2024", "digits of another script"),
        ("002/LP/PL/Kab/27.09/IIII/2024", "no Roman numeral"),
        ("002/LP/PL/Kab/27.09/XIII/2024", "month 13"),
        ("002/LP/PL/Kab/27.09/03/2024", "Arabic month"),
        ("002/LP/XX/Kab/27.09/III/2024", "unknown election"),
        ("002/LP/PL/Kab/2709/III/2024", "area without point"),
        ("002/LP/PL/Kab/27.09/III/1024", "year before 2000"),
        ("002/PL/PB/Kab/16.12/X/2020", "neither LP nor TM"),
        ("002/LP/PL/Kab/27.09/III/2024 ", "blank at its end"),
        ("002/LP/PL/Kab/27.09/III/2024\n", "line break"),
        ("6202014107900001", "a NIK"),
        ("Siti Aminah", "a name"),
    ],
)
def test_what_is_no_number_is_refused_in_words_that_do_not_repeat_it(text: str, why: str) -> None:
    with pytest.raises(Malformed) as refused:
        bawaslu_numbers.number(text, field="registration_number")

    assert refused.value.field == "registration_number"
    assert refused.value.message.endswith("such as 002/LP/PL/Kab/27.09/III/2024")
    assert bawaslu_numbers.office_of(text) == ""


def test_a_number_without_level_whose_area_the_table_lacks_is_refused_in_words() -> None:
    with pytest.raises(Malformed) as refused:
        bawaslu_numbers.number("001/ADM/BWSL/18.03/PEMILU/XI/2018")

    assert refused.value.reason == "OFFICE_UNKNOWN"


def test_every_form_has_a_source_and_the_letters_of_an_election_are_known() -> None:
    assert all(form.source and form.examples for form in bawaslu_numbers.forms().values())
    assert {code: each.election for code, each in bawaslu_numbers.votes().items()} == {
        "PL": "PEMILU",
        "PG": "PILKADA",
        "PB": "PILKADA",
        "PW": "PILKADA",
    }


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("{sequence}/ADM/BWSL", "{sequenz}/ADM/BWSL", "form: without sequence"),
        ("/PEMILU/{month}/{year}", "/PEMILU/{moon}/{year}", "form: nothing is known of {moon}"),
        ('form = "{sequence}/ADM', 'form = "{sequence}|ADM', "form: nothing is known of |ADM"),
        ('election = "PEMILU"\nregistered', "registered", "election: either it"),
        ("002/LP/PL/Kab/27.09/III/2024", "002/LP/PX/Kab/27.09/III/2024", "is not of this form alone"),
        ('code = "PW"', 'code = "PB"', "stands twice"),
        ('certainty = "open"', 'certainty = "sure"', "certainty: not of"),
    ],
)
def test_a_broken_table_of_forms_is_found_when_it_is_read(right: str, wrong: str, problem: str) -> None:
    assert right in TEXT

    with pytest.raises(BrokenData) as broken:
        bawaslu_numbers._parse(TEXT.replace(right, wrong, 1))
    assert problem in str(broken.value)
