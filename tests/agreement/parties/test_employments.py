import pytest

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.parties import employments


@pytest.mark.parametrize(
    ("status", "employment"),
    [
        ("PNS", "PNS"),
        ("cpns", "CPNS"),
        ("P3K", "PPPK"),
        ("PPPK", "PPPK"),
        ("P.P.P.K", "PPPK"),
        ("PPPK Paruh Waktu", "PPPK_PW"),
        ("pppk  paruh-waktu", "PPPK_PW"),
        ("TKD", "PPNPN"),
        ("TKK", "PPNPN"),
        ("ptt", "PPNPN"),
        ("Honorer", "PPNPN"),
        ("non_asn", "PPNPN"),
        ("ASN", None),
        ("Pegawai", None),
        ("", None),
    ],
)
def test_a_status_is_an_employment_by_the_words_of_lists(status: str, employment: str | None) -> None:
    assert employments.employment_of(status) == employment


def test_every_employment_of_the_contract_has_words() -> None:
    assert set(map(employments.employment_of, employments.words())) == {
        "PNS",
        "CPNS",
        "PPPK",
        "PPPK_PW",
        "PPNPN",
    }


def test_a_word_of_two_employments_is_broken_data() -> None:
    text = data_files.read("employments.toml").replace('"P3K PW"', '"T.K.D"')

    with pytest.raises(BrokenData, match="another employment"):
        employments.parse(text)
