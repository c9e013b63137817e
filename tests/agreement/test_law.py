"""Every rule of every data file can be looked up, with clause, certainty and use."""

import sys
from pathlib import Path

import pytest

from agreement import law
from agreement.enforcement import sanctions
from agreement.information import clauses

sys.path.insert(0, str(Path(__file__).parent))  # the page is a script beside the cases
import law_page


def test_every_rule_names_its_clause_its_certainty_and_its_source() -> None:
    for each in law.rules().values():
        assert each.clause and each.certainty and each.source and each.text, each.id


def test_a_rule_is_found_whatever_its_case_and_says_where_it_is_used() -> None:
    found = law.rule("SUMMONS-GAP")

    assert (found.kind, found.certainty, found.reading) == ("limit", "read", "at most 7")
    assert found.used == ("ppk: limits of a procedure",)
    assert law.rule("follow-up-bkn").used[0] == "examiner recommend: the default of bkn's letters"


def test_of_two_readings_of_a_sanction_the_chosen_one_is_told_and_the_other_named() -> None:
    by_law, by_list = law.rule("PP53-7-3-A"), law.rule("PP94-8-3-A")

    assert by_law.reading.endswith("(chosen)") and "25 %" in by_law.others[0]
    assert by_list.reading.endswith("(admitted, not chosen)") and "art. 42" in by_list.others[0]
    assert any("also since 2021-08-31" in each for each in by_law.says)


def test_a_prohibition_that_stands_in_no_class_is_shown_as_that() -> None:
    assert law.rule("PP94-5-N-1").says == ("in no class of the rule",)


def test_nothing_is_read_that_is_not_in_the_index() -> None:
    known = {*sanctions.sanctions(), *sanctions.measures(), *clauses.clauses(), "NOT_YET_EXAMINED"}
    assert known <= set(law.rules())


def test_an_unknown_rule_is_refused_without_repeating_it() -> None:
    with pytest.raises(law.Unknown) as refused:
        law.rule("3201011708450001")

    assert "3201011708450001" not in str(refused.value)


def test_the_page_for_a_lawyer_has_every_case_and_every_rule_and_is_always_the_same() -> None:
    once, again = "\n".join(law_page.page()), "\n".join(law_page.page())

    assert once == again
    assert "| summons-04 |" in once and "| election-01 |" in once and "| PP94-5-N-1 |" in once


def test_a_rule_by_which_an_act_is_checked_does_not_say_that_it_is_shown_only() -> None:
    applied = (
        "decides-1",
        "remedy-1",
        "study-pemilu-extended",
        "summons-gap-pp53",
        "decision-effect-pp53",
        "form-a-pemilu",
        "finding-plenary-pemilu",
    )

    assert not [id for id in applied if not law.rule(id).used]


def test_what_follows_for_who_did_not_punish_is_said_in_a_sentence() -> None:
    assert "the same sanction as for the breach" in law.rule("inaction-not-punished-2010").says
    assert "a heavier one than for the breach" in law.rule("inaction-not-examined-2021").says
