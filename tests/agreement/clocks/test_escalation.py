"""The ladder as data: which step comes next, when, and who must act."""

from datetime import date

import pytest

from agreement.clocks import escalation

DUE = date(2023, 12, 12)  # a Tuesday
LETTER = date(2023, 11, 20)
LAST_OF_KASN, FIRST_OF_BKN = date(2024, 9, 3), date(2024, 9, 4)
BKN_DUE = date(2024, 9, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("reached", "today", "step", "day", "by"),
    [
        ({}, date(2023, 12, 1), "DUE_SOON", date(2023, 12, 5), "clock"),
        ({}, date(2023, 12, 13), "OVERDUE", date(2023, 12, 13), "clock"),
        ({"DUE_SOON": date(2023, 12, 5)}, date(2023, 12, 6), "OVERDUE", date(2023, 12, 13), "clock"),
        ({"OVERDUE": date(2023, 12, 13)}, date(2023, 12, 13), "REMINDED", date(2023, 12, 14), "clock"),
        ({"OVERDUE": date(2023, 12, 22)}, date(2023, 12, 22), "REMINDED", date(2023, 12, 27), "clock"),
        ({"REMINDED": date(2023, 12, 14)}, date(2023, 12, 14), "WARNED", date(2023, 12, 21), "warner"),
        ({"WARNED": date(2023, 12, 21)}, date(2023, 12, 21), "BLOCKED", date(2023, 12, 24), "data_holder"),
        ({"BLOCKED": date(2023, 12, 24)}, date(2023, 12, 24), "ESCALATED", date(2024, 1, 7), "examiner"),
    ],
)
def test_the_step_after_each_and_who_takes_it(
    reached: dict[str, date], today: date, step: str, day: date, by: str
) -> None:
    found = escalation.next_step(escalation.ladder(LETTER), DUE, reached, today, "")

    assert found is not None
    assert (found.step, found.day, found.by) == (step, day, by)


@pytest.mark.parametrize(
    ("reached", "step", "day", "by"),
    [
        ({"OVERDUE": date(2024, 9, 25)}, "REMINDED", date(2024, 9, 26), "clock"),
        ({"REMINDED": date(2024, 9, 26)}, "REPRIMANDED", date(2024, 10, 3), "examiner"),
        ({"REPRIMANDED": date(2024, 10, 4)}, "BLOCKED", date(2024, 10, 11), "data_holder"),
        ({"BLOCKED": date(2024, 10, 11)}, "ESCALATED", date(2024, 10, 25), "examiner"),
        # A ministry's warning is no step of this ladder, and takes none away.
        (
            {"REMINDED": date(2024, 9, 26), "WARNED": date(2024, 9, 30)},
            "REPRIMANDED",
            date(2024, 10, 3),
            "examiner",
        ),
    ],
)
def test_a_letter_since_bkn_examines_is_warned_of_early_then_reprimanded_then_blocked(
    reached: dict[str, date], step: str, day: date, by: str
) -> None:
    found = escalation.next_step(escalation.ladder(FIRST_OF_BKN), BKN_DUE, reached, date(2024, 10, 30), "")

    assert found is not None
    assert (found.step, found.day, found.by, found.confirmed) == (step, day, by, False)


@pytest.mark.parametrize(
    ("letter", "steps"),
    [
        (LAST_OF_KASN, "DUE_SOON OVERDUE REMINDED WARNED BLOCKED ESCALATED"),
        (FIRST_OF_BKN, "DUE_SOON OVERDUE REMINDED REPRIMANDED BLOCKED ESCALATED"),
    ],
)
def test_a_letter_keeps_the_ladder_of_its_day(letter: date, steps: str) -> None:
    assert " ".join(escalation.ladder(letter)) == steps
    assert [escalation.rank(step) for step in escalation.ladder(letter)] == sorted(
        escalation.rank(step) for step in escalation.ladder(letter)
    )


def test_bkns_steps_name_the_press_as_their_source() -> None:
    of_bkn = [step for step in escalation.every_step() if step.since == FIRST_OF_BKN]

    assert [step.id for step in of_bkn] == ["REMINDED", "REPRIMANDED", "BLOCKED"]
    assert all("press" in step.source and not step.confirmed and step.note for step in of_bkn)


def test_nothing_comes_after_the_top() -> None:
    reached = {"ESCALATED": date(2024, 1, 7)}

    assert escalation.next_step(escalation.ladder(LETTER), DUE, reached, date(2024, 1, 8), "") is None


def test_an_officer_may_escalate_from_the_day_after_the_due_date() -> None:
    assert escalation.possible_from(escalation.ladder(LETTER), "ESCALATED", DUE, {}, "") == date(2023, 12, 13)


def test_a_working_day_of_the_ladder_is_one_of_the_addressees_region() -> None:
    due, today = date(2025, 8, 28), date(2025, 8, 20)
    after = {"OVERDUE": date(2025, 8, 26)}  # 27 August: Kabupaten Bangka votes again
    ladder = escalation.ladder(date(2025, 8, 8))
    soon = {
        region: escalation.day_of(ladder, ladder["DUE_SOON"], due, {}, region) for region in ("", "19.01")
    }
    reminded = {
        region: escalation.next_step(ladder, due, after, today, region) for region in ("", "19.01", "19.03")
    }

    assert soon == {"": date(2025, 8, 21), "19.01": date(2025, 8, 20)}
    assert {region: each.day for region, each in reminded.items() if each} == {
        "": date(2025, 8, 27),
        "19.01": date(2025, 8, 28),
        "19.03": date(2025, 8, 27),
    }


def test_what_no_source_settles_is_not_confirmed_and_says_so() -> None:
    unsure = [step for step in escalation.every_step() if not step.confirmed]

    assert unsure
    assert all(step.note for step in unsure)
