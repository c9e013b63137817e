from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.enforcement import sanctions
from refusals import Malformed


def test_there_are_two_moral_classes_and_four_of_discipline_with_their_indonesian_codes() -> None:
    assert [(each.code, each.code_id, each.family) for each in sanctions.classes().values()] == [
        ("MORAL_CLOSED", "MORAL_TERTUTUP", "ETHICS"),
        ("MORAL_OPEN", "MORAL_TERBUKA", "ETHICS"),
        ("DISCIPLINE_LIGHT", "DISIPLIN_RINGAN", "DISCIPLINE"),
        ("DISCIPLINE_MEDIUM", "DISIPLIN_SEDANG", "DISCIPLINE"),
        ("DISCIPLINE_SEVERE", "DISIPLIN_BERAT", "DISCIPLINE"),
        ("DISMISSAL", "PTDH", "DISCIPLINE"),
    ]


PNS_2020 = (
    "PP42-15-CLOSED PP42-15-OPEN PTDH PP53-7-2-A PP53-7-2-B PP53-7-2-C PP53-7-3-A PP53-7-3-B PP53-7-3-C "
    "PP53-7-4-A PP53-7-4-B PP53-7-4-C PP53-7-4-D PP53-7-4-E"
)
PNS_2023 = (
    "PP42-15-CLOSED PP42-15-OPEN PTDH PP94-8-2-A PP94-8-2-B PP94-8-2-C PP94-8-3-A PP94-8-3-B PP94-8-3-C "
    "PP94-8-4-A PP94-8-4-B PP94-8-4-C PP53-7-3-A PP53-7-3-B PP53-7-3-C"
)
PPPK = "PP42-15-CLOSED PP42-15-OPEN PP49-LIGHT PP49-MEDIUM PP49-SEVERE PP49-TERMINATION PP49-DISMISSAL"
PPNPN = "SE1-LIGHT SE1-MEDIUM SE1-SEVERE SE1-DISMISSAL"


@pytest.mark.parametrize(
    ("employment", "act_date", "codes"),
    [
        ("PNS", date(2020, 9, 30), PNS_2020),
        ("PNS", date(2021, 8, 30), PNS_2020),
        ("PNS", date(2021, 8, 31), PNS_2023),
        ("PNS", date(2023, 11, 15), PNS_2023),
        ("PPPK", date(2020, 9, 30), PPPK),
        ("PPPK", date(2023, 10, 30), PPPK),
        ("PPPK", date(2023, 10, 31), f"{PPPK} PTDH"),
        ("PPPK_PW", date(2025, 1, 13), "PTDH KEP16-TERMINATION"),
        ("PPPK", date(2018, 11, 27), "PP42-15-CLOSED PP42-15-OPEN"),
        ("PPNPN", date(2023, 1, 2), ""),
        ("PPNPN", date(2023, 1, 3), PPNPN),
        ("PNS", date(2004, 10, 17), ""),
    ],
)
def test_the_day_of_the_act_and_the_employment_give_the_sanctions_that_there_are(
    employment: str, act_date: date, codes: str
) -> None:
    assert set(sanctions.applicable(employment, act_date)) == set(codes.split())


