"""When a follow-up is due, and what moves it: an answered objection, an amended decree on days off. Pure.

By a rule of the agreement, or on the day that the examiner set; the latter is moved by no decree. Days are legal dates in
the addressee's zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from agreement.clocks import calendar, deadlines, explanation
from agreement.clocks.deadlines import Deadline, Pause
from agreement.parties import institutions
from refusals import Malformed

_STARTS = "recommended"


class Running(Protocol):
    """Fields of a matter, or its row, that a due date depends on."""

    @property
    def letter_number(self) -> str: ...
    @property
    def letter_date(self) -> date | None: ...
    @property
    def addressee(self) -> str: ...
    @property
    def due_date(self) -> date | None: ...
    @property
    def due_rule(self) -> str: ...
    @property
    def due_calendar(self) -> str: ...
    @property
    def pauses(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Due:
    """A due date (jatuh tempo); `rule` and the version of the `calendar` are empty if the examiner set it."""

    day: date
    rule: str = ""
    calendar: str = ""


@dataclass(frozen=True)
class DueDateMoved:
    """A decree on days off moved a running due date; `days_off` became off within it, `working_days` no longer are."""

    letter_number: str
    due_date: date
    former_due_date: date
    due_rule: str
    calendar: str
    former_calendar: str
    days_off: tuple[date, ...]
    working_days: tuple[date, ...]


def chosen(examiner: str, letter_date: date, addressee: str, day: date | None, rule: str, today: date) -> Due:
    """The due date of a recommendation: the day that was set, else by a rule, else by the default rule for the examiner's letters.

    Raises:
        Malformed: both are given, the day is not after the letter, or the rule is none of a recommendation.
    """
    if day is None:
        return by_rule(_rule(rule, examiner), letter_date, addressee, (), today)
    if rule:
        raise Malformed("a due date is set, or follows a rule", field="due_rule")
    if day <= letter_date:
        raise Malformed("not after the letter", field="due_date")
    return Due(day)


def by_rule(rule: str, letter_date: date, addressee: str, pauses: tuple[str, ...], today: date) -> Due:
    """The due date by a rule on the calendar that is known on `today`. `pauses` as in `Matter.pauses`."""
    region = institutions.region_of(addressee)
    found = _count(rule, letter_date, addressee, pauses, calendar.known_on(today, region))
    return Due(found.due, rule, found.calendar)


def pause(objected: date | None, answered: date, *, stops_clock: bool) -> str:
    """The days for which an objection stopped the clock, as `since/until` in ISO form; empty if it did not stop it.

    The day of the objection still counts, that of the answer does not.
    """
    if not stops_clock or objected is None or answered <= objected:
        return ""
    return f"{objected + timedelta(days=1)}/{answered}"


def after_pause(day: date, pause: str) -> date:
    """A day that the examiner set, after the clock stood still: as many calendar days later."""
    since, until = map(date.fromisoformat, pause.split("/"))
    return day + (until - since) + timedelta(days=1)


def moved(matter: Running, today: date) -> DueDateMoved | None:
    """Return the due date that the decrees made until `today` give; None if it stays."""
    if not matter.due_calendar or matter.due_date is None or matter.letter_date is None:
        return None
    region = institutions.region_of(matter.addressee)
    then, known = calendar.version(matter.due_calendar, region), calendar.known_on(today, region)
    if then.age >= known.age:
        return None  # the same, or a clock that was set back
    pauses = tuple(matter.pauses)
    was = _count(matter.due_rule, matter.letter_date, matter.addressee, pauses, then)
    now = explanation.recompute(was, known).after
    if now.due == matter.due_date:
        return None
    off_then, off_now = ({each.day for each in count.skipped} for count in (was, now))
    last = min(was.due, now.due)
    return DueDateMoved(
        letter_number=matter.letter_number,
        due_date=now.due,
        former_due_date=matter.due_date,
        due_rule=matter.due_rule,
        calendar=now.calendar,
        former_calendar=was.calendar,
        days_off=tuple(sorted(day for day in off_now - off_then if day <= last)),
        working_days=tuple(sorted(day for day in off_then - off_now if day <= last)),
    )


def _rule(id: str, examiner: str) -> str:
    if not id:
        return deadlines.default_rule("follow_up", examiner).id
    rule = deadlines.rule(id, field="due_rule")
    if rule.starts != _STARTS:
        raise Malformed("not a rule that begins with a recommendation", field="due_rule")
    return rule.id


def _count(
    rule: str, letter_date: date, addressee: str, pauses: tuple[str, ...], on: calendar.Calendar
) -> Deadline:
    known = deadlines.rule(rule)
    stood = [
        Pause(date.fromisoformat(since), date.fromisoformat(until), "objection")
        for since, _, until in (each.partition("/") for each in pauses)
    ]
    return deadlines.due(
        known,
        deadlines.Start(known.starts, letter_date),
        institutions.zone(addressee),
        on,
        pauses=stood,
    )
