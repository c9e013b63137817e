"""Early warnings: cases of a place or act in the last weeks, compared with their own past. Pure.

A warning view for those who supervise; it says nothing of persons. The interval is the exact one of the ratio of two Poisson
rates, given their sum (Przyborowski and Wilenski 1940; Clopper and Pearson 1934), at 99 %: with a steady rate at most one row
in 200 is said to rise.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import exp, lgamma, log, log1p

WEEKS, PERIODS, MINIMUM = 4, 6, 5
RISES, STEADY, TOO_FEW, NO_PAST = "RISES", "STEADY", "TOO_FEW", "NO_PAST"
INDONESIAN = (
    "Perkara menurut hari pertama kali diketahui: {weeks} minggu terakhir dibandingkan dengan rata-rata {periods} kali {weeks}"
    " minggu sebelumnya di tempat atau perbuatan yang sama. Naik: batas bawah selang 99 % rasionya di atas 1, dengan sedikitnya"
    " {minimum} perkara."
)
ENGLISH = (
    "Cases by the day on which they first became known: the last {weeks} weeks against the mean of the {periods} times {weeks}"
    " weeks before, in the same place or act. Rises: the lower end of the ratio's exact 99 % interval is above 1, with at least"
    " {minimum} cases."
)
_ERROR = 0.01


@dataclass(frozen=True, slots=True)
class Windows:
    """The last `weeks` weeks that end with `today` (a legal date, inclusive), and `periods` as long ones before them."""

    today: date
    weeks: int = WEEKS
    periods: int = PERIODS

    @property
    def recent(self) -> date:
        """The first day of the last weeks."""
        return self.today - timedelta(weeks=self.weeks) + timedelta(days=1)

    @property
    def past(self) -> date:
        """The first day of all."""
        return self.recent - timedelta(weeks=self.weeks * self.periods)


@dataclass(frozen=True, slots=True)
class Warning:
    """A place or act: how many cases lately and before, by what their rates differ, and whether that is a rise.

    `ratio` is None where there was nothing before, `interval` where nothing is judged; its upper end is None if it has none.
    """

    key: str
    recent: int
    past: int
    state: str
    ratio: float | None
    interval: tuple[float, float | None] | None


def definition(text: str, windows: Windows, minimum: int) -> str:
    """Definition of the warning in words: what is counted and when it rises. `text` is INDONESIAN or ENGLISH."""
    return text.format(weeks=windows.weeks, periods=windows.periods, minimum=minimum)


def counts(known: Iterable[tuple[str, date | None, int]], windows: Windows) -> dict[str, tuple[int, int]]:
    """Count cases lately and before, by key. Takes (key, day on which it became known, how many)."""
    recent, past = Counter[str](), Counter[str]()
    for key, day, count in known:
        if day is not None and windows.past <= day <= windows.today:
            (recent if day >= windows.recent else past)[key] += count
    return {key: (recent[key], past[key]) for key in recent | past}


def warnings(
    found: dict[str, tuple[int, int]], windows: Windows, first: date | None, minimum: int = MINIMUM
) -> list[Warning]:
    """List what rises first, by the lower end; then the rest, the most frequent first. `first`: since when cases are known at all."""
    listed = [_warning(key, *counted, windows, first, minimum) for key, counted in found.items()]
    return sorted(listed, key=_order)


def _order(one: Warning) -> tuple[bool, float, str]:
    if one.state == RISES and one.interval:
        return False, -one.interval[0], one.key
    return True, -one.recent, one.key


def _warning(key: str, recent: int, past: int, windows: Windows, first: date | None, minimum: int) -> Warning:
    ratio = recent * windows.periods / past if past else None
    # Of weeks before the first case nothing is known: they are no zeros.
    if first is None or first > windows.past:
        return Warning(key, recent, past, NO_PAST, ratio, None)
    if recent < minimum:
        return Warning(key, recent, past, TOO_FEW, ratio, None)
    interval = ratio_interval(recent, past, windows.periods)
    return Warning(key, recent, past, RISES if interval[0] > 1 else STEADY, ratio, interval)


@cache
def ratio_interval(recent: int, past: int, periods: int) -> tuple[float, float | None]:
    """Interval of the ratio of the rates with 99 % confidence: `recent` in one period against `past` in `periods` of them.

    Needs one case at least. The upper end is None where nothing happened before.
    """
    low, high = clopper_pearson(recent, recent + past, _ERROR)
    return periods * low / (1 - low), periods * high / (1 - high) if high < 1 else None


def clopper_pearson(n: int, of: int, error: float) -> tuple[float, float]:
    """The exact interval of a share, n of N: each end is passed with a probability of half the error at most."""
    assert 0 <= n <= of > 0
    low = 0.0 if n == 0 else _where(lambda share: at_least(n, of, share) < error / 2)
    high = 1.0 if n == of else _where(lambda share: 1 - at_least(n + 1, of, share) > error / 2)
    return low, high


def at_least(n: int, of: int, share: float) -> float:
    """The probability of n or more of N."""
    if n <= 0 or share >= 1:
        return 1.0
    if share <= 0:
        return 0.0
    up, down = log(share), log1p(-share)
    whole = lgamma(of + 1)
    terms = (
        exp(whole - lgamma(k + 1) - lgamma(of - k + 1) + k * up + (of - k) * down) for k in range(n, of + 1)
    )
    return min(1.0, sum(terms))


def _where(too_low: Callable[[float], bool]) -> float:
    """The share at which this stops to hold, to twelve digits."""
    low, high = 0.0, 1.0
    for _ in range(42):
        middle = (low + high) / 2
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return (low + high) / 2
