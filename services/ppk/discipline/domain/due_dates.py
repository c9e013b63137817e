"""Limits of a discipline procedure: what follows from what was done, by the rules of `agreement.clocks.deadlines`. Pure."""

from dataclasses import dataclass
from datetime import date

from agreement.clocks import calendar, deadlines
from agreement.enforcement import appeals, sanctions
from agreement.parties import institutions
from ppk.discipline.domain.proceedings import Proceeding, Stage

_SUMMONS, _EFFECT = ("summons-gap", "summons-gap-pp53"), ("decision-effect", "decision-effect-pp53")
"""Rules of which one is in force on a day: PP 94/2021 since 31 August 2021, PP 53/2010 before."""


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


def due_dates(
    proceeding: Proceeding, days_off: calendar.Calendar, remedy: appeals.Remedy | None = None
) -> DueDates:
    """The limits that follow from what was done, by the rules that were in force and a version of the calendar.

    `remedy`: the one that there is against the decree, if any. A decree against which there is none may be in effect from its own date.
    """

    def limit(id: str, start: date | None) -> date | None:
        return limit_of(id, start, proceeding.party, days_off)

    absent = proceeding.stage == Stage.ABSENT
    delivered = None if proceeding.appeal_kind else proceeding.delivered_date
    effect = limit(_effect_rule(proceeding), delivered)
    return DueDates(
        summons_gap_date=limit(_in_force(_SUMMONS, proceeding.summons_date), proceeding.summons_date),
        second_summons_due=limit("second-summons", proceeding.summoned_for if absent else None),
        delivery_due=limit("decision-delivery", proceeding.decree_date),
        effect_date=proceeding.decree_date if remedy and remedy.from_decree else effect,
        appeal_due=limit(remedy.limit if remedy else "", delivered),
    )


def _effect_rule(proceeding: Proceeding) -> str:
    """The rule of the day of effect; none for moral sanctions, of which PP 42/2004 says no day."""
    if proceeding.sanction_class and sanctions.family_of(proceeding.sanction_class) == "ETHICS":
        return ""
    return _in_force(_EFFECT, proceeding.decree_date)


def _in_force(rules: tuple[str, ...], day: date | None) -> str:
    """The first of these rules that is in force on a day; of no day the first."""
    for id in rules:
        rule = deadlines.rule(id)
        if day is None or ((rule.since or day) <= day and (rule.until is None or day < rule.until)):
            return id
    return ""
