"""The Indonesian calendar in versions: which days are off, by name, as known when a decree had been made.

Public holidays (hari libur nasional) are the library's `holidays`; collective leave (cuti bersama) and what decrees
changed are data. The voting day of a region's own election is off there and nowhere else: whoever names a region gets a
calendar that has it. Which rule counts how many of these days is left to `deadlines`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.elections import rules as elections
from agreement.wording import worded

Kind = Literal["weekend", "public", "leave"]
Leave = Literal["off", "counts"]
"""Whether collective leave is off, or counts as a working day."""

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


def _named_days(texts: Sequence[str]) -> Mapping[date, str]:
    found: dict[date, str] = {}
    for text in texts:
        match = _NAMED.fullmatch(text)
        if match is None:
            raise ValueError("not 'YYYY-MM-DD name'")
        day = _day(match[1])
        if day in found:
            raise ValueError("a day stands twice")
        found[day] = match[2]
    return MappingProxyType(found)


def _day(iso: str) -> date:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise ValueError("not a day of the calendar") from None


_NamedDays = Annotated[Mapping[date, str], PlainValidator(_named_days)]
"""Days with their names, written as a list of `YYYY-MM-DD name`."""


def _no_days() -> Mapping[date, str]:
    return MappingProxyType({})


class Decree(data_files.Model):
    """A decree on a year's days off (SKB 3 Menteri, Keppres); the calendar's version from the day it was `made`.

    `leave` is the year's whole collective leave; `without` and `added` are where its public holidays differ from those
    that stood in the end. `confirmed` is False where `note` says what could not be read.
    """

    id: data_files.Text
    year: data_files.Number
    made: date
    title: data_files.Text
    leave: _NamedDays
    source: data_files.Text
    confirmed: bool
    without: data_files.SetOf[date] = frozenset()
    added: _NamedDays = Field(default_factory=_no_days, validation_alias="with")
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        if any(day.year != self.year for day in (*self.leave, *self.added)):
            raise ValueError("leave, with: not a day of its year")
        public = set(_public(self.year))
        if not self.without <= public:
            raise ValueError("without: not a public holiday")
        if set(self.leave) & ((public - self.without) | set(self.added)):
            raise ValueError("leave: a public holiday")
        return self


class _File(data_files.Model):
    decree: data_files.Entries[Decree]


def parse(text: str) -> tuple[Decree, ...]:
    """The decrees of a calendar file in the order in which they were made.

    Raises `BrokenData` for what is missing, misspelt, twice, or two decrees on one year of the same day.
    """
    found = data_files.parse(_File, _FILE, text, "id").decree
    data_files.index(_FILE, found, lambda each: each.id)
    ordered = sorted(found, key=lambda each: (each.made, each.id))
    if len({(each.made, each.year) for each in ordered}) != len(ordered):
        raise BrokenData(_FILE, "made", "two decrees of one day on one year")
    return tuple(ordered)


@cache
def _public(year: int) -> Mapping[date, tuple[tuple[str, ...], bool]]:
    """The library's public holidays of a year: names, and whether the library only estimates the day."""
    found: dict[date, tuple[tuple[str, ...], bool]] = {}
    import holidays  # its import takes longer than reading all our data

    for day, text in holidays.country_holidays("ID", years=year, language="id", expand=False).items():
        names = tuple(name.removesuffix(_ESTIMATE) for name in text.split("; "))
        found[day] = names, _ESTIMATE in text
    return MappingProxyType(dict(sorted(found.items())))


@dataclass(frozen=True)
class LocalDayOff:
    """A voting day that is off in some regions only: `made` is since when it was known, `note` what of it was not seen."""

    id: str
    made: date
    day: date
    title: str
    note: str


