"""Peers that are quiet longer than their habit."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cooperation.monitoring.figures import peer_activity
from cooperation.monitoring.figures.peer_activity import PeerActivity, hear

MONDAY = date(2020, 6, 1)


def a_feed(*days: int) -> PeerActivity:
    """A peer that was heard on these days, counted from a Monday, at noon in Jakarta."""
    noon = datetime(2020, 6, 1, 5, tzinfo=UTC)
    return hear({}, [("kasn", noon + timedelta(days=day)) for day in days]).get("kasn", PeerActivity("kasn"))


@pytest.mark.parametrize(
    ("days", "today", "state"),
    [
        ([], 30, "NEVER_HEARD"),
        ([0, 1, 2, 3], 90, "NO_HABIT"),
        ([0, 0, 0, 1, 1, 2, 3], 90, "NO_HABIT"),
        ([0, 1, 2, 3, 4], 11, "HEARD"),
        ([0, 1, 2, 3, 4], 12, "SILENT"),
        ([0, 10, 20, 30, 40], 60, "HEARD"),
        ([0, 10, 20, 30, 40], 61, "SILENT"),
    ],
)
def test_silent_is_longer_than_twice_the_longest_gap_and_longer_than_a_week(
    days: list[int], today: int, state: str
):
    assert peer_activity.state(a_feed(*days), MONDAY + timedelta(days=today)) == state


def test_many_statements_on_one_day_make_one_day():
    feed = a_feed(0, 0, 0, 1)

    assert (feed.statements, len(feed.days)) == (4, 2)


def test_only_the_last_twenty_days_are_remembered():
    feed = a_feed(0, *range(100, 125))

    assert len(feed.days) == 20
    assert peer_activity.longest_usual_gap(feed) == 1


def test_hearing_in_two_parts_is_hearing_at_once():
    at = [("kasn", datetime(2020, 6, day, tzinfo=UTC)) for day in range(1, 20)]
    first = hear({}, at[:7])

    assert hear(first, at[7:]) == hear({}, at)
