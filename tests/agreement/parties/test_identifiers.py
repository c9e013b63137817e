import contextlib
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.parties import identifiers
from refusals import Malformed

KASN_LETTERS = (
    "B-900/KASN/4/2018",
    "R-1194/KASN/4/2020",
    "R-1943/KASN/7/2020",
    "B-1444/JP.01/04/2022",
    "B-1895/JP.01.02/12/2022",
)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Check = Callable[[str], str]

VALIDATORS: dict[str, tuple[Check, str]] = {
    "nip of a PNS": (lambda text: identifiers.nip(text, "PNS"), "199002152015031002"),
    "nip of a PPPK": (lambda text: identifiers.nip(text, "PPPK"), "199002152022211002"),
    "nik": (identifiers.nik, "6202015502900003"),
    "kasn_letter": (identifiers.kasn_letter, KASN_LETTERS[0]),
    "region_code": (identifiers.region_code, "62.02"),
    "decree_number": (identifiers.decree_number, "800/966/SET"),
    "sha256_hex": (identifiers.sha256_hex, DIGEST),
}
VALIDATOR = pytest.mark.parametrize(("check", "valid"), VALIDATORS.values(), ids=VALIDATORS)


@st.composite
def nips(draw: st.DrawFn, months: st.SearchStrategy[int]) -> str:
    born = draw(st.dates(date(1950, 1, 1), date(2006, 12, 31)))
    year = draw(st.integers(born.year + 18, 2030))
    month, sex, sequence = draw(months), draw(st.sampled_from("12")), draw(st.integers(1, 999))
    return f"{born:%Y%m%d}{year}{month:02}{sex}{sequence:03}"


@st.composite
def niks(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1940, 1, 1), date(2010, 12, 31)))
    day = born.day + draw(st.sampled_from([0, 40]))
    parts = draw(st.tuples(st.integers(11, 99), st.integers(1, 99), st.integers(1, 99)))
    region = "".join(f"{part:02}" for part in parts)
    return f"{region}{day:02}{born:%m%y}{draw(st.integers(1, 9999)):04}"


@given(nips(st.integers(1, 12)))
def test_every_nip_built_by_the_rules_is_accepted_and_given_back(number: str) -> None:
    assert identifiers.nip(number, "PNS") == number


@given(nips(st.integers(13, 99)))
def test_digits_13_and_14_may_exceed_12_for_a_pppk_and_for_nobody_else(number: str) -> None:
    assert identifiers.nip(number, "PPPK") == number

    with pytest.raises(Malformed):
        identifiers.nip(number, "PNS")


@given(niks())
def test_every_nik_built_by_the_rules_is_accepted_and_given_back(number: str) -> None:
    assert identifiers.nik(number) == number


@pytest.mark.parametrize("number", ["198609262015051001", "196804111993031009"])
def test_a_nip_as_printed_in_public_explanations_is_accepted(number: str) -> None:
    assert identifiers.nip(number, "PNS") == number


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("19900215201503100", "17 digits"),
        ("1990021520150310021", "19 digits"),
        ("19900215 201503 1 002", "blanks"),
        ("199002302015031002", "30 February"),
        ("199013152015031002", "month 13 of birth"),
        ("199000152015031002", "month 00 of birth"),
        ("189902152015031002", "born in 1899"),
        ("199002152015001002", "month 00 of appointment"),
        ("199002152015131002", "month 13 of appointment"),
        ("199002151990021002", "appointed in the month of birth"),
        ("199002150000031002", "appointed in the year 0"),
        ("199002152015030002", "sex 0"),
        ("199002152015033002", "sex 3"),
        ("199002152015031000", "sequence 000"),
        ("130123456", "the old NIP of 9 digits"),
        ("", "nothing"),
    ],
)
def test_a_nip_that_breaks_a_rule_is_refused(number: str, why: str) -> None:
    with pytest.raises(Malformed):
        identifiers.nip(number, "PNS")


def test_29_february_is_a_date_of_birth_in_leap_years_only() -> None:
    assert identifiers.nip("199202292015031002", "PNS")

    with pytest.raises(Malformed):
        identifiers.nip("199302292015031002", "PNS")


@pytest.mark.parametrize("employment", ["PPNPN", "HONORER", "pns", ""])
def test_only_pns_and_pppk_have_a_nip(employment: str) -> None:
    with pytest.raises(Malformed):
        identifiers.nip("199002152015031002", employment)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("620201150290000", "15 digits"),
        ("0202011502900003", "province below 10"),
        ("6200011502900003", "regency 00"),
        ("6202001502900003", "district 00"),
        ("6202013202900003", "day 32"),
        ("6202010002900003", "day 00"),
        ("6202014002900003", "day 40, a woman's day 0"),
        ("6202017202900003", "a woman's day 32"),
        ("6202013002900003", "30 February"),
        ("6202017002900003", "a woman's 30 February"),
        ("6202011513900003", "month 13"),
        ("6202011502900000", "sequence 0000"),
    ],
)
def test_a_nik_that_breaks_a_rule_is_refused(number: str, why: str) -> None:
    with pytest.raises(Malformed):
        identifiers.nik(number)


