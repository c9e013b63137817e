"""Explanation of a due date: line by line in words, as data, and what another version of the calendar makes of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from agreement.clocks import deadlines
from agreement.clocks.calendar import Calendar
from agreement.clocks.deadlines import Deadline, DeadlineRule, Extension
from agreement.wording import Worded, weekday, worded

Plain = Mapping[str, "Plain"] | Sequence["Plain"] | str | int | bool | None
"""Plain data, as JSON has it."""


@dataclass(frozen=True)
class Recomputed:
    """A deadline before and after another version of the calendar, and what changed in words (nothing: empty)."""

    before: Deadline
    after: Deadline
    changes: tuple[Worded, ...]

    @property
    def moved(self) -> bool:
        """True if the due date is another one."""
        return self.before.due != self.after.due


def recompute(deadline: Deadline, calendar: Calendar) -> Recomputed:
    """The same deadline on another version of the calendar, and what that changed."""
    after = deadlines.due(
        deadline.rule,
        deadline.start,
        ZoneInfo(deadline.zone),
        calendar,
        leave=deadline.leave,
        pauses=deadline.pauses,
        extensions=deadline.extensions,
    )
    return Recomputed(deadline, after, tuple(_changes(deadline, after)))


def explain(it: Deadline) -> tuple[Worded, ...]:
    """Explain a date line by line: rule, start, counting, each skipped day by name, pauses, calendar, doubts."""
    rule = it.rule
    lines = [_due(it), _rule(it), worded("text: {text} ({source})", text=rule.text_id, source=rule.source)]
    first = worded("the day itself counts") if rule.start_counts else worded("the day itself is not counted")
    start = it.start.day
    lines.append(
        worded(
            "start: {event} on {weekday} {day}; {first}",
            event=it.start.event,
            weekday=weekday(start),
            day=start,
            first=first,
        )
    )
    if it.start.receipt:
        lines.append(worded("receipt: {receipt}", receipt=it.start.receipt))
    if rule.unit == "working":
        counted = worded("is off") if it.leave == "off" else worded("counts as working days")
        lines.append(
            worded(
                "calendar {calendar}; collective leave (cuti bersama) {counted}",
                calendar=it.calendar,
                counted=counted,
            )
        )
    return (*lines, *_skipped(it), *_doubts(it))


def _due(it: Deadline) -> Worded:
    senses = {
        "at_most": worded("due at the end of"),
        "not_before": worded("not before"),
        "takes_effect": worded("takes effect on"),
    }
    return worded(
        "{sense} {weekday} {due} in {zone}{mark}; {at}",
        sense=senses[it.rule.sense],
        weekday=weekday(it.due),
        due=it.due,
        zone=it.zone,
        mark=worded(" (perkiraan)") if it.estimate else "",
        at=it.due_at.isoformat(),
    )


def _rule(it: Deadline) -> Worded:
    more = it.days - it.rule.count
    return worded(
        "rule {id}: {title}; {count}{extended} {unit}",
        id=it.rule.id,
        title=it.rule.title,
        count=it.rule.count,
        extended=worded(" + {more} (extended)", more=more) if it.extensions else "",
        unit=unit_words(it.rule),
    )


def unit_words(rule: DeadlineRule) -> Worded:
    """The unit of a rule's days."""
    return worded("working days (hari kerja)") if rule.unit == "working" else worded("calendar days")


def _skipped(it: Deadline) -> list[Worded]:
    """Every day that was not counted, by name, and what made the limit longer."""
    lines = [
        worded("skipped {weekday} {day}: {why}", weekday=weekday(each.day), day=each.day, why=each.why)
        for each in it.skipped
    ]
    lines += [
        worded(
            "paused {since} to {until}: {reason}",
            since=each.since,
            until=each.until or worded("now"),
            reason=each.reason,
        )
        for each in it.pauses
    ]
    return lines + [
        worded("extended by {days}: {reason}", days=each.days, reason=_because(each))
        for each in it.extensions
    ]


