"""The council of ethics on a matter (PP 42/2004 art. 17 to 20), rule by rule."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ppk.discipline.domain import council, on_recommendation, proceedings, rules
from ppk.discipline.domain.proceedings import (
    CouncilDecided,
    CouncilFormed,
    DefenceGiven,
    Procedure,
    Proceeding,
    Stage,
)
from ppk.recommendations.domain import commands, events
from ppk.recommendations.domain.matter import State, blank
from refusals import Malformed, WrongState

PARTY, ID, DIGEST = "ppk-6202", "01958000-0000-7000-8000-000000000001", "ab" * 32
LETTER_DATE, EXAMINED, DEFENCE, DECIDED, TODAY = (
    date(2025, 3, 3),
    date(2025, 3, 11),
    date(2025, 3, 12),
    date(2025, 3, 13),
    date(2025, 3, 21),
)


def a_procedure(stage: Stage = Stage.EXAMINED, **fields: Any) -> Procedure:
    new = blank(PARTY, ID, "case", datetime(2025, 3, 3, tzinfo=UTC))
    matter = replace(
        new,
        state=State.ACKNOWLEDGED,
        examiner="bkn",
        letter_number="R-1",
        letter_date=LETTER_DATE,
        sanction_class="MORAL_OPEN",
    )
    return Procedure(matter, replace(Proceeding(PARTY, ID, stage, examined_date=EXAMINED), **fields))


SITS = {"council_number": "800/1/MKE", "council_date": date(2020, 1, 6), "council_members": 3}
HEARD = SITS | {"defence": "SPOKEN", "defence_date": DEFENCE}
DECIDED_BEFORE = HEARD | {
    "council_decision_number": "3/MKE",
    "council_decision_date": DECIDED,
    "council_class": "MORAL_OPEN",
}


def a_council(**fields: Any) -> CouncilFormed:
    return replace(CouncilFormed("800/1/MKE", date(2020, 1, 6), DIGEST, 3), **fields)


def a_defence(**fields: Any) -> DefenceGiven:
    return replace(DefenceGiven(DEFENCE, "WRITTEN"), **fields)


def a_decision(**fields: Any) -> CouncilDecided:
    return replace(CouncilDecided("3/MKE", DECIDED, DIGEST, "MORAL_OPEN"), **fields)


def a_decree(**fields: Any) -> commands.ImposeSanction:
    return replace(commands.ImposeSanction("800/2/SK", date(2025, 3, 14), "PP42-15-OPEN"), **fields)


@pytest.mark.parametrize(
    ("members", "fits"), [(2, False), (3, True), (4, True), (5, True), (6, False), (7, True)]
)
def test_a_council_has_three_members_or_more_and_an_odd_number_of_many(members: int, fits: bool) -> None:
    known = a_procedure(Stage.OPEN)
    if fits:
        assert council.form(known, a_council(members=members), TODAY).members == members
        return
    with pytest.raises(Malformed) as refused:
        council.form(known, a_council(members=members), TODAY)
    assert refused.value.field == "members"


def test_a_standing_council_is_older_than_the_recommendation() -> None:
    formed = council.form(a_procedure(Stage.OPEN), a_council(), TODAY)

    assert formed.decree_date < LETTER_DATE
    assert proceedings.apply(Proceeding(PARTY, ID), formed).council_number == "800/1/MKE"


def test_without_a_council_nobody_is_heard_before_it_and_it_decides_nothing() -> None:
    for rule, said in ((council.record_defence, a_defence()), (council.record_decision, a_decision())):
        with pytest.raises(WrongState) as refused:
            rule(a_procedure(), said, TODAY)
        assert refused.value.reason == "COUNCIL_REQUIRED"


def test_the_council_decides_after_a_chance_of_defence_that_need_not_be_used() -> None:
    with pytest.raises(WrongState) as refused:
        council.record_decision(a_procedure(**SITS), a_decision(), TODAY)
    assert refused.value.reason == "DEFENCE_REQUIRED"

    unused = council.record_defence(a_procedure(**SITS), a_defence(way="NOT_USED"), TODAY)
    heard = proceedings.apply(a_procedure(**SITS).proceeding, unused)
    assert council.record_decision(Procedure(a_procedure().matter, heard), a_decision(), TODAY)


def test_what_the_council_decided_is_final() -> None:
    decided = a_procedure(**DECIDED_BEFORE)

    with pytest.raises(WrongState, match="final"):
        council.record_decision(decided, a_decision(), TODAY)
    with pytest.raises(WrongState, match="final"):
        council.record_defence(decided, a_defence(), TODAY)


WRONG: dict[str, tuple[Any, Any, str]] = {
    "a council of tomorrow": (council.form, a_council(decree_date=date(2025, 3, 22)), "decree_date"),
    "a council whose decree is a NIP": (
        council.form,
        a_council(decree_number="199001012015031001"),
        "decree_number",
    ),
    "a defence before the examination": (
        council.record_defence,
        a_defence(defence_date=date(2025, 3, 10)),
        "defence_date",
    ),
    "a decision before the defence": (
        council.record_decision,
        a_decision(decision_date=EXAMINED),
        "decision_date",
    ),
    "a decision in no class": (council.record_decision, a_decision(sanction_class="FINE"), "sanction_class"),
    "a decision without a digest": (
        council.record_decision,
        a_decision(decision_digest="ab"),
        "decision_digest",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_can_never_be_right_is_refused_and_its_field_named(what: str) -> None:
    rule, said, field = WRONG[what]
    known = a_procedure(Stage.OPEN) if rule is council.form else a_procedure(**HEARD)

    with pytest.raises(Malformed) as refused:
        rule(known, said, TODAY)

    assert refused.value.field == field


def test_a_decree_rests_on_the_decision_that_there_is() -> None:
    decided = on_recommendation.impose_sanction(a_procedure(**DECIDED_BEFORE), a_decree(), TODAY)

    assert (decided.council_number, decided.council_date) == ("3/MKE", DECIDED)
    assert not on_recommendation.other_than_expected(a_procedure(**DECIDED_BEFORE), decided)


def test_a_decree_that_names_another_decision_than_there_is_is_refused() -> None:
    other = a_decree(council_number="4/MKE", council_date=DECIDED)

    with pytest.raises(Malformed) as refused:
        on_recommendation.impose_sanction(a_procedure(**DECIDED_BEFORE), other, TODAY)

    assert refused.value.field == "council_number"


def test_a_decree_in_another_class_than_the_council_recommended_is_warned_of() -> None:
    known = a_procedure(**DECIDED_BEFORE | {"council_class": "MORAL_CLOSED"})

    decided = on_recommendation.impose_sanction(known, a_decree(), TODAY)

    assert [each.reason for each in on_recommendation.other_than_expected(known, decided)] == [
        "OTHER_CLASS_THAN_COUNCIL"
    ]


def test_without_any_step_of_a_council_a_decree_is_admitted_as_before_and_warned_of() -> None:
    decided = on_recommendation.impose_sanction(a_procedure(), a_decree(), TODAY)

    assert isinstance(decided, events.Decided) and decided.council_number == ""
    assert [each.reason for each in on_recommendation.other_than_expected(a_procedure(), decided)] == [
        "COUNCIL_NOT_NAMED"
    ]


def test_a_corrected_date_is_not_before_what_the_council_decided() -> None:
    decreed = {
        "decree_number": "800/2/SK",
        "decree_date": date(2025, 3, 14),
        "council_decision_date": DECIDED,
    }
    known = a_procedure(Stage.DECIDED, **HEARD | decreed)
    decided = Procedure(replace(known.matter, state=State.DECIDED), known.proceeding)

    with pytest.raises(Malformed) as refused:
        rules.correct_decree(decided, rules.CorrectDecree("", DEFENCE), TODAY)

    assert refused.value.field == "decree_date"
