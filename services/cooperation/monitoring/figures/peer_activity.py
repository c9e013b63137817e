"""Activity of peers: who is quiet longer than its habit. Pure.

The rule: the habit is the longest gap, in days, between the last 20 days on which something came from a peer. It is silent
when it has been quiet for more than twice that, and for more than a week. With fewer than 5 such days there is no habit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

RULE = (
    "Senyap: lebih dari dua kali jeda terpanjang di antara 20 hari terakhir yang ada kabarnya, dan lebih dari 7 hari."
    " Kurang dari 5 hari berkabar: belum ada kebiasaan."
)
RULE_EN = (
    "Silent: more than twice the longest pause among the last 20 days with statements, and more than 7 days."
    " Fewer than 5 days with statements: no habit yet."
)
_REMEMBERED, _ENOUGH, _AT_LEAST_DAYS = 20, 5, 7
_JAKARTA = ZoneInfo("Asia/Jakarta")

HEARD, SILENT, NO_HABIT, NEVER_HEARD = "HEARD", "SILENT", "NO_HABIT", "NEVER_HEARD"


@dataclass(frozen=True, slots=True)
class PeerActivity:
    """Activity of a peer: when last (UTC), how many statements, and the last days (Jakarta) with one, oldest first."""

    peer: str
    last: datetime | None = None
    statements: int = 0
    days: tuple[date, ...] = ()


def hear(
    known: Mapping[str, PeerActivity], arrivals: Iterable[tuple[str, datetime]]
) -> dict[str, PeerActivity]:
    """The feeds of the peers that arrivals (peer, instant) came from, on from what is known."""
    found: dict[str, PeerActivity] = {}
    for peer, at in arrivals:
        feed = found.get(peer) or known.get(peer) or PeerActivity(peer)
        days = sorted({*feed.days, at.astimezone(_JAKARTA).date()})[-_REMEMBERED:]
        last = at if feed.last is None else max(feed.last, at)
        found[peer] = replace(feed, last=last, statements=feed.statements + 1, days=tuple(days))
    return found


def longest_usual_gap(feed: PeerActivity) -> int | None:
    """The longest gap between days with a statement; None if they are too few to tell."""
    if len(feed.days) < _ENOUGH:
        return None
    return max((later - earlier).days for earlier, later in pairwise(feed.days))


def days_since_last(feed: PeerActivity, today: date) -> int | None:
    """Days since the last statement; None if there was none."""
    return (today - feed.days[-1]).days if feed.days else None


def state(feed: PeerActivity, today: date) -> str:
    """State of a peer: heard as usual or silent, by the rule above."""
    days, habit = days_since_last(feed, today), longest_usual_gap(feed)
    if days is None:
        return NEVER_HEARD
    if habit is None:
        return NO_HABIT
    return SILENT if days > max(2 * habit, _AT_LEAST_DAYS) else HEARD
