"""Due dates by rule: counted day by day on a calendar of which the version is named, and explained with every skipped day.

Rules are data (`deadlines.toml`). Days are legal dates in a zone; a due date ends with its local day. What a late step
leads to is left to the desks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from agreement import data_files
from agreement.clocks import calendar as calendars
from agreement.clocks.calendar import Calendar, Leave
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.wording import worded
from refusals import Malformed

Unit = Literal["calendar", "working"]

_FILE = "deadlines.toml"
_FURTHEST = 3_660  # days; a pause without end, or a calendar without working days, must not count for ever


class OtherReading(data_files.Model):
    """Another way to read the clause of a limit: `text` says why, the rest what it changes."""

    reading: data_files.Text
    text: data_files.Text
    unit: Unit | None = None
    leave: Leave | None = None
    count: data_files.Number | None = None
    starts: data_files.Text | None = None
    start_counts: bool | None = None


class Before(data_files.Model):
    """A different unit for limits that began before `until`: a law that says what a day is was changed."""

    until: date
    unit: Unit
    leave: Leave
    source: data_files.Text


class DeadlineRule(data_files.Model):
    """A time limit (jangka waktu): `count` days of `unit` after the event `starts`; see the file for the words.

    `leave`: whether collective leave is "off" or "counts" as a working day. `confirmed` is False where `note` says what
    could not be read in `source`. `reading` names the way its clause is read, where there are `other` ways.
    """

    id: data_files.Text
    title: data_files.Text
    text_id: data_files.Text
    source: data_files.Text
    unit: Unit
    count: data_files.Number
    sense: Literal["at_most", "not_before", "takes_effect"]
    starts: data_files.Text
    zone: Literal["addressee", "jakarta"]
    leave: Leave
    confirmed: bool
    start_counts: bool = False
    extends: data_files.Text | Literal[""] = ""
    note: data_files.Text | Literal[""] = ""
    since: date | None = None
    until: date | None = None
    reading: data_files.Text | Literal[""] = ""
    other: data_files.Entries[OtherReading] = ()
    before: data_files.Entries[Before] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        data_files.check_period(self.since or date.min, self.until)
        if self.other and not self.reading:
            raise ValueError("reading: missing, though there are others")
        return self

    def on(self, day: date) -> Self:
        """The rule for a limit that begins on a day: what a day was then."""
        for each in self.before:
            if day < each.until:
                return self.model_copy(update={"unit": each.unit, "leave": each.leave})
        return self

    def readings(self) -> Mapping[str, Self]:
        """Every way to read it, as a whole rule under its name: the chosen one first."""
        found = {self.reading: self}
        for each in self.other:
            found[each.reading] = self.model_copy(update=each.model_dump(exclude_none=True, exclude={"text"}))
        return MappingProxyType(found)


@dataclass(frozen=True)
class Start:
    """Start of a limit: the event, its legal date, and the receipt that shows it (a digest or an id), if any."""

    event: str
    day: date
    receipt: str = ""


@dataclass(frozen=True)
class Pause:
    """The clock stands still on these days (both included; `until` None: it still does). `reason` is a code or a rule."""

    since: date
    until: date | None
    reason: str

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Extension:
    """More days of the rule's unit (perpanjangan), by whom and in which document; never personal."""

    days: int
    reason: str
    authority: str = ""
    document: str = ""


@dataclass(frozen=True)
class Skipped:
    """A day that was not counted, and why in words."""

    day: date
    why: str
    estimate: bool = False


@dataclass(frozen=True)
class Deadline:
    """A due date (jatuh tempo) and all that it follows from. `due` is a legal date in `zone`."""

    rule: DeadlineRule
    start: Start
    zone: str
    leave: Leave
    calendar: str
    due: date
    skipped: tuple[Skipped, ...]
    pauses: tuple[Pause, ...]
    extensions: tuple[Extension, ...]
    decrees: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    estimate: bool

    @property
    def due_at(self) -> datetime:
        """The last microsecond of the due day in its zone, as an instant in UTC."""
        return end_of_day(self.due, ZoneInfo(self.zone))

    @property
    def days(self) -> int:
        """Number of days that are counted: the rule's and those of all extensions."""
        return self.rule.count + sum(each.days for each in self.extensions)


# --- the rules ----------------------------------------------------------------------------------------------------


class _Default(data_files.Model):
    """The rule for a date that an examiner did not set; without `examiner` for every other one."""

    what: data_files.Text
    rule: data_files.Text
    examiner: data_files.Text | Literal[""] = ""


class _File(data_files.Model):
    rule: data_files.Entries[DeadlineRule]
    default: data_files.Entries[_Default]


