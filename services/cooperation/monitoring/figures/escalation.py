"""The ladder of an open recommendation, and what comes next. Pure.

Which steps there are, after which delay and who takes them is `agreement.clocks.escalation`; here it is counted on which step a
recommendation stands. Who took a step, when and with which letter is decided elsewhere and reaches this through the trail.

The highest step stands, since letters cross: a reminder after a block does not take the case back.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from agreement.clocks import escalation as agreed
from agreement.clocks.escalation import Next
from agreement.parties import institutions
from cooperation.monitoring.figures.definitions import Measured, is_overdue

OVERDUE = "OVERDUE"
STEPS = agreed.order()


def rung(cell: Measured, step: str, today: date, region: str = "") -> str:
    """The step a recommendation stands on; empty if none is reached yet, or it is followed up or closed.

    `step` is the highest one that the trail has of it, `region` the addressee's. What the clock notes by the passing of time (due soon, overdue) is
    counted from the due date, so that a trail without a clock stands on the same steps.
    """
    if not cell.stands or cell.due_date is None or cell.followed_up:
        return ""
    if is_overdue(cell, today):
        return step or OVERDUE
    waits = cell.stage not in ("CANNOT_BE_FOLLOWED_UP", "REPORTED_IMPOSSIBLE")
    return _before(cell.due_date, today, region) if waits else ""


@lru_cache(maxsize=4096)
def _before(due: date, today: date, region: str) -> str:
    """The last step that precedes the due date and is reached by now."""
    ladder = agreed.ladder(due)  # these steps are those of every letter
    found = [each for each in ladder.values() if each.before]
    days = {each.id: agreed.day_of(ladder, each, due, {}, region) for each in found}
    return next((step for step, day in reversed(days.items()) if day <= today), "")


def rungs(cells: Iterable[tuple[Measured, str, str]], today: date) -> dict[str, int]:
    """Count the cases on each step; takes cells with the highest step that the trail has, and the addressee.

    An addressee is named only where its region has days off of its own.
    """
    found = dict.fromkeys(STEPS, 0)
    for cell, step, addressee in cells:
        stands_on = rung(cell, step, today, institutions.region_of(addressee))
        if stands_on:
            found[stands_on] += cell.count
    return found


def after(step: str, today: date) -> tuple[str, str]:
    """The step after one on the ladder of today's letters, and who takes it: a role, or `clock`; both empty at the top."""
    above = [each for each in agreed.ladder(today).values() if agreed.rank(each.id) > agreed.rank(step)]
    return (above[0].id, above[0].by) if above else ("", "")


def following(
    letter: date, due: date, step: str, step_date: date | None, today: date, region: str
) -> Next | None:
    """Next step of a recommendation that is overdue, from which legal date on; None at the top.

    `letter` is the date of its letter, which decides on the ladder. `step` is the highest one that the trail has, reached
    on `step_date`; empty: overdue, and nothing more. `region` is the addressee's.
    """
    ladder = agreed.ladder(letter)
    since = step_date or agreed.day_of(ladder, ladder[OVERDUE], due, {}, region)
    return agreed.next_step(ladder, due, {step or OVERDUE: since}, today, region)
