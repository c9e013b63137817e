"""A lawyer's table, asked of the rules and data of the agreement: each case of `cases/*.toml` is a question to one function."""

import pytest

from support.law_cases import ALL, ASKED, Case, limit, plain

# --- the table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", [each for each in ALL if each.ask and each.certainty != "open"], ids=lambda case: case.id
)
def test_the_rules_give_the_answer_of_the_case(case: Case) -> None:
    said = ASKED[case.ask](case.facts)

    assert plain(said.value) == (case.expected if case.answer is None else case.answer)
    if case.certainty != "confirmed":
        assert said.confirmed is not True, "the data counts as read what the case does not"


@pytest.mark.parametrize(
    "case", [each for each in ALL if each.ask and each.certainty == "open"], ids=lambda case: case.id
)
def test_an_open_case_is_open_in_the_data_with_every_reading_it_has(case: Case) -> None:
    said = ASKED[case.ask](case.facts)

    assert said.confirmed is False
    readings = [plain(each) for each in (said.value, *said.others)]
    assert (case.expected if case.answer is None else case.answer) in readings
    if case.alternative:
        assert case.alternative.split()[0] in readings


@pytest.mark.parametrize(
    "case", [each for each in ALL if each.ask == "limit" and each.alternative], ids=lambda case: case.id
)
def test_where_a_limit_can_be_read_in_two_ways_the_data_has_both(case: Case) -> None:
    said = limit(case.facts)

    assert case.alternative.split()[0] in [plain(each) for each in said.others]


def test_every_case_has_a_source_and_every_other_field_of_the_table() -> None:
    assert len({case.id for case in ALL}) == len(ALL) >= 200
    assert all(case.source and case.question and case.expected for case in ALL)
    assert {case.certainty for case in ALL} == {"confirmed", "quoted", "press", "open"}


def test_every_case_is_asked() -> None:
    assert {case.ask for case in ALL} == set(ASKED)
