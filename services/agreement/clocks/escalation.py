"""The ladder of a recommendation that is not followed up: which step comes next, from which day on, and who takes it.

Steps are data (`ladder.toml`). Whether a recommendation is on the ladder at all is left to the examiner's desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal, Self

from pydantic import Field, model_validator

from agreement import data_files
from agreement.clocks import calendar
from agreement.clocks.working_days import working_days_from
from agreement.data_files import BrokenData
from agreement.parties.institutions import ROLES

CLOCK = "clock"
_DUE = "DUE"
_FILE = "ladder.toml"


class Step(data_files.Model):
    """A step (anak tangga): `days` of `unit` after (or `before`) what it follows; taken by the clock or a role."""

    id: data_files.Text
    title_id: data_files.Text
    follows: data_files.Text = Field(validation_alias="from")
    days: data_files.Number
    unit: Literal["calendar", "working"]
    by: data_files.Text
    source: data_files.Text
    confirmed: bool
    before: bool = False
    type: data_files.Text | Literal[""] = ""
    earliest: data_files.Text | Literal[""] = ""
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        if self.by != CLOCK and self.by not in ROLES:
            raise ValueError("by: neither clock nor a role")
        return self


class _File(data_files.Model):
    step: data_files.Entries[Step]


@dataclass(frozen=True)
class Next:
    """Next step: from which legal date on, and who must act; `confirmed` is that of its delay."""

    step: str
    day: date
    by: str
    confirmed: bool


def parse(text: str) -> Mapping[str, Step]:
    """The steps of a file under their ids, in order. Raises `BrokenData`, also for one that follows a later one."""
    found = data_files.parse(_File, _FILE, text, "id").step
    seen = {_DUE}
    for step in found:
        if step.follows not in seen or step.earliest not in seen | {""}:
            raise BrokenData(_FILE, step.id, "follows what does not stand above it")
        seen.add(step.id)
    return data_files.index(_FILE, found, lambda each: each.id)


@cache
def steps() -> Mapping[str, Step]:
    """The steps under their ids, from the lowest."""
    return parse(data_files.read(_FILE))


def rank(step: str) -> int:
    """Height of a step, from 1; 0 for none."""
    return tuple(steps()).index(step) + 1 if step else 0


def day_of(step: Step, due: date, reached: Mapping[str, date]) -> date:
    """The legal date from which a step is to be taken: `due` is the due date, `reached` when the others were.

    A step that was skipped counts as reached when it could have been. Working days are those of the calendar that was
    known on the day from which it is counted.
    """
    since = due if step.follows == _DUE else _reached(step.follows, due, reached)
    if step.unit == "calendar":
        return since + timedelta(days=-step.days if step.before else step.days)
    return working_days_from(since, -step.days if step.before else step.days, calendar.known_on(since))


def _reached(step: str, due: date, reached: Mapping[str, date]) -> date:
    return reached[step] if step in reached else day_of(steps()[step], due, reached)


def next_step(due: date, reached: Mapping[str, date], today: date) -> Next | None:
    """Return the step after the highest that was reached; None at the top. A step that must precede the due date is passed
    over once that is past."""
    highest = max(map(rank, reached), default=0)
    for step in list(steps().values())[highest:]:
        if step.before and today > due:
            continue
        return Next(step.id, day_of(step, due, reached), step.by, step.confirmed)
    return None


def possible_from(step: str, due: date, reached: Mapping[str, date]) -> date:
    """The first legal date on which an officer may take a step, be it early on the ladder."""
    found = steps()[step]
    earliest = found.earliest
    return day_of(steps()[earliest], due, reached) if earliest else day_of(found, due, reached)
