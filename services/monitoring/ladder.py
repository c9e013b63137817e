"""The ladder of an open recommendation, and what comes next. Pure.

due soon → overdue → reminded → warned → data blocked → escalated. Here it is counted on which step a recommendation
stands; who takes a step, when and with which letter is decided elsewhere and reaches this through the trail.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from monitoring.figures import Cell, is_overdue
from monitoring.workdays import WorkingDays

DUE_SOON_DAYS = 5
"""Due soon (segera jatuh tempo): so many working days or fewer to the due date."""

STEPS = ("DUE_SOON", "OVERDUE", "REMINDED", "WARNED", "BLOCKED", "ESCALATED")
NEXT: Mapping[str, tuple[str, str]] = {
    "DUE_SOON": ("OVERDUE", "personnel_authority"),
    "OVERDUE": ("REMINDED", "examiner"),
    "REMINDED": ("WARNED", "warner"),
    "WARNED": ("BLOCKED", "data_holder"),
    "BLOCKED": ("ESCALATED", "examiner"),
    "ESCALATED": ("", ""),
}
"""The step after each, and the role that takes it."""


def rung(cell: Cell, step: str, today: date, working_days: WorkingDays) -> str:
    """The step a recommendation stands on; empty if it is not due soon, followed up or closed.

    `step` is the last one that the trail has of it.
    """
    if not cell.stands or cell.due_date is None or cell.followed_up:
        return ""
    if is_overdue(cell, today):
        return step or "OVERDUE"
    soon = cell.due_date >= today and working_days(today, cell.due_date) <= DUE_SOON_DAYS
    waits = cell.stage not in ("CANNOT_BE_FOLLOWED_UP", "REPORTED_IMPOSSIBLE")
    return "DUE_SOON" if soon and waits else ""


def rungs(cells: Iterable[tuple[Cell, str]], today: date, working_days: WorkingDays) -> dict[str, int]:
    """How many stand on each step; takes cells with the last step that the trail has."""
    found = dict.fromkeys(STEPS, 0)
    for cell, step in cells:
        stands_on = rung(cell, step, today, working_days)
        if stands_on:
            found[stands_on] += cell.count
    return found
