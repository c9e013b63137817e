"""Time limit of an intake: which rule, from which day, and when it ends, counted by the agreement's rules. Pure.

Days are legal dates of the office that has it. What a rule says is counted on the calendar that is known on the day of asking,
so that an amended decree moves a running limit.
"""

from datetime import date
from zoneinfo import ZoneInfo

from agreement.clocks import calendar, deadlines
from agreement.clocks.deadlines import Deadline, Start
from agreement.enforcement import intake
from agreement.parties import bawaslu_offices, regions
from bawaslu.intake.domain.state import Intake, State

S = State
# Which step an intake waits for in a state, and so which clock runs.
_STEPS = {
    S.RECEIVED: "PRELIMINARY_STUDY",
    S.COMPLETION_REQUESTED: "COMPLETION",
    S.TRACING: "FINDING",
    S.SUPERVISED: "FINDING",
    S.REGISTERED: "STUDY",
}
_JAKARTA = "Asia/Jakarta"


def running(subject: Intake, today: date) -> Deadline | None:
    """The limit that runs now; None if the intake waits for nothing that has one.

    First information that is traced runs from the day it was received, a supervision act from its own: when the office knew of it.
    """
    step = _STEPS.get(subject.state)
    if step is None:
        return None
    clock = intake.clock(subject.election, step)
    start = subject.received_date if step == "FINDING" else getattr(subject, clock.start)
    if start is None:
        return None
    extended = extension_of(clock.rule) if step == "STUDY" and subject.extension_number else None
    return _count(extended or clock.rule, start, subject, today)


def extension_of(rule: str) -> str | None:
    """The rule that extends another; None if none does."""
    return next((each.id for each in deadlines.rules().values() if each.extends == rule), None)


def came_in_time(subject: Intake, today: date) -> bool | None:
    """True if a report came within the days that it may take; None if no date or no rule that was read says so."""
    rule = intake.clock(subject.election, "REPORT").rule
    if subject.known_date is None or subject.received_date is None or not deadlines.rule(rule).confirmed:
        return None
    return subject.received_date <= _count(rule, subject.known_date, subject, today).due


def _count(rule: str, start: date, subject: Intake, today: date) -> Deadline:
    known = deadlines.rule(rule)
    place = bawaslu_offices.region_of(subject.office) or _place_of_unknown(subject)
    zone = ZoneInfo(regions.zone(place) if place else _JAKARTA)
    days_off = calendar.known_on(today, place)
    return deadlines.due(known, Start(known.starts, start), zone, days_off)


def _place_of_unknown(subject: Intake) -> str:
    """The place of an office whose code is not in the table yet, as far as its level and its case's region tell it."""
    level = subject.office.partition("/")[0]
    return {"RI": "", "Prov": subject.region[:2]}.get(level, subject.region)
