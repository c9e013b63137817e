"""Due dates: counted day by day, explained, and re-computed when a decree is amended."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement.clocks import calendar, deadlines, explanation
from agreement.clocks.deadlines import Extension, Pause, Start
from refusals import Malformed
from support.days_off import LEAVE, PUBLIC

JAKARTA, MAKASSAR, JAYAPURA = (ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura"))
RULES = sorted(deadlines.rules())
# One rule of each number of days and unit: what else differs does not change the count.
COUNTED = sorted({(each.unit, each.count): each.id for each in deadlines.rules().values()}.values())
Setting = Literal["off", "counts"]


def a_deadline(
    rule: str, day: date, version: str = "", *, leave: Setting | None = None, zone: ZoneInfo = JAKARTA
) -> deadlines.Deadline:
    known = calendar.version(version) if version else None
    return deadlines.due(deadlines.rule(rule), Start("started", day), zone, known, leave=leave)


def counted_by_hand(start: date, count: int, unit: str, leave: str) -> date:
    """Day by day, with days off written down by hand: shares nothing with what it checks."""
    day = start
    while count:
        day += timedelta(days=1)
        off = day.isoweekday() > 5 or day in PUBLIC or (leave == "off" and day in LEAVE)
        if unit == "calendar" or not off:
            count -= 1
    return day


@pytest.mark.parametrize("leave", ["off", "counts"])
@pytest.mark.parametrize("name", COUNTED)
def test_every_due_date_of_2019_to_2027_is_what_a_count_by_hand_gives(name: str, leave: Setting) -> None:
    rule = deadlines.rule(name)
    day = date(2019, 1, 1)
    while day <= (date(2027, 11, 30) if rule.count < 30 else date(2027, 8, 31)):
        found = a_deadline(name, day, leave=leave)
        assert found.due == counted_by_hand(day, rule.count, rule.unit, leave), (name, day, leave)
        day += timedelta(days=1)


@given(
    st.sampled_from(RULES),
    st.dates(date(2019, 1, 1), date(2027, 6, 30)),
    st.sampled_from(["off", "counts"]),
    st.integers(0, 30),
    st.integers(0, 20),
)
@settings(max_examples=200, deadline=None)
def test_paused_and_extended_dates_are_what_a_count_by_hand_gives(
    name: str, day: date, leave: Setting, paused: int, more: int
) -> None:
    rule = deadlines.rule(name)
    pauses = [Pause(day + timedelta(days=1), day + timedelta(days=paused), "objection")] if paused else []
    extensions = [Extension(more, "more information", "bawaslu")] if more else []

    found = deadlines.due(
        rule, Start("started", day), JAKARTA, leave=leave, pauses=pauses, extensions=extensions
    )

    after_pause = day + timedelta(days=paused)
    assert found.due == counted_by_hand(after_pause, rule.count + more, rule.unit, leave)
    days_between = (found.due - day).days
    assert days_between == rule.count + more + len(found.skipped)


@given(
    st.sampled_from(RULES),
    st.dates(date(2019, 1, 1), date(2027, 6, 30)),
    st.sampled_from(calendar.decrees()),
    st.sampled_from(calendar.decrees()),
    st.sampled_from(["off", "counts"]),
)
@settings(max_examples=200, deadline=None)
def test_a_date_that_an_amended_decree_moves_says_by_which_days(
    name: str, day: date, first: calendar.Decree, second: calendar.Decree, leave: Setting
) -> None:
    before = a_deadline(name, day, first.id, leave=leave)

    found = explanation.recompute(before, calendar.version(second.id))

    assert found.after == a_deadline(name, day, second.id, leave=leave)
    if found.moved:
        assert found.changes[-1].startswith((f"due {before.due} becomes {found.after.due}", "no longer"))
        assert any("is off now" in line or "is a working day now" in line for line in found.changes)


def test_the_amendment_of_march_2023_moves_a_running_delivery_and_says_what_changed() -> None:
    running = a_deadline("decision-delivery", date(2023, 4, 10), "skb-2023", zone=MAKASSAR)

    found = explanation.recompute(running, calendar.version("skb-2023-amendment-1"))

    assert found.moved
    assert found.changes == (
        "Wed 2023-04-19 is off now: Cuti bersama Hari Raya Idul Fitri",
        "Thu 2023-04-20 is off now: Cuti bersama Hari Raya Idul Fitri",
        "Wed 2023-04-26 is a working day now; it was off: Cuti bersama Hari Raya Idul Fitri",
        "due 2023-05-05 becomes 2023-05-08 (skb-2023 to skb-2023-amendment-1)",
    )


def test_a_date_of_calendar_days_does_not_move_with_a_decree() -> None:
    running = a_deadline("follow-up", date(2023, 4, 10), "skb-2023")

    found = explanation.recompute(running, calendar.latest())

    assert not found.moved and found.changes == ()


@pytest.mark.parametrize(
    ("zone", "hour"), [(JAKARTA, 16), (MAKASSAR, 15), (JAYAPURA, 14)], ids=["WIB", "WITA", "WIT"]
)
def test_a_due_date_ends_with_its_local_day(zone: ZoneInfo, hour: int) -> None:
    found = a_deadline("follow-up", date(2023, 11, 28), zone=zone)

    assert found.due == date(2023, 12, 12)
    assert found.due_at == datetime(2023, 12, 12, hour, 59, 59, 999_999, tzinfo=UTC)


def test_an_explanation_has_rule_source_start_receipt_calendar_and_every_skipped_day_by_name() -> None:
    start = Start("decided", date(2023, 4, 17), "sha256:ab")

    found = deadlines.due(
        deadlines.rule("summons-gap"),
        start,
        JAKARTA,
        calendar.version("skb-2023-amendment-1"),
        pauses=[Pause(date(2023, 4, 18), date(2023, 4, 18), "objection B-1/2023")],
        extensions=[Extension(1, "more information", "bkn", "letter 7")],
    )

    told = "\n".join(explanation.explain(found))
    assert "reading: at most 7" in told
    assert "PP 94/2021 art. 26(2)" in told and "7 + 1 (extended) working days" in told
    assert "decided on Mon 2023-04-17" in told and "sha256:ab" in told
    assert "calendar skb-2023-amendment-1" in told
    assert "skipped Wed 2023-04-19: Cuti bersama Hari Raya Idul Fitri" in told
    assert "skipped Sun 2023-04-23: Minggu; Hari kedua dari Hari Raya Idul Fitri" in told
    assert "skipped Tue 2023-04-18: paused: objection B-1/2023" in told
    assert "extended by 1: more information, bkn, letter 7" in told
    assert {each["day"] for each in explanation.facts(found)["skipped"]} == {
        each.day.isoformat() for each in found.skipped
    }


def test_a_date_in_a_year_without_a_decree_says_that_it_is_an_estimate() -> None:
    found = a_deadline("report-pemilu", date(2023, 3, 20), "skb-2022-amendment-1")

    assert found.estimate
    assert any("(perkiraan)" in line for line in explanation.explain(found))
    assert any("may move" in line for line in explanation.explain(found))


def test_an_unconfirmed_rule_says_so_in_its_explanation() -> None:
    assert any(
        "rule not confirmed" in line
        for line in explanation.explain(a_deadline("follow-up", date(2023, 1, 2)))
    )


@pytest.mark.parametrize(
    ("examiner", "rule", "unit"),
    [
        ("kasn", "follow-up", "calendar"),
        ("bkn", "follow-up-bkn", "working"),
        ("later", "follow-up-bkn", "working"),
    ],
)
def test_the_follow_up_is_due_by_the_rule_that_the_data_names_for_the_examiner(
    examiner: str, rule: str, unit: str
) -> None:
    found = deadlines.default_rule("follow_up", examiner)

    assert (found.id, found.count, found.unit, found.zone) == (rule, 14, unit, "addressee")


def test_a_limit_that_can_be_read_in_two_ways_has_both_and_names_the_chosen_one() -> None:
    readings = deadlines.rule("decision-effect").readings()

    assert {name: each.unit for name, each in readings.items()} == {
        "BKN: working days": "working",
        "PP: days": "calendar",
    }
    told = explanation.explain(a_deadline("decision-effect", date(2025, 1, 6)))
    assert "reading: BKN: working days; also read: PP: days" in told


def test_a_day_of_a_local_election_was_a_working_day_until_the_law_was_changed() -> None:
    assert a_deadline("study-pilkada", date(2015, 3, 13)).due == date(2015, 3, 18)  # a Friday, then a weekend
    assert a_deadline("study-pilkada", date(2015, 3, 20)).due == date(2015, 3, 23)


def test_a_clock_that_stands_still_without_end_has_no_due_date() -> None:
    with pytest.raises(Malformed, match="stands still") as refused:
        deadlines.due(
            deadlines.rule("follow-up"),
            Start("recommended", date(2023, 1, 2)),
            JAKARTA,
            pauses=[Pause(date(2023, 1, 5), None, "objection")],
        )

    assert refused.value.field == "pauses"


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Malformed, match="before it begins"):
        deadlines.due(
            deadlines.rule("follow-up"),
            Start("recommended", date(2023, 1, 2)),
            JAKARTA,
            pauses=[Pause(date(2023, 1, 5), date(2023, 1, 4), "objection")],
        )


def test_an_unknown_rule_is_refused_without_repeating_it() -> None:
    with pytest.raises(deadlines.Unknown) as refused:
        deadlines.rule("3201011708450001")

    assert "3201011708450001" not in str(refused.value)
