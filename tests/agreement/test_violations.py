import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import sanctions, violations
from exchange.refusals import Malformed


def numbered(prefix: str, last: int) -> list[str]:
    return [f"2022-{prefix}{number}" for number in range(1, last + 1)]


def test_the_catalogue_has_every_line_of_the_three_lists_in_their_order() -> None:
    unnumbered = [f"2022-DSB{number}U" for number in range(9, 15)]

    assert list(violations.violations()) == [
        *numbered("KEA", 7),
        *numbered("DSA", 12),
        *numbered("DSB", 8),
        *unnumbered,
    ]


def test_number_seven_is_the_photo_with_a_candidate() -> None:
    for code in ("2022-DSA7", "2022-DSB7"):
        assert "foto bersama" in violations.violation(code).text


@pytest.mark.parametrize(
    ("code", "sanction_class"),
    [
        ("2022-DSA1", "DISCIPLINE_SEVERE"),
        ("2022-DSA3", "DISCIPLINE_MEDIUM"),
        ("2022-DSA5", "DISMISSAL"),
        ("2022-DSA9", "DISCIPLINE_MEDIUM"),
        ("2022-DSA10", "DISCIPLINE_SEVERE"),
        ("2022-DSB3", None),
        ("2022-DSB4", "DISCIPLINE_SEVERE"),
        ("2022-KEA1", None),
    ],
)
def test_a_line_has_the_class_that_the_list_gives(code: str, sanction_class: str | None) -> None:
    assert violations.violation(code).sanction_class == sanction_class


def test_ethics_lines_leave_the_choice_between_closed_and_open_and_are_confirmed() -> None:
    ethics = [each for each in violations.violations().values() if each.family == violations.ETHICS]

    assert len(ethics) == 7
    assert all(
        each.sanction_class is None and each.confirmed and "PP 42/2004" in each.basis for each in ethics
    )


def test_what_could_not_be_read_is_named_on_the_line() -> None:
    assert violations.violation("2022-DSA1").confirmed
    assert violations.violation("2022-DSA9").unconfirmed == ("basis",)
    assert violations.violation("2022-DSB6").unconfirmed == ("sanction_class", "basis")
    for violation in violations.violations().values():
        assert violation.source
        assert violation.confirmed or violation.note


def test_a_line_whose_number_is_not_confirmed_says_so_in_its_code() -> None:
    for violation in violations.violations().values():
        assert violation.code.endswith("U") == ("number" in violation.unconfirmed)


@pytest.mark.parametrize("code", ["", "2022-DSA13", "2022-dsa1", "DSA1", "2020-01", "2022-DSB9"])
def test_an_act_that_is_not_in_the_catalogue_is_refused_on_the_callers_field(code: str) -> None:
    with pytest.raises(violations.Unknown) as refused:
        violations.violation(code, field="suspected_acts[0]")

    assert isinstance(refused.value, Malformed)
    assert refused.value.field == "suspected_acts[0]"


@pytest.mark.parametrize(
    ("act", "family", "sanction_class"),
    [
        ("2022-KEA5", "ETHICS", "MORAL_CLOSED"),
        ("2022-KEA5", "ETHICS", "MORAL_OPEN"),
        ("2022-DSA7", "DISCIPLINE", "DISCIPLINE_SEVERE"),
        ("2022-DSA5", "DISCIPLINE", "DISMISSAL"),
    ],
)
def test_the_examiner_may_choose_act_family_and_class_that_stand_together(
    act: str, family: str, sanction_class: str
) -> None:
    assert violations.check_choice(act, family, sanction_class).code == act


def test_the_examiner_may_choose_a_class_other_than_the_listed_one() -> None:
    assert (
        violations.check_choice("2022-DSA7", "DISCIPLINE", "DISCIPLINE_LIGHT").sanction_class
        == "DISCIPLINE_SEVERE"
    )


@pytest.mark.parametrize(
    ("act", "family", "sanction_class", "field"),
    [
        ("2022-XXX1", "ETHICS", "MORAL_OPEN", "act"),
        ("2022-KEA5", "DISCIPLINE", "DISCIPLINE_SEVERE", "family"),
        ("2022-DSA7", "ETHICS", "MORAL_OPEN", "family"),
        ("2022-DSA7", "MORALS", "MORAL_OPEN", "family"),
        ("2022-KEA5", "ETHICS", "DISCIPLINE_LIGHT", "sanction_class"),
        ("2022-KEA5", "ETHICS", "DISMISSAL", "sanction_class"),
        ("2022-DSA7", "DISCIPLINE", "MORAL_OPEN", "sanction_class"),
        ("2022-DSA7", "DISCIPLINE", "DISIPLIN_BERAT", "sanction_class"),
    ],
)
def test_a_choice_that_contradicts_itself_is_refused(
    act: str, family: str, sanction_class: str, field: str
) -> None:
    with pytest.raises(Malformed) as refused:
        violations.check_choice(act, family, sanction_class)

    assert refused.value.field == field


@given(
    st.sampled_from(list(violations.violations())),
    st.sampled_from(["ETHICS", "DISCIPLINE"]),
    st.sampled_from(list(sanctions.classes())),
)
def test_a_choice_stands_exactly_if_act_and_class_are_of_the_chosen_family(
    act: str, family: str, sanction_class: str
) -> None:
    together = violations.violation(act).family == family == sanctions.family_of(sanction_class)
    try:
        violations.check_choice(act, family, sanction_class)
    except Malformed:
        assert not together
    else:
        assert together
