"""The next step of a case: in words of two languages for every stage in which it is somebody's turn, with the day that is theirs."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from cooperation.monitoring.figures.case_status import CLOSED, EXAMINED, FLOW, CaseStatus
from cooperation.monitoring.figures.next_step import FOLLOWS_UP, next_step

DUE = date(2023, 12, 12)


def a_case(stage: str, holder: str) -> CaseStatus:
    at = datetime(2023, 11, 28, tzinfo=UTC)
    return CaseStatus(
        "kasn",
        "m",
        "c",
        stage,
        holder,
        at,
        at.date(),
        0,
        supervisor="bawaslu",
        examiner="kasn",
        agency="ppk-6202",
        due_date=DUE,
    )


@pytest.mark.parametrize("stage", sorted(set(FLOW) - CLOSED | {"WITHDRAWN"}))
def test_every_stage_says_what_is_to_be_done_in_both_languages(stage: str) -> None:
    step = next_step(a_case(stage, "ppk-6202" if stage in FOLLOWS_UP else "kasn"))

    assert step is not None
    assert step.words["id"] and step.words["en"] and step.words["id"] != step.words["en"]


@pytest.mark.parametrize("stage", sorted(CLOSED))
def test_a_case_that_nobody_holds_waits_for_nothing(stage: str) -> None:
    assert next_step(a_case(stage, "")) is None


@pytest.mark.parametrize("stage", sorted(FOLLOWS_UP))
def test_the_day_of_the_recommendation_is_the_authoritys(stage: str) -> None:
    step = next_step(a_case(stage, "ppk-6202"))

    assert step is not None and step.due_date == DUE


@pytest.mark.parametrize("stage", ["REPORTED", "REPORTED_IMPOSSIBLE", "OBJECTED", "REJECTED"])
def test_the_day_of_the_authority_is_none_of_the_examiner_who_has_its_turn(stage: str) -> None:
    step = next_step(a_case(stage, "kasn"))

    assert step is not None and step.due_date is None


def test_an_authority_that_is_asked_for_clarification_answers_it() -> None:
    asked = replace(a_case(EXAMINED, "ppk-6202"), due_date=None)
    step, examined = next_step(asked), next_step(replace(asked, holder="kasn"))

    assert step is not None and step.words["en"] == "answer the request for clarification"
    assert examined is not None and examined.words["en"] == "examine the matter and decide"
