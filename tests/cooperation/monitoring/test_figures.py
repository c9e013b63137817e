"""Figures: what counts, three answers that are not the same, ageing, rankings; grouped or not, it is the same figure."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.clocks import escalation as agreed
from agreement.clocks.working_days import weekdays
from cooperation.monitoring.figures import case_status, definitions, escalation
from cooperation.monitoring.figures.definitions import BY_ID, Figure, Measured

TODAY = date(2020, 10, 26)
PAST, FUTURE = TODAY - timedelta(days=1), TODAY + timedelta(days=30)


def a_recommendation(stage: str = "OPENED", **other: object) -> Measured:
    return replace(Measured(stage, recommended=True, due_date=PAST, answered=True), **other)  # type: ignore[arg-type]


DONE = a_recommendation("REPORTED", followed_up=True, on_time=True)
LATE = a_recommendation("REPORTED", followed_up=True, on_time=False)
SILENT = a_recommendation("RECOMMENDED", answered=False)


def n_of(id: str, *cells: Measured, heard: bool = True) -> tuple[int, int, str]:
    found = definitions.figure(BY_ID[id], cells, TODAY, heard=heard)
    return found.n, found.of, found.answer


@pytest.mark.parametrize(
    ("id", "cells", "n", "of"),
    [
        ("follow-up-rate", [DONE, LATE, a_recommendation()], 2, 3),
        ("follow-up-rate", [DONE, a_recommendation("WITHDRAWN")], 1, 1),
        ("on-time-rate", [DONE, LATE, a_recommendation()], 1, 3),
        ("on-time-rate", [DONE, a_recommendation(due_date=FUTURE)], 1, 1),
        ("on-time-rate", [replace(DONE, due_date=FUTURE), a_recommendation()], 0, 1),
        ("on-time-rate", [DONE, a_recommendation("REPORTED_IMPOSSIBLE")], 1, 1),
        ("on-time-rate", [DONE, a_recommendation(due_date=None)], 1, 1),
        ("on-time-rate", [a_recommendation(due_date=TODAY)], 0, 0),
        ("overdue-rate", [DONE, LATE, a_recommendation(), a_recommendation(due_date=TODAY)], 1, 4),
        ("overdue-rate", [a_recommendation("CANNOT_BE_FOLLOWED_UP")], 0, 1),
        ("proven-rate", [DONE, Measured("NOT_PROVEN"), Measured("EXAMINED")], 1, 2),
        ("proven-rate", [a_recommendation("WITHDRAWN")], 1, 1),
        ("conforming-rate", [replace(DONE, stage="CONFORMS", status="CONFORMS"), LATE], 1, 2),
        (
            "cannot-rate",
            [replace(SILENT, stage="CANNOT_BE_FOLLOWED_UP", status="CANNOT_BE_FOLLOWED_UP")],
            1,
            1,
        ),
        ("blocked-rate", [replace(SILENT, blocked=True), DONE], 1, 2),
    ],
)
def test_a_figure_counts_what_its_definition_says(id: str, cells: list[Measured], n: int, of: int):
    assert n_of(id, *cells)[:2] == (n, of)


def test_zero_no_cases_and_no_data_are_three_answers():
    assert n_of("follow-up-rate", DONE)[2] == "VALUE"
    assert n_of("follow-up-rate", a_recommendation())[2] == "ZERO"
    assert n_of("follow-up-rate", Measured("EXAMINED"))[2] == "NO_CASES"
    assert n_of("follow-up-rate", SILENT)[2] == "NO_DATA"
    assert n_of("follow-up-rate", heard=False)[2] == "NO_DATA"


CELLS = st.lists(
    st.builds(
        Measured,
        stage=st.sampled_from(case_status.FLOW),
        status=st.sampled_from(["", "CONFORMS", "NOT_YET_CONFORMS", "CANNOT_BE_FOLLOWED_UP"]),
        recommended=st.booleans(),
        due_date=st.sampled_from([None, PAST, TODAY, FUTURE]),
        followed_up=st.booleans(),
        on_time=st.sampled_from([None, True, False]),
        answered=st.booleans(),
        blocked=st.booleans(),
        key=st.sampled_from(["62", "73"]),
    ),
    max_size=40,
)


@given(CELLS)
def test_counting_cells_that_are_alike_together_gives_the_same_figures(cells: list[Measured]):
    together = [replace(cell, count=count) for cell, count in Counter(cells).items()]

    assert definitions.figures(together, TODAY) == definitions.figures(cells, TODAY)
    assert definitions.flow(together) == definitions.flow(cells)


@given(CELLS)
def test_the_parts_of_a_breakdown_add_up_to_the_whole(cells: list[Measured]):
    for definition in definitions.DEFINITIONS:
        whole = definitions.figure(definition, cells, TODAY)
        parts = definitions.by_key(definition, cells, ["62", "73", "31"], TODAY).values()

        assert (sum(part.n for part in parts), sum(part.of for part in parts)) == (whole.n, whole.of)
        assert 0 <= whole.n <= whole.of


@given(st.lists(st.tuples(st.sampled_from(case_status.FLOW), st.integers(0, 200)), max_size=30))
def test_every_open_case_is_in_one_ageing_bucket_of_the_right_role(cases: list[tuple[str, int]]):
    aged = definitions.ageing([(s, TODAY - timedelta(days=d), 1) for s, d in cases], TODAY, weekdays)

    naive = Counter[tuple[str, str]]()
    for stage, days in cases:
        waited = sum((TODAY - timedelta(days=ago)).weekday() < 5 for ago in range(days))
        bucket = ["0-5", "6-10", "11-20", "21-40", ">40"][sum(waited > last for last in (5, 10, 20, 40))]
        if stage not in case_status.CLOSED:
            naive[definitions.holder_role(stage), bucket] += 1
    assert {place: count for place, count in aged.items() if count} == dict(naive)


def test_every_open_stage_is_somebodys_turn_and_a_closed_one_is_nobodys():
    assert {stage for stage in case_status.FLOW if not definitions.holder_role(stage)} == case_status.CLOSED


def test_four_of_four_is_too_few_and_ninety_of_a_hundred_beats_five_of_five():
    found = {
        key: Figure("follow-up-rate", n, of, "VALUE")
        for key, n, of in [("a", 4, 4), ("b", 90, 100), ("c", 5, 5)]
    }
    found["d"] = Figure("follow-up-rate", 0, 0, "NO_CASES")

    places = definitions.ranked(found, dict.fromkeys(found, "CITY"))

    assert [(place.key, place.rank, place.unranked) for place in places] == [
        ("b", 1, ""),
        ("c", 2, ""),
        ("a", 0, "TOO_FEW"),
        ("d", 0, "NO_CASES"),
    ]


def test_equal_ones_share_a_rank_and_the_next_has_its_place():
    found = {
        key: Figure("follow-up-rate", n, 10, "VALUE")
        for key, n in [("a", 5), ("b", 9), ("c", 9), ("d", 9), ("e", 4)]
    }

    places = definitions.ranked(found, dict.fromkeys(found, "CITY"))

    assert [(place.key, place.rank) for place in places] == [("b", 1), ("c", 1), ("d", 1), ("a", 4), ("e", 5)]


def test_tiers_are_ranked_apart():
    found = {key: Figure("follow-up-rate", n, 10, "VALUE") for key, n in [("x", 9), ("y", 5), ("z", 1)]}

    places = definitions.ranked(found, {"x": "CITY", "y": "REGENCY", "z": "CITY"})

    assert {place.key: place.rank for place in places} == {"x": 1, "y": 1, "z": 2}


@pytest.mark.parametrize(
    ("cell", "step", "stands_on"),
    [
        (a_recommendation(due_date=TODAY + timedelta(days=10)), "", "DUE_SOON"),  # 28 to 30 October are off
        (a_recommendation(due_date=TODAY), "", "DUE_SOON"),
        (a_recommendation(due_date=TODAY + timedelta(days=11)), "", ""),
        (a_recommendation(), "", "OVERDUE"),
        (a_recommendation(), "WARNED", "WARNED"),
        (DONE, "BLOCKED", ""),
        (a_recommendation("WITHDRAWN"), "REMINDED", ""),
        (a_recommendation("REPORTED_IMPOSSIBLE"), "REMINDED", ""),
    ],
)
def test_a_recommendation_stands_on_one_step_of_the_ladder(cell: Measured, step: str, stands_on: str):
    assert escalation.rung(cell, step, TODAY) == stands_on


@pytest.mark.parametrize("today", [date(2024, 9, 3), date(2024, 9, 4)])
def test_steps_order_and_actors_are_those_of_the_agreement(today: date):
    steps = list(agreed.ladder(today).values())

    assert set(escalation.STEPS) == {step.id for step in agreed.every_step()}
    assert [escalation.after(step.id, today) for step in steps] == [
        *((s.id, s.by) for s in steps[1:]),
        ("", ""),
    ]


@pytest.mark.parametrize(
    ("step", "reached", "following"),
    [
        ("", None, ("REMINDED", date(2020, 10, 27), "clock")),
        ("REMINDED", date(2020, 10, 26), ("WARNED", date(2020, 11, 2), "warner")),
        ("WARNED", date(2020, 10, 27), ("BLOCKED", date(2020, 10, 30), "data_holder")),
    ],
)
def test_what_comes_next_has_the_day_that_the_agreement_gives_it(
    step: str, reached: date | None, following: tuple[str, date, str]
):
    found = escalation.following(PAST, PAST, step, reached, TODAY, "")

    assert found is not None
    assert (found.step, found.day, found.by) == following


def test_nothing_comes_after_the_top():
    assert escalation.following(PAST, PAST, "ESCALATED", TODAY, TODAY, "") is None
