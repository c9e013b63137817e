"""When a follow-up is due, and what moves it: rules, pauses, amended decrees."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.clocks import calendar
from kasn.escalation import domain as ladder
from kasn.matters.domain import changes, due_dates, events
from kasn.matters.domain.matter import Matter, State
from kasn.matters.wire import EVENTS
from refusals import Malformed, WrongState

NOW = datetime(2023, 6, 12, 2, tzinfo=UTC)
LETTER_DATE = date(2023, 6, 12)
BEFORE, AFTER = date(2023, 6, 12), date(2023, 6, 16)  # the second amendment of 2023 was made on 16 June
WORKING = "follow-up-working"
EARLIER = "skb-2023-amendment-1"
AMENDED = "skb-2023-amendment-2"


def a_matter(state: State = State.OPENED, known_on: date = BEFORE) -> Matter:
    """Recommended on 12 June 2023, due within fourteen working days of Palangka Raya."""
    found = due_dates.chosen("kasn", LETTER_DATE, "ppk-6202", None, WORKING, known_on)
    return Matter(
        "kasn",
        "m-1",
        "c-1",
        state,
        NOW,
        NOW,
        addressee="ppk-6202",
        letter_number="R-1943/KASN/6/2023",
        letter_date=LETTER_DATE,
        due_date=found.day,
        due_rule=found.rule,
        due_calendar=found.calendar,
    )


def test_an_amended_decree_moves_a_running_due_date_and_says_which_days_it_took() -> None:
    matter = a_matter()

    event = ladder.move_due_date(matter, AFTER)

    assert (event.former_due_date, event.due_date) == (date(2023, 7, 3), date(2023, 7, 5))
    assert event.days_off == (date(2023, 6, 28), date(2023, 6, 30))
    assert event.working_days == ()
    assert (event.former_calendar, event.calendar) == (EARLIER, AMENDED)


def test_what_was_moved_is_counted_on_the_new_calendar_and_not_moved_again() -> None:
    matter = a_matter()

    after = changes.apply(matter, ladder.move_due_date(matter, AFTER))

    assert after == a_matter(known_on=AFTER)
    with pytest.raises(WrongState):
        ladder.move_due_date(after, AFTER)


@pytest.mark.parametrize(
    "matter",
    [
        a_matter(State.FOLLOWED_UP),
        a_matter(State.COMPLETED),
        a_matter(State.WITHDRAWN),
        replace(a_matter(), due_rule="", due_calendar=""),
        replace(a_matter(), due_rule="follow-up", due_date=LETTER_DATE + timedelta(days=14)),
    ],
    ids=["followed up", "completed", "withdrawn", "set by the examiner", "calendar days"],
)
def test_what_no_longer_runs_or_no_calendar_gave_is_not_moved(matter: Matter) -> None:
    with pytest.raises(WrongState):
        ladder.move_due_date(matter, AFTER)


def test_a_clock_that_was_set_back_moves_nothing() -> None:
    with pytest.raises(WrongState):
        ladder.move_due_date(a_matter(known_on=AFTER), BEFORE)


def test_a_correction_with_another_due_date_takes_it_from_the_rule() -> None:
    matter = a_matter()
    corrected = events.Corrected("R-2", AFTER, matter.letter_number, "a", "b", "c", date(2023, 7, 20))

    after = changes.apply(matter, corrected)

    assert (after.due_date, after.due_rule, after.due_calendar) == (date(2023, 7, 20), "", "")
    kept = changes.apply(matter, replace(corrected, due_date=matter.due_date))
    assert kept.due_rule == WORKING


@pytest.mark.parametrize(
    ("objected", "stops", "pause"),
    [
        (date(2023, 6, 14), True, "2023-06-15/2023-06-20"),
        (date(2023, 6, 14), False, ""),
        (date(2023, 6, 20), True, ""),
        (None, True, ""),
    ],
)
def test_an_objection_stops_the_clock_from_the_day_after_it_until_its_answer(
    objected: date | None, stops: bool, pause: str
) -> None:
    assert due_dates.pause(objected, date(2023, 6, 20), stops_clock=stops) == pause


def test_days_of_a_pause_do_not_count_and_stay_so_when_a_decree_moves_the_date() -> None:
    pauses = ("2023-06-15/2023-06-20",)  # four working days
    paused = due_dates.by_rule(WORKING, LETTER_DATE, "ppk-6202", pauses, BEFORE)
    matter = replace(a_matter(), due_date=paused.day, pauses=pauses)

    moved = ladder.move_due_date(matter, AFTER)

    assert (paused.day, moved.due_date) == (date(2023, 7, 7), date(2023, 7, 11))
    assert due_dates.after_pause(date(2023, 7, 3), pauses[0]) == date(2023, 7, 9)


def test_a_maintained_recommendation_keeps_the_days_of_its_pause() -> None:
    matter = a_matter(State.OBJECTED)
    answered = events.ObjectionAnswered(
        "B-1", date(2023, 6, 20), date(2023, 7, 7), EARLIER, date(2023, 6, 15), date(2023, 6, 20)
    )

    after = changes.apply(matter, answered)

    assert (after.due_date, after.pauses) == (date(2023, 7, 7), ("2023-06-15/2023-06-20",))
    assert EVENTS.from_message(EVENTS.to_message(answered)) == answered


@pytest.mark.parametrize(
    ("day", "rule", "field"),
    [
        (date(2023, 7, 3), WORKING, "due_rule"),
        (LETTER_DATE, "", "due_date"),
        (None, "summons-gap", "due_rule"),
        (None, "no-such-rule", "due_rule"),
    ],
)
def test_a_due_date_is_set_after_the_letter_or_follows_a_rule_for_recommendations(
    day: date | None, rule: str, field: str
) -> None:
    with pytest.raises(Malformed) as refused:
        due_dates.chosen("kasn", LETTER_DATE, "ppk-6202", day, rule, BEFORE)

    assert refused.value.field == field


def counted_by_hand(letter: date, known: calendar.Calendar) -> date:
    day, left = letter, 14
    while left:
        day += timedelta(days=1)
        left -= day.isoweekday() < 6 and day not in known.days_off(day.year)
    return day


@given(
    letter=st.dates(date(2019, 1, 1), date(2026, 12, 1)),
    later=st.integers(0, 60),
)
def test_whatever_decrees_come_a_running_date_is_what_a_count_by_hand_gives(letter: date, later: int) -> None:
    today = letter + timedelta(days=later)
    found = due_dates.chosen("kasn", letter, "ppk-6202", None, WORKING, letter)
    matter = replace(a_matter(), letter_date=letter, due_date=found.day, due_calendar=found.calendar)

    event = due_dates.moved(matter, today)

    after = changes.apply(matter, event) if event else matter
    known = calendar.known_on(today)
    assert after.due_date == counted_by_hand(letter, known)
    if event:
        assert EVENTS.from_message(EVENTS.to_message(event)) == event
