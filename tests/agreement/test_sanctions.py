from collections.abc import Callable

import pytest

from agreement import sanctions
from exchange.refusals import Malformed


def test_there_are_two_moral_classes_and_four_of_discipline_with_their_indonesian_codes() -> None:
    assert [(each.code, each.code_id, each.family) for each in sanctions.classes().values()] == [
        ("MORAL_CLOSED", "MORAL_TERTUTUP", "ETHICS"),
        ("MORAL_OPEN", "MORAL_TERBUKA", "ETHICS"),
        ("DISCIPLINE_LIGHT", "DISIPLIN_RINGAN", "DISCIPLINE"),
        ("DISCIPLINE_MEDIUM", "DISIPLIN_SEDANG", "DISCIPLINE"),
        ("DISCIPLINE_SEVERE", "DISIPLIN_BERAT", "DISCIPLINE"),
        ("DISMISSAL", "PTDH", "DISCIPLINE"),
    ]


@pytest.mark.parametrize(
    ("sanction_class", "codes"),
    [
        ("MORAL_CLOSED", ["PP42-15-CLOSED"]),
        ("MORAL_OPEN", ["PP42-15-OPEN"]),
        ("DISCIPLINE_LIGHT", ["PP94-8-2-A", "PP94-8-2-B", "PP94-8-2-C"]),
        ("DISCIPLINE_MEDIUM", ["PP94-8-3-A", "PP94-8-3-B", "PP94-8-3-C"]),
        ("DISCIPLINE_SEVERE", ["PP94-8-4-A", "PP94-8-4-B", "PP94-8-4-C"]),
        ("DISMISSAL", ["PTDH"]),
    ],
)
def test_a_class_has_the_sanctions_of_its_article(sanction_class: str, codes: list[str]) -> None:
    assert [each.code for each in sanctions.of_class(sanction_class)] == codes


def test_the_allowance_is_cut_for_six_nine_or_twelve_months() -> None:
    assert [each.duration_months for each in sanctions.of_class("DISCIPLINE_MEDIUM")] == [6, 9, 12]


def test_a_reprimand_and_a_dismissal_have_no_duration() -> None:
    for code in ("PP94-8-2-A", "PP94-8-4-C", "PTDH"):
        assert sanctions.sanction(code).duration_months is None


def test_every_sanction_names_its_rule_and_where_it_was_read() -> None:
    assert all(each.basis and each.source for each in sanctions.sanctions().values())


@pytest.mark.parametrize(
    ("look_up", "field"),
    [
        (lambda: sanctions.sanction("PP94-8-9-Z"), "sanction"),
        (lambda: sanctions.of_class("DISIPLIN_BERAT"), "sanction_class"),
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
