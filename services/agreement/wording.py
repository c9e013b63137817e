"""Words in English that can be said in another language: a text that knows its template and what stands in its places. Pure."""

from collections.abc import Mapping
from datetime import date

Part = str | int | float | date


class Worded(str):
    """English words, filled in; `template` and `parts` are what a translation is made of. A part may be worded itself."""

    __slots__ = ("parts", "template")

    template: str
    parts: Mapping[str, Part]


def worded(template: str, /, **parts: Part) -> Worded:
    """A text out of a literal template: `worded("due {due}", due=day)`. Translations stand in the catalogue of who shows it."""
    found = Worded(template.format(**parts) if parts else template)
    found.template, found.parts = template, parts
    return found


def weekday(day: date) -> Worded:
    """The name of a day, short."""
    names = (
        worded("Mon"),
        worded("Tue"),
        worded("Wed"),
        worded("Thu"),
        worded("Fri"),
        worded("Sat"),
        worded("Sun"),
    )
    return names[day.weekday()]
