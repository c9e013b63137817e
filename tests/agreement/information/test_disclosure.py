"""Data on request as rules: each rests on somebody who may ask, and every code is listed."""

from itertools import product

import pytest

from agreement.data_files import BrokenData, Unknown
from agreement.information import disclosure, legal_bases


def test_every_rule_is_of_somebody_who_may_ask() -> None:
    listed = {(each.data, each.role, each.of) for each in legal_bases.data_requests()}

    assert {(each.data, each.role, each.of) for each in disclosure.rules()} <= listed


def test_nothing_is_given_on_who_reported() -> None:
    words = [*disclosure.facts(), *disclosure.kinds(), *disclosure.data_words()]

    assert not [word for word in words if "report" in word.lower()]


def test_what_no_page_showed_says_so() -> None:
    for rule in disclosure.rules():
        assert {"purposes", "days", "automatic"} <= set(rule.unconfirmed), rule
        assert rule.source


def test_facts_are_never_given_without_an_officer() -> None:
    assert not [rule for rule in disclosure.rules() if rule.fields and rule.automatic]


def test_a_rule_is_found_by_who_asks_whom_for_what() -> None:
    found = disclosure.rule("evidence", "examiner", "supervisor")

    assert found is not None and found.kinds == ("EVIDENCE",)
    assert disclosure.rule("evidence", "personnel_authority", "supervisor") is None


@pytest.mark.parametrize(
    ("name", "head", "fits"),
    [
        ("application/pdf", b"%PDF-1.7", True),
        ("application/pdf", b" %PDF-1.7", False),
        ("image/jpeg", b"\xff\xd8\xff\xe0", True),
        ("image/png", b"\x89PNG\r\n\x1a\n", True),
        ("image/png", b"\x89PNG", False),
        ("video/mp4", b"\0\0\0\x18ftypmp42", True),
        ("video/mp4", b"ftypmp42", False),
        ("audio/mpeg", b"ID3\x03", True),
        ("application/pdf", b"", False),
    ],
)
def test_a_media_type_is_told_by_its_first_bytes(name: str, head: bytes, fits: bool) -> None:
    assert disclosure.media_type(name).fits(head) == fits


def test_no_two_media_types_share_a_suffix() -> None:
    pairs = product(disclosure.media_types().values(), repeat=2)

    assert not [(a, b) for a, b in pairs if a is not b and set(a.suffixes) & set(b.suffixes)]


@pytest.mark.parametrize("ask", [disclosure.purpose, disclosure.kind, disclosure.fact, disclosure.media_type])
def test_a_code_that_is_not_listed_is_refused_and_not_repeated(ask) -> None:
    with pytest.raises(Unknown) as refused:
        ask("199001012015031001")

    assert "199001012015031001" not in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('data = "study"', 'data = "reporter"'),
        ('purposes = ["EXAMINATION"]', 'purposes = ["GOSSIP"]'),
        ('purposes = ["EXAMINATION"]', "purposes = []"),
        ('kinds = ["STUDY"]', "kinds = []"),
        ("days = 14", "days = 0"),
        ("automatic = true", 'automatic = "yes"'),
    ],
)
def test_a_slip_in_the_data_is_found_when_it_is_read(wrong: str, right: str) -> None:
    text = disclosure.data_files.read("disclosure.toml")
    assert wrong in text

    with pytest.raises(BrokenData):
        disclosure._parse(text.replace(wrong, right, 1))
