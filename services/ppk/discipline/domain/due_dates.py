"""Limits of a discipline procedure: what follows from what was done, by the rules of `agreement.clocks.deadlines`. Pure."""

from dataclasses import dataclass
from datetime import date

from agreement.clocks import calendar, deadlines
from agreement.parties import institutions
from ppk.discipline.domain.proceedings import Proceeding, Stage


@dataclass(frozen=True)
class DueDates:
    """The limits of a proceeding as legal dates; None where none runs."""

    summons_gap_date: date | None
    second_summons_due: date | None
    delivery_due: date | None
    effect_date: date | None
    appeal_due: date | None


def limit_of(
    rule: str, start: date | None, party: str, days_off: calendar.Calendar | None = None
) -> date | None:
    """The day that a rule of `agreement.clocks.deadlines` gives at an authority; None if it does not run.

    By the latest calendar of its region, unless another one is given.
    """
    if not rule or start is None:
        return None
    known, days_off = deadlines.rule(rule), days_off or calendar.latest(institutions.region_of(party))
    return deadlines.due(known, deadlines.Start(known.starts, start), institutions.zone(party), days_off).due


def due_dates(proceeding: Proceeding, days_off: calendar.Calendar) -> DueDates:
    """The limits that follow from what was done, by the rules of `agreement.clocks.deadlines` and a version of the calendar."""

    def limit(id: str, start: date | None) -> date | None:
        return limit_of(id, start, proceeding.party, days_off)

    absent = proceeding.stage == Stage.ABSENT
    appealed = bool(proceeding.appeal_kind)
    return DueDates(
        summons_gap_date=limit("summons-gap", proceeding.summons_date),
        second_summons_due=limit("second-summons", proceeding.summoned_for if absent else None),
        delivery_due=limit("decision-delivery", proceeding.decree_date),
        effect_date=limit("decision-effect", None if appealed else proceeding.delivered_date),
        appeal_due=limit("objection", None if appealed else proceeding.delivered_date),
    )