class Calendar:
    """The days off as they were known when the last of some decrees had been made; that one's id is the version.

    `local` are the days off of one region: each makes a version of its own there.
    """

    def __init__(self, decrees: Sequence[Decree], local: Sequence[LocalDayOff] = ()) -> None:
        self.decrees = tuple(sorted(decrees, key=lambda each: each.made))
        self.local = tuple(local)
        both: list[Decree | LocalDayOff] = [*self.decrees, *self.local]
        made = sorted(both, key=lambda each: (each.made, each.id))
        self.version = made[-1].id if made else "none"
        self._by_year = {each.year: each for each in self.decrees}  # the last on a year stands
        self._years: dict[int, Mapping[date, DayOff]] = {}

    @property
    def age(self) -> int:
        """Number of versions that had been made: of two calendars of one region the later one has more."""
        return len(self.decrees) + len(self.local)

    def decree(self, year: int) -> Decree | None:
        """The decree that stands for a year; None if there is none yet: then the year is an estimate."""
        return self._by_year.get(year)

    def estimate(self, year: int) -> bool:
        """True if the year's decree is not out: its days are the library's, and its leave is unknown."""
        return year not in self._by_year

    def days_off(self, year: int) -> Mapping[date, DayOff]:
        """Public holidays and collective leave of a year, without weekends, in the order of days."""
        if year not in self._years:
            self._years[year] = self._days_off(year)
        return self._years[year]

    def off(self, day: date) -> DayOff | None:
        """Reason for a day off; None if it is a working day. A holiday on a weekend has the names of both."""
        found = self.days_off(day.year).get(day)
        weekend = _WEEKEND.get(day.weekday())
        if found is None:
            return DayOff(day, "weekend", (weekend,)) if weekend else None
        return DayOff(day, found.kind, (weekend, *found.names), found.estimate) if weekend else found

    def not_working(self, day: date, leave: Leave) -> DayOff | None:
        """Reason for a day that is no working day, under a setting for leave; a weekend stays one, whatever else falls on it."""
        found = self.off(day)
        if found is not None and found.kind == "leave" and leave == "counts":
            return None if day.weekday() < 5 else replace(found, kind="weekend")
        return found

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
        for each in self.local:
            if each.day.year == year and each.day not in found:
                found[each.day] = DayOff(each.day, "public", (f"Pemungutan suara: {each.title}",))
        return MappingProxyType(dict(sorted(found.items())))


@cache
def decrees() -> tuple[Decree, ...]:
    """All decrees in the order in which they were made; each is a version of the calendar."""
    return parse(data_files.read(_FILE))


@cache
def _versions(region: str) -> tuple[Decree | LocalDayOff, ...]:
    """All decrees and a region's own voting days (none without a region), in the order in which they became known."""
    both: list[Decree | LocalDayOff] = list(decrees())
    both += [
        LocalDayOff(
            id=f"voting-{each.day}-{each.election.lower()}-{each.version}",
            made=each.known,
            day=each.day,
            title=each.title,
            note=worded(
                "{title} ({certainty}): {note}", title=each.title, certainty=each.certainty, note=each.note
            ),
        )
        for each in (elections.local_voting_days(region) if region else ())
    ]
    return tuple(sorted(both, key=lambda each: (each.made, each.id)))


@cache
def _upto(count: int, region: str) -> Calendar:
    known = _versions(region)[:count]
    return Calendar(
        [each for each in known if isinstance(each, Decree)],
        [each for each in known if isinstance(each, LocalDayOff)],
    )


def latest(region: str = "") -> Calendar:
    """The newest version; of a region (Kemendagri code) with its own voting days."""
    return _upto(len(_versions(region)), region)


def known_on(day: date, region: str = "") -> Calendar:
    """The version that was known on a legal date: all decrees made until then; of a region with its own voting days."""
    return _upto(sum(each.made <= day for each in _versions(region)), region)


def version(id: str, region: str = "", *, field: str = "calendar") -> Calendar:
    """The version with an id such as `skb-2023-amendment-1`. Raises `Unknown` for any other text.

    Of a region it has the voting days that were known then, also where its id is that of a decree.
    """
    for count, each in enumerate(_versions(region), 1):
        if each.id == id:
            return _upto(count, region)
    raise Unknown("not a version of the calendar", field=field)