Defaults = Mapping[tuple[str, str], str]
"""Ids of the default rules, under what they are for and the examiner."""


def parse(text: str) -> tuple[Mapping[str, DeadlineRule], Defaults]:
    """The rules of a file under their ids, and which of them is whose default for what. Raises `BrokenData`."""
    found = data_files.parse(_File, _FILE, text, "id")
    rules = data_files.index(_FILE, found.rule, lambda each: each.id)
    for rule in rules.values():
        if rule.extends and (rule.extends not in rules or rules[rule.extends].starts != rule.starts):
            raise BrokenData(_FILE, rule.id, "extends: unknown, or of another start")
    data_files.index(_FILE, found.default, lambda each: f"default {each.what} {each.examiner}")
    for default in found.default:
        if default.rule not in rules:
            raise BrokenData(_FILE, f"default {default.what}", "rule: unknown")
    return rules, MappingProxyType({(each.what, each.examiner): each.rule for each in found.default})


@cache
def _data() -> tuple[Mapping[str, DeadlineRule], Defaults]:
    return parse(data_files.read(_FILE))


def rules() -> Mapping[str, DeadlineRule]:
    """All rules under their ids, in the order of the procedure."""
    return _data()[0]


def rule(id: str, *, field: str = "rule") -> DeadlineRule:
    """The rule with an id such as `follow-up`. Raises `Unknown` for any other text."""
    return data_files.look_up(rules(), id, "not a rule of the agreement", field)


def default_rule(what: str, examiner: str) -> DeadlineRule:
    """The rule for a date that an examiner did not set, such as `follow_up`: KASN's letters say 14 days, BKN's 14 working days."""
    rules, defaults = _data()
    return rules[defaults.get((what, examiner)) or defaults[what, ""]]


# --- counting -----------------------------------------------------------------------------------------------------


def due(
    rule: DeadlineRule,
    start: Start,
    zone: ZoneInfo,
    calendar: Calendar | None = None,
    *,
    leave: Leave | None = None,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
) -> Deadline:
    """The due date by a rule. Of calendar days each counts; of working days those that are not off.

    `zone` is whose day ends. `calendar`: which version (None: the latest); `leave` replaces the rule's own setting.

    Raises:
        Malformed: a pause that ends before it begins or never ends, an extension of no days.
    """
    used = calendar or calendars.latest()
    rule = rule.on(start.day)
    _check(pauses, extensions)
    setting = leave or rule.leave
    left = rule.count + sum(each.days for each in extensions)
    skipped: list[Skipped] = []
    day = start.day if rule.start_counts else start.day + timedelta(days=1)
    for _ in range(_FURTHEST):
        reason = _skip(rule, used, setting, pauses, day)
        if reason is None:
            left -= 1
            if left == 0:
                break
        else:
            skipped.append(reason)
        day += timedelta(days=1)
    else:
        raise Malformed("the clock stands still without end: there is no due date yet", field="pauses")
    years = range(start.day.year, day.year + 1) if rule.unit == "working" else ()
    known = [decree for year in years if (decree := used.decree(year))]
    return Deadline(
        rule=rule,
        start=start,
        zone=zone.key,
        leave=setting,
        calendar=used.version,
        due=day,
        skipped=tuple(skipped),
        pauses=tuple(pauses),
        extensions=tuple(extensions),
        decrees=tuple(decree.title for decree in known),
        unconfirmed=(
            *(
                worded("{title}: {note}", title=decree.title, note=decree.note)
                for decree in known
                if not decree.confirmed
            ),
            *(each.note for each in used.local if each.day in {one.day for one in skipped}),
        ),
        estimate=any(map(used.estimate, years)) or any(each.estimate for each in skipped),
    )


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of a legal date in a zone, as an instant in UTC."""
    following = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return following.astimezone(UTC) - timedelta(microseconds=1)


def _check(pauses: Sequence[Pause], extensions: Sequence[Extension]) -> None:
    if any(each.until is not None and each.until < each.since for each in pauses):
        raise Malformed("a pause ends before it begins", field="pauses")
    if any(each.days < 1 for each in extensions):
        raise Malformed("an extension of no days", field="extensions")


def _skip(
    rule: DeadlineRule, calendar: Calendar, leave: Leave, pauses: Sequence[Pause], day: date
) -> Skipped | None:
    for pause in pauses:
        if pause.holds(day):
            return Skipped(day, worded("paused: {reason}", reason=pause.reason))
    found = calendar.not_working(day, leave) if rule.unit == "working" else None
    return Skipped(day, found.name, found.estimate) if found else None
