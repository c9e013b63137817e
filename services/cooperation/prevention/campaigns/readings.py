"""Readings of the pledge, at a roll-call or before a list is signed: which text was read, and the post of who read it."""

import re
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