def test_29_february_in_a_nik_needs_a_year_that_is_leap_in_one_of_two_centuries() -> None:
    assert identifiers.nik("6202012902000003")  # 2000, though 1900 was none

    with pytest.raises(Malformed):
        identifiers.nik("6202012902010003")


@pytest.mark.parametrize("number", KASN_LETTERS)
def test_a_letter_number_of_kasn_is_accepted_and_given_back(number: str) -> None:
    assert identifiers.kasn_letter(number) == number


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("R-1943/KASN/13/2020", "month 13"),
        ("R-1943/KASN/07/2020", "month with a zero in the old style"),
        ("B-1444/JP.01/4/2022", "month without a zero in the new style"),
        ("R-0943/KASN/7/2020", "leading zero"),
        ("R-0/KASN/7/2020", "number 0"),
        ("X-1943/KASN/7/2020", "neither R nor B"),
        ("R-1943/KASN/7/0020", "year before 2000"),
        ("R1943/KASN/7/2020", "no hyphen"),
    ],
)
def test_a_letter_number_of_kasn_in_another_form_is_refused(number: str, why: str) -> None:
    with pytest.raises(Malformed):
        identifiers.kasn_letter(number)


@pytest.mark.parametrize("number", ["800/966/SET", "800/2344/IJ", "272/PM.00.00/K1/08/2022", "1", "A" * 60])
def test_a_letter_number_of_no_fixed_form_is_accepted_and_given_back(number: str) -> None:
    assert identifiers.decree_number(number) == number


@pytest.mark.parametrize(
    "number",
    ["", " ", "A" * 61, " 800/966/SET", "800/966/SET ", "800\t966", "800\n966", "800/966/SET\n", "800\x7f"],
)
def test_a_letter_number_is_1_to_60_printable_characters(number: str) -> None:
    with pytest.raises(Malformed):
        identifiers.decree_number(number)


@pytest.mark.parametrize("number", ["199002152015031002", "NIP 19900215 201503 1 002", "SK/6202015502900003"])
def test_a_nip_or_nik_in_place_of_a_letter_number_is_refused(number: str) -> None:
    with pytest.raises(Malformed):
        identifiers.decree_number(number)


@pytest.mark.parametrize(
    "digest", [DIGEST.upper(), DIGEST[:-1], DIGEST + "0", "g" * 64, "0x" + DIGEST[2:], ""]
)
def test_a_digest_is_64_lower_case_hexadecimal_digits(digest: str) -> None:
    with pytest.raises(Malformed):
        identifiers.sha256_hex(digest)


@pytest.mark.parametrize("code", ["6202", "62.2", "62.99", "62.02.01", "99", "00", ""])
def test_a_region_code_has_to_exist(code: str) -> None:
    with pytest.raises(Malformed):
        identifiers.region_code(code)


@VALIDATOR
def test_what_is_valid_comes_back_unchanged(check: Check, valid: str) -> None:
    assert check(valid) == valid


@VALIDATOR
@given(data=st.data())
def test_no_validator_accepts_digits_of_another_script(check: Check, valid: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([n for n, character in enumerate(valid) if character.isdigit()]))
    zero = data.draw(
        st.sampled_from([0x0660, 0x06F0, 0x0966, 0x1B50, 0xA9D0, 0xFF10])
    )  # Arabic … Javanese, wide
    text = valid[:at] + chr(zero + int(valid[at])) + valid[at + 1 :]

    with pytest.raises(Malformed):
        check(text)


@VALIDATOR
@pytest.mark.parametrize("extra", [" ", "\n", "\r\n", "\x00", "\u00a0", "\u200b", "\ufeff"])
def test_no_validator_accepts_anything_before_or_after(check: Check, valid: str, extra: str) -> None:
    for text in (extra + valid, valid + extra):
        with pytest.raises(Malformed):
            check(text)


@VALIDATOR
@given(data=st.data())
def test_whatever_is_accepted_comes_back_unchanged_and_all_else_is_a_refusal(
    check: Check, valid: str, data: st.DataObject
) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(valid))] * 2)))
    text = valid[:start] + data.draw(st.text(max_size=3)) + valid[end:]

    with contextlib.suppress(Malformed):
        assert check(text) == text


@given(nips(st.integers(1, 12)), st.integers(0, 17), st.sampled_from("-+_ ./xO"))
def test_a_nip_with_one_sign_in_place_of_a_digit_is_refused(number: str, at: int, sign: str) -> None:
    with pytest.raises(Malformed):
        identifiers.nip(number[:at] + sign + number[at + 1 :], "PNS")


@given(nips(st.integers(1, 12)), st.integers(0, 17))
def test_a_nip_with_one_digit_lost_is_refused(number: str, at: int) -> None:
    with pytest.raises(Malformed):
        identifiers.nip(number[:at] + number[at + 1 :], "PNS")


