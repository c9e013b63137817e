"""First information of an authority's team at Bawaslu: what is taken in, and what the team is told of which act."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from agreement.prevention import supervision
from bawaslu.early_information import domain
from bawaslu.intake.domain import answers as of_intake
from bawaslu.intake.domain import events, state
from bawaslu.matters.domain import answers
from bawaslu.matters.domain import events as of_matter
from bawaslu.matters.domain.matter import Matter, blank
from refusals import Conflict, Malformed, NotAllowed

TODAY, NOW = date(2023, 11, 20), datetime(2023, 11, 20, 3, tzinfo=UTC)
DIGEST = "ab" * 32
BLANK = state.blank("bawaslu", "i", "c", NOW)


def passed(**other: Any) -> domain.Passed:
    values: dict[str, Any] = {
        "letter_number": "700/12/REGU/2023",
        "letter_date": date(2023, 11, 12),
        "team_number": "188.45/77/HUK/2023",
        "election": "PEMILU",
        "office": "Kab/27.09",
        "act": "2022-DSB7",
        "channel": "SOCIAL_MEDIA",
        "region": "62.02",
        "seen_date": date(2023, 11, 10),
        "evidence_digests": (DIGEST,),
    }
    return domain.Passed(**(values | other))


def taken_in(sender: str = "ppk-6202", **other: Any) -> state.Intake:
    return state.apply(BLANK, domain.open_intake(BLANK, passed(**other), sender, "s", TODAY))


def any_of(kind: type[Any], **other: Any) -> Any:
    """An event whose fields are recognisable."""
    plain = {
        field.name: date(2023, 11, 15)
        if "date" in field.name
        else ()
        if "tuple" in str(field.type)
        else field.name
        for field in fields(kind)
    }
    return kind(**(plain | other))


def a_matter(employer: str = "ppk-6202") -> Matter:
    new = blank("bawaslu", "m", "c", NOW)
    return replace(new, employer=employer, informant="ppk-6202", information="i", place=2)


def test_what_a_team_says_opens_an_intake_of_first_information() -> None:
    found = taken_in()

    assert (found.state, found.informant, found.information_source) == (
        "INFORMATION_RECEIVED",
        "ppk-6202",
        "PPK_TEAM",
    )
    assert (found.statement, found.received_date, found.information_number) == ("s", TODAY, "")
    assert (found.suspected_act, found.evidence_digests) == ("2022-DSB7", (DIGEST,))


def test_first_information_comes_once_and_from_an_authority() -> None:
    with pytest.raises(Conflict):
        domain.open_intake(taken_in(), passed(), "ppk-6202", "s", TODAY)
    with pytest.raises(NotAllowed):
        taken_in("bkn-pusat")


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("letter_number", "", ""),
        ("letter_date", None, ""),
        ("seen_date", None, "letter_date"),
        ("team_number", "", ""),
        ("election", "", ""),
        ("office", "Kab/27", ""),
        ("act", "2020-03", ""),
        ("channel", "SOMETHING", ""),
        ("region", "62.99", ""),
        ("evidence_digests", (), ""),
        ("evidence_digests", ("ab",), "evidence_digests[0]"),
    ],
)
def test_what_cannot_be_right_is_not_taken_in(field: str, value: Any, named: str) -> None:
    with pytest.raises(Malformed) as refused:
        taken_in(**{field: value})

    assert refused.value.field == (named or field)


TOLD_OF_THE_WHOLE = {
    events.TracingStarted: "TRACING",
    events.InformationClosed: "CLOSED",
    events.FindingRecorded: "FOUND",
    events.IntakeConcluded: "STUDIED",
}
TOLD_OF_A_PERSON = {
    of_matter.Registered: "REGISTERED",
    of_matter.Referred: "REFERRED",
    of_matter.Accepted: "UNDER_EXAMINATION",
    of_matter.Returned: "RETURNED",
    of_matter.NotProven: "NOT_PROVEN",
    of_matter.Recommended: "RECOMMENDED",
    of_matter.Withdrawn: "WITHDRAWN",
    of_matter.Verified: "VERIFIED",
}


@pytest.mark.parametrize("kind", get_args(events.Event))
def test_of_the_whole_its_stages_are_told_and_nothing_else(kind: type[Any]) -> None:
    answer = of_intake.answer_for_intake(any_of(kind))

    assert (answer.stage if answer else None) == TOLD_OF_THE_WHOLE.get(kind)
    if answer:
        assert supervision.stage(answer.stage).of == supervision.INFORMATION
        assert (answer.place, answer.matter) == (0, "")


@pytest.mark.parametrize("kind", get_args(of_matter.Event))
def test_of_a_person_each_stage_is_told_and_nothing_else(kind: type[Any]) -> None:
    answer = answers.answer_for_person(a_matter(), any_of(kind), TODAY)

    assert (answer.stage if answer else None) == TOLD_OF_A_PERSON.get(kind)
    if answer:
        assert supervision.stage(answer.stage).of == supervision.MATTER
        assert (answer.place, answer.matter) == (2, "m")


def test_a_study_that_finds_no_violation_is_told() -> None:
    event = any_of(of_matter.StudyConcluded, conclusion="NOT_A_VIOLATION")
    answer = answers.answer_for_person(a_matter(), event, TODAY)

    assert answer and (answer.stage, answer.number) == ("NOT_A_VIOLATION", "study_number")


@pytest.mark.parametrize("kind", TOLD_OF_A_PERSON)
def test_of_another_authoritys_employee_no_number_and_no_id_is_told(kind: type[Any]) -> None:
    answer = answers.answer_for_person(a_matter("ppk-3204"), any_of(kind), TODAY)

    assert answer and (answer.number, answer.reason, answer.matter) == ("", "", "")
    assert answer.stage == TOLD_OF_A_PERSON[kind]


def test_the_stages_that_are_told_are_those_of_the_agreement() -> None:
    told = {*TOLD_OF_THE_WHOLE.values(), *TOLD_OF_A_PERSON.values(), "NOT_A_VIOLATION"}

    assert told == set(supervision.stages())
