from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.enforcement import sanctions, violations
from refusals import Malformed

IN_2020, IN_2023 = date(2020, 9, 30), date(2023, 11, 15)


def numbered(prefix: str, last: int) -> list[str]:
    return [f"2022-{prefix}{number}" for number in range(1, last + 1)]


def test_the_catalogue_has_every_line_of_the_three_lists_in_their_order() -> None:
    unnumbered = [f"2022-DSB{number}U" for number in range(9, 15)]

    assert list(violations.in_force(IN_2023)) == [
        *numbered("KEA", 7),
        *numbered("DSA", 12),
        *numbered("DSB", 8),
        *unnumbered,
    ]


def test_the_catalogue_of_2020_has_sixteen_categories() -> None:
    assert list(violations.in_force(IN_2020)) == [f"2020-{number:02}" for number in range(1, 17)]


def test_a_category_of_2020_stands_in_the_lists_that_the_page_has_it_in() -> None:
    lists = {code: line.families for code, line in violations.in_force(IN_2020).items()}

    assert [code for code, families in lists.items() if families == ("ETHICS",)] == ["2020-02", "2020-09"]
    assert [code for code, families in lists.items() if families == ("ETHICS", "DISCIPLINE")] == [
        "2020-01",
        "2020-05",
        "2020-06",
        "2020-07",
    ]
    for code in ("2020-05", "2020-06"):
        assert "families" in violations.violation(code).unconfirmed


def test_the_levels_of_2020_are_those_that_a_page_gives() -> None:
    levels = {code: line.sanction_class for code, line in violations.in_force(IN_2020).items()}

    assert {code for code, level in levels.items() if level == "DISCIPLINE_MEDIUM"} == {
        "2020-08",
        "2020-10",
        "2020-12",
    }
    assert {code for code, level in levels.items() if level == "DISCIPLINE_SEVERE"} == {
        "2020-13",
        "2020-14",
        "2020-15",
    }
    assert levels["2020-16"] is None
    assert "DISMISSAL" in violations.violation("2020-16").note


@pytest.mark.parametrize(
    ("day", "decree"),
    [
        (date(2019, 12, 31), None),
        (date(2020, 1, 1), "skb-2020"),
        (date(2022, 9, 21), "skb-2020"),
        (date(2022, 9, 22), "skb-2022"),
        (date(2030, 1, 1), "skb-2022"),
    ],
)
def test_one_catalogue_names_the_acts_of_a_day(day: date, decree: str | None) -> None:
    named = {line.catalogue for line in violations.in_force(day).values()}

    assert named == ({decree} if decree else set())


@pytest.mark.parametrize(
    ("code", "day"), [("2022-DSA7", date(2022, 9, 21)), ("2020-03", IN_2023), ("2020-03", date(2019, 4, 17))]
)
def test_an_act_of_another_times_catalogue_is_refused(code: str, day: date) -> None:
    with pytest.raises(Malformed) as refused:
        violations.act_of(code, day, field="suspected_acts[1]")

    assert refused.value.field == "suspected_acts[1]"
    assert refused.value.message == f"skb-{code[:4]} does not name the acts of {day}"


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


def test_ethics_lines_leave_the_choice_between_closed_and_open_and_are_shown() -> None:
    ethics = [each for each in violations.in_force(IN_2023).values() if each.families == (violations.ETHICS,)]

    assert len(ethics) == 7
    assert all(each.sanction_class is None and each.shown and "PP 42/2004" in each.basis for each in ethics)


def test_what_could_not_be_read_is_named_on_the_line() -> None:
    assert violations.violation("2022-DSA1").shown
    assert not any(each.confirmed for each in violations.catalogues())
    assert violations.violation("2022-DSA9").unconfirmed == ("basis",)
    assert violations.violation("2022-DSB6").unconfirmed == ("sanction_class", "basis")
    for violation in violations.violations().values():
        assert violation.source
        assert violation.shown or violation.note


def test_a_line_whose_number_is_not_confirmed_says_so_in_its_code() -> None:
    for violation in violations.violations().values():
        assert violation.code.endswith("U") == ("number" in violation.unconfirmed)


@pytest.mark.parametrize("code", ["", "2022-DSA13", "2022-dsa1", "DSA1", "2020-1", "2020-17", "2022-DSB9"])
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
        ("2020-01", "ETHICS", "MORAL_OPEN"),
        ("2020-01", "DISCIPLINE", "DISCIPLINE_LIGHT"),
    ],
)
def test_the_examiner_may_choose_act_family_and_class_that_stand_together(
    act: str, family: str, sanction_class: str
) -> None:
    on = IN_2020 if act.startswith("2020") else IN_2023

    assert violations.check_choice(act, family, sanction_class, on).code == act


def test_the_examiner_may_choose_a_class_other_than_the_listed_one() -> None:
    assert (
        violations.check_choice("2022-DSA7", "DISCIPLINE", "DISCIPLINE_LIGHT", IN_2023).sanction_class
        == "DISCIPLINE_SEVERE"
    )


@pytest.mark.parametrize(
    ("act", "family", "sanction_class", "field"),
    [
        ("2022-XXX1", "ETHICS", "MORAL_OPEN", "act"),
        ("2020-01", "ETHICS", "MORAL_OPEN", "act"),
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
        violations.check_choice(act, family, sanction_class, IN_2023)

    assert refused.value.field == field


@given(
    st.sampled_from(list(violations.violations())),
    st.sampled_from(["ETHICS", "DISCIPLINE"]),
    st.sampled_from(list(sanctions.classes())),
    st.dates(date(2019, 1, 1), date(2026, 1, 1)),
)
def test_a_choice_stands_exactly_if_act_and_class_are_of_the_chosen_family_and_the_act_of_its_day(
    act: str, family: str, sanction_class: str, day: date
) -> None:
    listed = family in violations.violation(act).families
    together = listed and family == sanctions.family_of(sanction_class) and act in violations.in_force(day)
    try:
        violations.check_choice(act, family, sanction_class, day)
    except Malformed:
        assert not together
    else:
        assert together