@given(st.sampled_from(sanctions.EMPLOYMENTS), st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_a_sanction_and_a_class_pass_exactly_if_they_are_of_the_regime(employment: str, day: date) -> None:
    there = sanctions.applicable(employment, day)
    for code, each in sanctions.sanctions().items():
        if code in there:
            assert sanctions.check(code, employment, day) == each
        else:
            with pytest.raises(Malformed):
                sanctions.check(code, employment, day)
    for sanction_class in sanctions.classes():
        if sanction_class in {each.sanction_class for each in there.values()}:
            sanctions.check_class(sanction_class, employment, day)
        else:
            with pytest.raises(Malformed):
                sanctions.check_class(sanction_class, employment, day)


def test_the_sanctions_of_a_class_are_those_of_the_regime() -> None:
    severe = sanctions.of_class("DISCIPLINE_SEVERE", "PNS", date(2023, 11, 15))

    assert [each.code for each in severe] == ["PP94-8-4-A", "PP94-8-4-B", "PP94-8-4-C"]
    assert sanctions.of_class("MORAL_OPEN", "PPNPN", date(2023, 11, 15)) == ()


def test_a_sanction_of_another_regime_is_refused_with_the_regimes_that_there_are() -> None:
    with pytest.raises(Malformed) as refused:
        sanctions.check("PP94-8-3-A", "PNS", date(2020, 9, 30))

    assert refused.value.field == "sanction"
    assert (
        refused.value.message
        == "not for PNS for acts of 2020-09-30: pp-42-2004, pp-53-2010, uu-5-2014-art-87"
    )


def test_a_class_that_contract_staff_cannot_get_is_refused_on_the_callers_field() -> None:
    with pytest.raises(Malformed) as refused:
        sanctions.check_class("MORAL_OPEN", "PPNPN", date(2023, 11, 15), field="class")

    assert (refused.value.field, refused.value.message) == (
        "class",
        "not for PPNPN for acts of 2023-11-15: se-menpanrb-1-2023",
    )


@pytest.mark.parametrize(
    ("regime", "months"),
    [("pp-94-2021", [6, 9, 12]), ("pp-53-2010", [12, 12, 12])],
)
def test_a_medium_sanction_lasts_as_long_as_its_regime_says(regime: str, months: list[int]) -> None:
    medium = [
        each.duration_months
        for each in sanctions.sanctions().values()
        if (each.regime, each.sanction_class) == (regime, "DISCIPLINE_MEDIUM")
    ]

    assert medium == months


def test_dismissal_is_a_class_of_its_own_in_every_regime_that_has_it() -> None:
    dismissing = {each.code for each in sanctions.sanctions().values() if each.sanction_class == "DISMISSAL"}

    assert dismissing == {"PTDH", "PP53-7-4-E", "PP49-DISMISSAL", "SE1-DISMISSAL"}


def test_what_no_clause_shows_of_a_sanction_or_a_regime_is_said() -> None:
    unread = {code for code, each in sanctions.sanctions().items() if not each.confirmed}

    graded = {f"{rule}-{step}" for rule in ("PP49", "SE1") for step in ("LIGHT", "MEDIUM", "SEVERE")}
    assert unread == graded | {"SE1-DISMISSAL", "KEP16-TERMINATION"}
    assert all(sanctions.sanction(code).note for code in unread)
    assert {each.basis: each.unconfirmed for each in sanctions.regimes().values() if each.unconfirmed} == {
        "pp-42-2004": ("PPPK",),
        "pp-53-2010": ("CPNS",),
        "uu-20-2023-art-52": ("PPPK_PW",),
        "kepmenpanrb-16-2025": ("PPPK_PW",),
    }


@pytest.mark.parametrize("decided", [date(2021, 8, 31), date(2025, 1, 15)])
def test_medium_discipline_is_that_of_the_former_rule_and_the_cut_of_allowances_is_a_reading(
    decided: date,
) -> None:
    """PP 94/2021 art. 42: a regent's lawful decree of a delayed raise is not refused."""
    codes = [each.code for each in sanctions.of_class("DISCIPLINE_MEDIUM", "PNS", decided)]

    assert codes == [f"{rule}-{letter}" for rule in ("PP53-7-3", "PP94-8-3") for letter in "ABC"]
    (law,), (list_of_bkn,) = (sanctions.readings(code, decided) for code in ("PP53-7-3-A", "PP94-8-3-A"))
    assert (law.chosen, law.confirmed) == (True, True)
    assert (list_of_bkn.chosen, list_of_bkn.confirmed) == (False, False)
    assert sanctions.readings("PP53-7-3-A", date(2021, 8, 30)) == ()


def test_the_day_of_the_decree_gives_the_rule_on_discipline() -> None:
    act = date(2021, 6, 1)

    assert sanctions.check("PP53-7-4-A", "PNS", act, date(2021, 8, 30))
    with pytest.raises(Malformed) as refused:
        sanctions.check("PP53-7-4-A", "PNS", act, date(2021, 10, 4))
    assert (
        refused.value.message
        == "not for PNS for acts of 2021-06-01 that are decided on 2021-10-04: pp-42-2004, pp-94-2021, uu-5-2014-art-87"
    )


def test_another_class_than_the_recommended_one_is_named_as_what_it_is() -> None:
    assert sanctions.difference("DISCIPLINE_SEVERE", "DISCIPLINE_LIGHT") == "LIGHTER"
    assert sanctions.difference("DISCIPLINE_LIGHT", "DISMISSAL") == "HEAVIER"
    assert sanctions.difference("MORAL_OPEN", "DISCIPLINE_LIGHT") == "OTHER_FAMILY"
    assert sanctions.difference("MORAL_OPEN", "MORAL_OPEN") == ""


def test_a_reprimand_and_a_dismissal_have_no_duration() -> None:
    for code in ("PP94-8-2-A", "PP94-8-4-C", "PTDH"):
        assert sanctions.sanction(code).duration_months is None


def test_every_sanction_names_its_rule_and_where_it_was_read() -> None:
    assert all(each.basis and each.source for each in sanctions.sanctions().values())


@pytest.mark.parametrize(
    ("look_up", "field"),
    [
        (lambda: sanctions.sanction("PP94-8-9-Z"), "sanction"),
        (lambda: sanctions.check("PP94-8-9-Z", "PNS", date(2023, 11, 15)), "sanction"),
        (lambda: sanctions.check_class("DISIPLIN_BERAT", "PNS", date(2023, 11, 15)), "sanction_class"),
        (lambda: sanctions.applicable("HONORER", date(2023, 11, 15)), "employment"),
        (lambda: sanctions.family_of(""), "sanction_class"),
    ],
)
def test_an_unknown_sanction_or_class_is_refused_on_its_field(
    look_up: Callable[[], object], field: str
) -> None:
    with pytest.raises(sanctions.Unknown) as refused:
        look_up()

    assert isinstance(refused.value, Malformed)
    assert refused.value.field == field
