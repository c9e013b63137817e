"""The ladder of a recommendation that is not followed up: which step comes next, from which day on, and who takes it.

Steps are data (`ladder.toml`), and have periods: a letter keeps the ladder of its day. Whether a recommendation is on the ladder
at all is left to the examiner's desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from types import MappingProxyType
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
    """A step (anak tangga): `days` of `unit` after (or `before`) what it follows; taken by the clock or a role.

    It is one of letters dated from `since` until before `until`; None: of all.
    """

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
    since: date | None = None
    until: date | None = None
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        data_files.check_period(self.since or date.min, self.until)
        if self.by != CLOCK and self.by not in ROLES:
            raise ValueError("by: neither clock nor a role")
        return self

    def on(self, letter: date) -> bool:
        """True if it is a step of letters of that date."""
        return (self.since or date.min) <= letter < (self.until or date.max)


class _File(data_files.Model):
    step: data_files.Entries[Step]


@dataclass(frozen=True)
class Next:
    """Next step: from which legal date on, and who must act; `confirmed` is that of its delay."""

    step: str
    day: date
    by: str
    confirmed: bool


def parse(text: str) -> tuple[Step, ...]:
    """The steps of a file, in order. Raises `BrokenData`, also for one that on some day follows a later one."""
    found = data_files.parse(_File, _FILE, text, "id").step
    for day in sorted({date.min, *(each.since for each in found if each.since)}):
        seen = {_DUE}
        for step in (each for each in found if each.on(day)):
            if step.follows not in seen or step.earliest not in seen | {""}:
                raise BrokenData(_FILE, step.id, "follows what does not stand above it")
            if step.id in seen:
                raise BrokenData(_FILE, step.id, "stands twice")
            seen.add(step.id)
    return tuple(found)


@cache
def every_step() -> tuple[Step, ...]:
    """All steps from the lowest, of all periods: one that changed stands once for each period."""
    return parse(data_files.read(_FILE))


@cache
def order() -> tuple[str, ...]:
    """The ids of all steps of all periods, from the lowest."""
    return tuple(dict.fromkeys(each.id for each in every_step()))


@lru_cache(maxsize=4096)
def ladder(letter: date) -> Mapping[str, Step]:
    """The steps of a letter of that date under their ids, from the lowest."""
    return MappingProxyType({each.id: each for each in every_step() if each.on(letter)})


def rank(step: str) -> int:
    """Height of a step, from 1, among those of all periods; 0 for none."""
    return order().index(step) + 1 if step else 0


def day_of(
    steps: Mapping[str, Step], step: Step, due: date, reached: Mapping[str, date], region: str
) -> date:
    """The legal date from which a step of a ladder is to be taken: `due` is the due date, `reached` when the others were.

    A step that was skipped counts as reached when it could have been. Working days are those of the addressee's region (empty
    for a central authority), by the calendar that was known on the day from which it is counted.
    """
    since = due if step.follows == _DUE else _reached(steps, step.follows, due, reached, region)
    days = -step.days if step.before else step.days
    if step.unit == "calendar":
        return since + timedelta(days=days)
    return working_days_from(since, days, calendar.known_on(since, region))


def _reached(
    steps: Mapping[str, Step], step: str, due: date, reached: Mapping[str, date], region: str
) -> date:
    return reached[step] if step in reached else day_of(steps, steps[step], due, reached, region)


def next_step(
    steps: Mapping[str, Step], due: date, reached: Mapping[str, date], today: date, region: str
) -> Next | None:
    """Return the step of a ladder after the highest that was reached; None at the top. `region` is the addressee's.

    A step that must precede the due date is passed over once that is past. What was reached may be no step of this ladder,
    such as a warning of a letter of BKN: it counts by its height.
    """
    highest = max(map(rank, reached), default=0)
    for step in steps.values():
        if rank(step.id) <= highest or (step.before and today > due):
            continue
        return Next(step.id, day_of(steps, step, due, reached, region), step.by, step.confirmed)
    return None


def possible_from(
    steps: Mapping[str, Step], step: str, due: date, reached: Mapping[str, date], region: str
) -> date:
    """The first legal date on which an officer may take a step, be it early on the ladder."""
    found = steps[step]
    return day_of(steps, steps[found.earliest] if found.earliest else found, due, reached, region)
