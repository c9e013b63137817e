"""The ladder as data: which step comes next, when, and who must act."""

from datetime import date

import pytest

from agreement.clocks import escalation

DUE = date(2023, 12, 12)  # a Tuesday


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
    found = escalation.next_step(DUE, reached, today)

    assert found is not None
    assert (found.step, found.day, found.by) == (step, day, by)


def test_nothing_comes_after_the_top() -> None:
    assert escalation.next_step(DUE, {"ESCALATED": date(2024, 1, 7)}, date(2024, 1, 8)) is None


def test_an_officer_may_escalate_from_the_day_after_the_due_date() -> None:
    assert escalation.possible_from("ESCALATED", DUE, {}) == date(2023, 12, 13)


def test_what_no_source_settles_is_not_confirmed_and_says_so() -> None:
    unsure = [step for step in escalation.steps().values() if not step.confirmed]

    assert unsure
    assert all(step.note for step in unsure)
