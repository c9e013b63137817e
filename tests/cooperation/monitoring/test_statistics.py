"""Wilson intervals, against the published values and their own equation."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperation.monitoring.figures.statistics import wilson

COUNTS = st.integers(1, 3000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    # Newcombe 1998, table I, method 3 (score without continuity correction).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(n: int, of: int, low: float, high: float):
    assert wilson(n, of) == pytest.approx((low, high), abs=5e-5)


@given(COUNTS)
def test_the_ends_are_where_the_share_is_just_196_standard_errors_away(counts: tuple[int, int]):
    n, of = counts

    low, high = wilson(n, of)

    assert 0 <= low <= n / of <= high <= 1
    for end in (low, high):
        error = sqrt(end * (1 - end) / of)
        if 0 < end < 1:
            assert abs(n / of - end) == pytest.approx(1.959964 * error, rel=1e-4, abs=1e-9)


@given(COUNTS)
def test_more_cases_of_the_same_share_narrow_it(counts: tuple[int, int]):
    n, of = counts

    low, high = wilson(n, of)
    closer_low, closer_high = wilson(10 * n, 10 * of)

    assert closer_high - closer_low < high - low
