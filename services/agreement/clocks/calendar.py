"""The Indonesian calendar in versions: which days are off, by name, as known when a decree had been made.

Public holidays (hari libur nasional) are the library's `holidays`; collective leave (cuti bersama) and what decrees
changed are data. Whether leave counts as a working day, and counting itself, is left to `deadlines`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal

import holidays

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown

Kind = Literal["weekend", "public", "leave"]

_FILE = "calendar.toml"
_NAMED = re.compile(r"(\d{4}-\d{2}-\d{2}) (\S.*)")
_WEEKEND = {5: "Sabtu", 6: "Minggu"}
_ESTIMATE = " (perkiraan)"  # the library's mark


@dataclass(frozen=True)
class DayOff:
    """A day off: its kind, its Indonesian names, and whether it is only an estimate (perkiraan)."""

    day: date
    kind: Kind
    names: tuple[str, ...]
    estimate: bool = False

    @property
    def name(self) -> str:
        return "; ".join(self.names) + (_ESTIMATE if self.estimate else "")


@dataclass(frozen=True)
class Decree:
    """A decree on a year's days off (SKB 3 Menteri, Keppres); the calendar's version from the day it was `made`.

    `leave` is the year's whole collective leave; `without` and `added` are where its public holidays differ from those
    that stood in the end. `confirmed` is False where `note` says what could not be read.
    """

    id: str
    year: int
    made: date
    title: str
    leave: Mapping[date, str]
    without: frozenset[date]
    added: Mapping[date, str]
    source: str
    confirmed: bool
    note: str


def _named(entry: data_files.Entry, key: str, year: int) -> Mapping[date, str]:
    found: list[tuple[str, str]] = []
    for text in entry.texts(key):
        match = _NAMED.fullmatch(text)
        if match is None:
            raise entry.broken(f"{key}: not 'YYYY-MM-DD name'")
        found.append((match[1], match[2]))
    days = {iso: _day(entry, key, iso, year) for iso, _ in found}
    if len(days) != len(found):
        raise entry.broken(f"{key}: a day stands twice")
    return MappingProxyType({days[iso]: name for iso, name in found})


def _day(entry: data_files.Entry, key: str, iso: str, year: int) -> date:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        raise entry.broken(f"{key}: not a day of the calendar") from None
    if day.year != year:
        raise entry.broken(f"{key}: not a day of its year")
    return day


def _parse_decree(entry: data_files.Entry) -> Decree:
    year = entry.number("year")
    decree = Decree(
        id=entry.text("id"),
        year=year,
        made=entry.day("made"),
        title=entry.text("title"),
        leave=_named(entry, "leave", year),
        without=frozenset(entry.optional("without", entry.days) or ()),
        added=_named(entry, "with", year) if entry.has("with") else MappingProxyType({}),
        source=entry.text("source"),
        confirmed=entry.flag("confirmed"),
        note=entry.optional("note", entry.text) or "",
    )
    entry.done()
    if not decree.confirmed and not decree.note:
        raise entry.broken("note: missing, though it is not confirmed")
    public = set(_public(year))
    if not decree.without <= public:
        raise entry.broken("without: not a public holiday")
    if set(decree.leave) & ((public - decree.without) | set(decree.added)):
        raise entry.broken("leave: a public holiday")
    return decree


def parse(text: str) -> tuple[Decree, ...]:
    """The decrees of a calendar file in the order in which they were made.

    Raises `BrokenData` for what is missing, misspelt, twice, or two decrees on one year of the same day.
    """
    found = [_parse_decree(entry) for entry in data_files.entries(_FILE, text, "id", "decree")["decree"]]
    data_files.by_code(_FILE, ((each.id, each) for each in found))
    ordered = sorted(found, key=lambda each: (each.made, each.id))
    if len({(each.made, each.year) for each in ordered}) != len(ordered):
        raise BrokenData(_FILE, "made", "two decrees of one day on one year")
    return tuple(ordered)


@cache
def _public(year: int) -> Mapping[date, tuple[tuple[str, ...], bool]]:
    """The library's public holidays of a year: names, and whether the library only estimates the day."""
    found: dict[date, tuple[tuple[str, ...], bool]] = {}
    for day, text in holidays.country_holidays("ID", years=year, language="id", expand=False).items():
        names = tuple(name.removesuffix(_ESTIMATE) for name in text.split("; "))
        found[day] = names, _ESTIMATE in text
    return MappingProxyType(dict(sorted(found.items())))


class Calendar:
    """The days off as they were known when the last of some decrees had been made; that one's id is the version."""

    def __init__(self, decrees: Sequence[Decree]) -> None:
        self.decrees = tuple(sorted(decrees, key=lambda each: each.made))
        self.version = self.decrees[-1].id if self.decrees else "none"
        self._by_year = {each.year: each for each in self.decrees}  # the last on a year stands
        self._years: dict[int, Mapping[date, DayOff]] = {}

    def decree(self, year: int) -> Decree | None:
        """The decree that stands for a year; None if there is none yet: then the year is an estimate."""
        return self._by_year.get(year)

    def estimate(self, year: int) -> bool:
        """Whether the year's decree is not out: its days are the library's, and its leave is unknown."""
        return year not in self._by_year

    def days_off(self, year: int) -> Mapping[date, DayOff]:
        """Public holidays and collective leave of a year, without weekends, in the order of days."""
        if year not in self._years:
            self._years[year] = self._days_off(year)
        return self._years[year]

    def off(self, day: date) -> DayOff | None:
        """Why a day is off; None if it is a working day. A holiday on a weekend has the names of both."""
        found = self.days_off(day.year).get(day)
        weekend = _WEEKEND.get(day.weekday())
        if found is None:
            return DayOff(day, "weekend", (weekend,)) if weekend else None
        return DayOff(day, found.kind, (weekend, *found.names), found.estimate) if weekend else found

    def _days_off(self, year: int) -> Mapping[date, DayOff]:
        decree = self.decree(year)
        without = decree.without if decree else frozenset()
        found = {
            day: DayOff(day, "public", names, estimate or decree is None)
            for day, (names, estimate) in _public(year).items()
            if day not in without
        }
        if decree:
            found |= {day: DayOff(day, "public", (name,)) for day, name in decree.added.items()}
            found |= {
                day: DayOff(day, "leave", (f"Cuti bersama {name}",)) for day, name in decree.leave.items()
            }
        return MappingProxyType(dict(sorted(found.items())))


_DECREES = parse(data_files.read(_FILE))


def decrees() -> tuple[Decree, ...]:
    """All decrees in the order in which they were made; each is a version of the calendar."""
    return _DECREES


@cache
def _upto(count: int) -> Calendar:
    return Calendar(_DECREES[:count])


def latest() -> Calendar:
    """The newest version."""
    return _upto(len(_DECREES))


def known_on(day: date) -> Calendar:
    """The version that was known on a legal date: all decrees made until then."""
    return _upto(sum(each.made <= day for each in _DECREES))


def version(id: str, *, field: str = "calendar") -> Calendar:
    """The version with an id such as `skb-2023-amendment-1`. Raises `Unknown` for any other text."""
    for count, each in enumerate(_DECREES, 1):
        if each.id == id:
            return _upto(count)
    raise Unknown("not a version of the calendar", field=field)
