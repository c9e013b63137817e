"""Readings of the pledge, at a roll-call or before a list is signed: which text was read, and the post of who read it."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date

from agreement.parties import identifiers
from agreement.prevention import campaigns
from refusals import Malformed

_TEXT_ID = re.compile(r"[a-z0-9-]{0,40}")


def text_read(pledge: str, day: date) -> campaigns.Pledge:
    """The text of the pledge that was read on a day: the one that is named, else the usual one.

    Raises:
        Malformed: there is no such text, or there was none yet on that day.
    """
    return campaigns.pledge(pledge) if pledge else campaigns.pledge_on(day)


def text_asked_for(election: str, letter_date: date, today: date) -> campaigns.Pledge:
    """The text that a letter asks for: that of its election, else the usual one of its date, of today if there was none then.

    Raises:
        Malformed: there is none yet today.
    """
    had_one = any(each.since <= letter_date for each in campaigns.pledges().values())
    return campaigns.pledge_for(election, letter_date if had_one else today)


def usual_text(days: Mapping[str, int], otherwise: date) -> campaigns.Pledge:
    """The text that was the usual one on most of these days (ISO) by their counts; on another day if there are none.

    Raises:
        Malformed: there was no text yet on that other day.
    """
    counts = Counter[str]()
    for day, count in sorted(days.items(), reverse=True):
        counts[campaigns.pledge_on(date.fromisoformat(day)).id] += count
    return campaigns.pledge(counts.most_common(1)[0][0]) if counts else campaigns.pledge_on(otherwise)


def require_reading(pledge: str, read_by: str) -> None:
    """Refuse a statement on a reading that names text or reader by anything but an id and a post; empty: not told.

    Whether there is a text of that id is not asked: the sender's data may be newer.

    Raises:
        Malformed: it is no id, or no post that is listed.
    """
    if not _TEXT_ID.fullmatch(pledge) or identifiers.holds_personal_number(pledge):
        raise Malformed("not the id of a text", field="pledge")
    require_reader(read_by)


def require_reader(read_by: str) -> None:
    """Refuse a reader who is told by anything but a post; empty: not told.

    Raises:
        Malformed: it is none that is listed.
    """
    if read_by:
        campaigns.reader(read_by)