def _doubts(it: Deadline) -> list[Worded]:
    """Ways to read the clause, and what could not be confirmed."""
    rule, lines = it.rule, []
    if rule.reading:
        others = ", ".join(each.reading for each in rule.other)
        also = worded("; also read: {others}", others=others) if others else ""
        lines.append(worded("reading: {reading}{also}", reading=rule.reading, also=also))
    if not rule.confirmed:
        lines.append(worded("rule not confirmed: {note}", note=rule.note))
    if it.estimate:
        lines.append(worded("estimate (perkiraan): a day is not decreed yet, so the date may move"))
    return lines + [worded("decree not confirmed: {each}", each=each) for each in it.unconfirmed]


def _because(extension: Extension) -> str:
    return ", ".join(filter(None, (extension.reason, extension.authority, extension.document)))


def facts(it: Deadline) -> Mapping[str, Plain]:
    """An explanation as plain data; days in ISO form, the instant in UTC."""
    return {
        "due": it.due.isoformat(),
        "due_at": it.due_at.isoformat(),
        "zone": it.zone,
        "estimate": it.estimate,
        "rule": {
            "id": it.rule.id,
            "title": it.rule.title,
            "text_id": it.rule.text_id,
            "source": it.rule.source,
            "unit": it.rule.unit,
            "count": it.rule.count,
            "sense": it.rule.sense,
            "confirmed": it.rule.confirmed,
            "note": it.rule.note,
            "reading": it.rule.reading,
            "other_readings": [each.reading for each in it.rule.other],
        },
        "start": {"event": it.start.event, "day": it.start.day.isoformat(), "receipt": it.start.receipt},
        "calendar": it.calendar,
        "collective_leave": it.leave,
        "decrees": list(it.decrees),
        "decrees_not_confirmed": list(it.unconfirmed),
        "skipped": [
            {"day": each.day.isoformat(), "why": each.why, "estimate": each.estimate} for each in it.skipped
        ],
        "pauses": [
            {
                "since": each.since.isoformat(),
                "until": each.until.isoformat() if each.until else None,
                "reason": each.reason,
            }
            for each in it.pauses
        ],
        "extensions": [
            {"days": each.days, "reason": each.reason, "authority": each.authority, "document": each.document}
            for each in it.extensions
        ],
    }


def _changes(before: Deadline, after: Deadline) -> list[Worded]:
    """Name the days within the count that became off or working, and say whether the due date moved."""
    if before.calendar == after.calendar:
        return []
    was = {each.day: each.why for each in before.skipped}
    now = {each.day: each.why for each in after.skipped}
    common = min(before.due, after.due)
    lines = [
        _change(day, was, now) for day in sorted(was.keys() | now.keys()) if _differs(day, was, now, common)
    ]
    if before.due != after.due:
        lines.append(
            worded(
                "due {before} becomes {after} ({first} to {second})",
                before=before.due,
                after=after.due,
                first=before.calendar,
                second=after.calendar,
            )
        )
    if before.estimate and not after.estimate:
        lines.append(worded("no longer an estimate"))
    return lines


def _differs(day: date, was: Mapping[date, str], now: Mapping[date, str], common: date) -> bool:
    if day in was and day in now:
        return was[day] != now[day]
    return day <= common


def _change(day: date, was: Mapping[date, str], now: Mapping[date, str]) -> Worded:
    if day not in now:
        return worded(
            "{weekday} {day} is a working day now; it was off: {was}",
            weekday=weekday(day),
            day=day,
            was=was[day],
        )
    if day not in was:
        return worded("{weekday} {day} is off now: {now}", weekday=weekday(day), day=day, now=now[day])
    return worded(
        "{weekday} {day} has another name: {was}, now {now}",
        weekday=weekday(day),
        day=day,
        was=was[day],
        now=now[day],
    )