@pytest.mark.parametrize(
    ("refuse", "value"),
    [
        (lambda value: identifiers.nip(value, "PNS", field="person.nip"), "199002302015031002"),
        (lambda value: identifiers.nip(value, "PNS", field="person.nip"), "199002152015031000"),
        (lambda value: identifiers.nip(value, "PPNPN", field="person.nip"), "199002152015031002"),
        (lambda value: identifiers.nik(value, field="person.nik"), "6202013002900003"),
        (lambda value: identifiers.nik(value, field="person.nik"), "620201"),
        (lambda value: identifiers.decree_number(value, field="letter_number"), "SK 199002152015031002"),
        (lambda value: identifiers.kasn_letter(value, field="letter_number"), "Siti Aminah"),
        (lambda value: identifiers.region_code(value, field="region"), "Siti Aminah"),
        (lambda value: identifiers.sha256_hex(value, field="digest"), "Siti Aminah"),
    ],
)
def test_a_refusal_names_the_callers_field_and_never_the_value(refuse: Check, value: str) -> None:
    with pytest.raises(Malformed) as refused:
        refuse(value)

    assert refused.value.field in (
        "person.nip",
        "person.nik",
        "letter_number",
        "report_number",
        "region",
        "digest",
    )
    assert value not in str(refused.value)
    # Nor in what a traceback would print beside it.
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__


@pytest.mark.parametrize(
    "text",
    [
        "199001012015031001",
        "19900101 201503 1 001",
        "19900101.201503.1.001",
        "19900101-201503-1-001",
        "19900101_201503_1_001",
        "19900101 - 201503 - 1 - 001",
        "19900101\u00a0201503\u00a01\u00a0001",
        "1990 0101 2015 0310 01",
        "NIP.19900101 201503 1 001",
        "nip 19900101/201503/1/001 a.n. Rekaan",
        "199001012015031001@instansi.example",
        "budi.19900101.201503.1.001@instansi.example",
        "\uff11\uff19\uff19\uff10\uff10\uff11\uff10\uff11\uff12\uff10\uff11\uff15\uff10\uff13\uff11\uff10\uff10\uff11",
        "\u0661\u0669\u0669\u0660\u0660\u0661\u0660\u0661 201503 1 001",
        "6202014107900001",
        "62.02.01.410790.0001",
        "NIK 620201 410790 0001",
        "SK/6202-0141-0790-0001/2024",
        "10199001012015031001",
        "1990010120150310016202014107900001",
        "006202014107900001",
        "1990-01-01 201503 1 001",
    ],
)
def test_a_number_of_a_person_is_seen_however_it_is_written(text: str) -> None:
    assert identifiers.holds_personal_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "002/LP/PL/Kab/27.09/III/2024",
        "001/TM/ADM/PL/BWSL.PROV/30.00/VIII/2023",
        *KASN_LETTERS,
        "0211.1/HM.02.00/K1/01/2023",
        "800.1.11.1/0123/BKPSDM/2024",
        "188.45/12/HUK/2025",
        "2024-12-31 2024-11-30",
        "20240304 20240305",
        "12-11-2023 05-12-2023",
        "12-11-2023, 05-12-2023",
        "11.01 11.02 11.03 11.04",
        "11.01, 11.02, 11.03, 11.04, 62.02",
        "000123456789012345",
        "2024991234567890",
        "B/400990123456789012/2024",
        "19900230.201503.1.001",
        "019a7c3e-1990-7101-8015-031001990101",
        f"institutions/ppk-6202/matters/01990101-2015-7031-8001-199001012015/documents/{'1990010120150310' * 4}",
        DIGEST,
        "",
    ],
)
def test_what_is_nobodys_number_passes(text: str) -> None:
    assert not identifiers.holds_personal_number(text)


@given(
    nips(st.integers(1, 12)),
    st.lists(st.sampled_from(["", " ", ".", "-", "/", " - "]), min_size=17, max_size=17),
)
def test_no_signs_between_its_digits_hide_a_nip(number: str, signs: list[str]) -> None:
    assert identifiers.holds_personal_number("".join(map("".join, zip(number, [*signs, ""], strict=True))))


@given(niks(), st.lists(st.sampled_from(["", " ", ".", "-"]), min_size=15, max_size=15))
def test_no_signs_between_its_digits_hide_a_nik(number: str, signs: list[str]) -> None:
    assert identifiers.holds_personal_number("".join(map("".join, zip(number, [*signs, ""], strict=True))))


@pytest.mark.parametrize(("employment", "like"), [("CPNS", "PNS"), ("PPPK_PW", "PPPK")])
def test_a_candidate_and_a_part_time_pppk_have_numbers_like_the_whole_ones(
    employment: str, like: str
) -> None:
    number = {"PNS": "198001012005011001", "PPPK": "198001012021211001"}[like]

    assert identifiers.nip(number, employment) == number
