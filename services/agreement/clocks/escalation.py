"""The ladder of a recommendation that is not followed up: which step comes next, from which day on, and who takes it.

Steps are data (`ladder.toml`). Whether a recommendation is on the ladder at all is left to the examiner's desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from agreement import data_files
from agreement.clocks import calendar
from agreement.clocks.deadlines import working_days_from
from agreement.data_files import BrokenData
from agreement.parties.institutions import ROLES

CLOCK = "clock"
_DUE = "DUE"
_FILE = "ladder.toml"


@dataclass(frozen=True)
class Step:
    """A step (anak tangga): `days` of `unit` after (or `before`) what it follows; taken by the clock or a role."""

    id: str
    title_id: str
    follows: str
    days: int
    before: bool
    unit: str
    by: str
    type: str
    earliest: str
    source: str
    confirmed: bool
    note: str


@dataclass(frozen=True)
class Next:
    """What comes next: the step, from which legal date on, who must act; `confirmed` is that of its delay."""

    step: str
    day: date
    by: str
    confirmed: bool


def _parse_step(entry: data_files.Entry) -> Step:
    step = Step(
        id=entry.text("id"),
        title_id=entry.text("title_id"),
        follows=entry.text("from"),
        days=entry.number("days"),
        before=entry.optional("before", entry.flag) or False,
        unit=entry.text("unit"),
        by=entry.text("by"),
        type=entry.optional("type", entry.text) or "",
        earliest=entry.optional("earliest", entry.text) or "",
        source=entry.text("source"),
        confirmed=entry.flag("confirmed"),
        note=entry.optional("note", entry.text) or "",
    )
    entry.done()
    if step.unit not in ("calendar", "working"):
        raise entry.broken("unit: neither calendar nor working")
    if step.by != CLOCK and step.by not in ROLES:
        raise entry.broken("by: neither clock nor a role")
    if not step.confirmed and not step.note:
        raise entry.broken("note: missing, though it is not confirmed")
    return step


def parse(text: str) -> Mapping[str, Step]:
    """The steps of a file under their ids, in order. Raises `BrokenData`, also for one that follows a later one."""
    found = [_parse_step(entry) for entry in data_files.entries(_FILE, text, "id", "step")["step"]]
    seen = {_DUE}
    for step in found:
        if step.follows not in seen or step.earliest not in seen | {""}:
            raise BrokenData(_FILE, step.id, "follows what does not stand above it")
        seen.add(step.id)
    return data_files.by_code(_FILE, ((each.id, each) for each in found))


_STEPS = parse(data_files.read(_FILE))
_ORDER = tuple(_STEPS)


def steps() -> Mapping[str, Step]:
    """The steps under their ids, from the lowest."""
    return _STEPS


def rank(step: str) -> int:
    """How high a step is, from 1; 0 for none."""
    return _ORDER.index(step) + 1 if step else 0


def day_of(step: Step, due: date, reached: Mapping[str, date]) -> date:
    """From which legal date on a step is to be taken: `due` is the due date, `reached` when the others were.

    A step that was skipped counts as reached when it could have been. Working days are those of the calendar that was
    known on the day from which it is counted.
    """
    since = due if step.follows == _DUE else _reached(step.follows, due, reached)
    if step.unit == "calendar":
        return since + timedelta(days=-step.days if step.before else step.days)
    return working_days_from(since, -step.days if step.before else step.days, calendar.known_on(since))


def _reached(step: str, due: date, reached: Mapping[str, date]) -> date:
    return reached[step] if step in reached else day_of(_STEPS[step], due, reached)


def next_step(due: date, reached: Mapping[str, date], today: date) -> Next | None:
    """What comes after the highest step that was reached; None at the top. What must precede the due date is passed
    over once that is past."""
    highest = max(map(rank, reached), default=0)
    for step in list(_STEPS.values())[highest:]:
        if step.before and today > due:
            continue
        return Next(step.id, day_of(step, due, reached), step.by, step.confirmed)
    return None


def possible_from(step: str, due: date, reached: Mapping[str, date]) -> date:
    """The first legal date on which an officer may take a step, be it early on the ladder."""
    found = _STEPS[step]
    earliest = found.earliest
    return day_of(_STEPS[earliest], due, reached) if earliest else day_of(found, due, reached)
