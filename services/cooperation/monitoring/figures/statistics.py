"""The Wilson score interval of a share (Wilson 1927). No I/O."""

from math import sqrt

_Z = 1.959963984540054  # 95 %


def wilson(n: int, of: int) -> tuple[float, float]:
    """Interval of the true share with 95 % confidence, if n of N were counted: two numbers from 0 to 1.

    With small N the interval is wide: that is why 4 of 4 does not rank above 90 of 100. Needs 0 <= n <= N and N > 0.
    """
    assert 0 <= n <= of > 0
    share, spread = n / of, _Z * _Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    # The ends are known exactly where nothing or everything counts; rounding shall not leave the share outside.
    return (0.0 if n == 0 else max(0.0, middle - half)), (1.0 if n == of else min(1.0, middle + half))
