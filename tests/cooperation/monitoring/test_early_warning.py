"""Early warnings: the windows, the exact interval against what can be worked out by hand, and how often a steady rate is called a rise."""

from datetime import date, timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperation.monitoring.figures import early_warning
from cooperation.monitoring.figures.early_warning import NO_PAST, RISES, STEADY, TOO_FEW, Windows

TODAY = date(2023, 11, 20)
WINDOWS = Windows(TODAY, weeks=4, periods=6)
LONG_AGO = date(2020, 1, 1)


def judged(recent: int, past: int, first: date | None = LONG_AGO, minimum: int = 5) -> early_warning.Warning:
    (found,) = early_warning.warnings({"62.02": (recent, past)}, WINDOWS, first, minimum)
    return found


def test_a_day_is_in_one_window_or_in_none():
    days = [TODAY + timedelta(days=1) - timedelta(days=ago) for ago in range(4 * 7 * 7 + 2)]
    counted = [early_warning.counts([("", day, 1)], WINDOWS).get("", (0, 0)) for day in days]

    assert counted == [(0, 0)] + [(1, 0)] * 28 + [(0, 1)] * 168 + [(0, 0)]


def test_cases_are_counted_by_key_and_an_unknown_day_by_none():
    known = [("a", TODAY, 2), ("a", WINDOWS.past, 3), ("b", TODAY, 1), ("b", None, 9)]

    assert early_warning.counts(known, WINDOWS) == {"a": (2, 3), "b": (1, 0)}


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    [
        (5, 10, 0.1871, 0.8129),  # the tables of Clopper and Pearson
        (1, 20, 0.0013, 0.2487),
        (0, 10, 0.0, 1 - 0.025**0.1),
        (10, 10, 0.025**0.1, 1.0),
    ],
)
def test_the_interval_of_a_share_is_the_exact_one(n: int, of: int, low: float, high: float):
    assert early_warning.clopper_pearson(n, of, 0.05) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 60), st.data())
def test_at_each_end_what_was_seen_has_half_the_error(of: int, data: st.DataObject):
    n = data.draw(st.integers(0, of))
    low, high = early_warning.clopper_pearson(n, of, 0.01)

    def chance(numbers: range, share: float) -> float:
        return sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in numbers)

    if n:
        assert chance(range(n, of + 1), low) == pytest.approx(0.005, rel=1e-6)
    if n < of:
        assert chance(range(n + 1), high) == pytest.approx(0.005, rel=1e-6)
    assert low <= n / of <= high


@pytest.mark.parametrize("total", [10, 40, 200, pytest.param(1000, marks=pytest.mark.soak)])
def test_with_a_steady_rate_at_most_one_row_in_200_is_said_to_rise(total: int):
    share = 1 / (1 + WINDOWS.periods)
    rises = [recent for recent in range(total + 1) if judged(recent, total - recent).state == RISES]

    assert sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in rises) <= 0.005


@pytest.mark.parametrize(
    ("recent", "past", "state"),
    [
        (20, 30, RISES),  # 4 times as many
        (10, 60, STEADY),  # as many as ever
        (2, 60, TOO_FEW),
        (5, 0, RISES),
        (4, 0, TOO_FEW),
        (8, 24, STEADY),  # twice as many, and still within the noise
    ],
)
def test_few_cases_are_not_judged_and_noise_is_no_rise(recent: int, past: int, state: str):
    assert judged(recent, past).state == state


def test_weeks_before_the_first_case_are_no_zeros():
    assert judged(20, 0, first=WINDOWS.past).state == RISES
    assert judged(20, 0, first=WINDOWS.past + timedelta(days=1)).state == NO_PAST
    assert judged(20, 0, first=None).interval is None


def test_the_ratio_is_of_rates_and_lies_within_its_interval():
    found = judged(20, 30)

    assert found.ratio == 4.0
    assert found.interval and found.interval[0] < 4.0 < (found.interval[1] or 0)
    assert judged(20, 0).ratio is None
    assert (judged(20, 0).interval or (0, 0))[1] is None


def test_what_rises_stands_first_then_the_most_frequent():
    found = {"a": (3, 20), "b": (20, 30), "c": (9, 60), "d": (40, 30), "e": (9, 60)}

    assert [one.key for one in early_warning.warnings(found, WINDOWS, LONG_AGO)] == ["d", "b", "c", "e", "a"]
