"""Rules of the criminal track of a matter (Sentra Gakkumdu): forwarded to the police, and what became of it.

It runs beside discipline and is possible in every state of a registered matter; neither waits for the other. Which step may
follow which, and the limits of each election, are the agreement's (`agreement.enforcement.offences`).
"""

from datetime import date
from zoneinfo import ZoneInfo

from agreement.clocks import calendar, deadlines
from agreement.clocks.deadlines import Deadline, Start
from agreement.enforcement import offences
from agreement.parties import bawaslu_numbers, identifiers, regions
from bawaslu.matters.domain.commands import ForwardOffence, RecordOffenceStep
from bawaslu.matters.domain.events import OffenceForwarded, OffenceProgressed
from bawaslu.matters.domain.matter import Matter
from bawaslu.matters.domain.states import require
from refusals import Malformed, WrongState


def forward(matter: Matter, command: ForwardOffence, today: date) -> OffenceForwarded:
    """Forward an offence to the police through the centre (Perbawaslu 3/2023 art. 27; UU 10/2016 art. 146).

    Again once the track has ended, for another offence or with new evidence. `today` is the legal date at the desk.

    Raises:
        WrongState: an offence was forwarded, and the police, the prosecutor or a court has it.
        Malformed: numbers, dates or offences cannot be right, or the law on this election has no such offence.
    """
    require(matter, command)
    election = _election(matter)
    if matter.offence_step and offences.clock(election, matter.offence_step):
        raise WrongState("an offence was forwarded, and is dealt with", reason="OFFENCE_PENDING")
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    police_number = identifiers.decree_number(command.police_number, field="police_number")
    _not_future(command.received_date, today, "received_date")
    if command.received_date < command.letter_date:
        raise Malformed("before the letter", field="received_date")
    if matter.known_date and command.letter_date < matter.known_date:
        raise Malformed("before the report or finding", field="letter_date")
    for index, code in enumerate(command.offences):
        offences.offence(code, election, field=f"offences[{index}]")
    due = _due(matter, offences.FORWARDED, command.received_date, today)
    return OffenceForwarded(
        letter_number=number,
        letter_date=command.letter_date,
        police_number=police_number,
        received_date=command.received_date,
        offences=command.offences,
        minutes_digest=command.minutes_digest,
        due_date=due.due if due else None,
        due_rule=due.rule.id if due else "",
        due_calendar=due.calendar if due else "",
    )


def record_step(matter: Matter, command: RecordOffenceStep, today: date) -> OffenceProgressed:
    """Enter what police, prosecutor or court did with the offence. `today` is the legal date at the desk.

    Raises:
        WrongState: no offence was forwarded, or the step does not follow the last one.
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    if not matter.offence_step:
        raise WrongState("no offence was forwarded", reason="NO_OFFENCE")
    step = offences.step(command.step)
    if matter.offence_step not in step.after:
        raise WrongState(
            "{step} does not follow {last}",
            step=step.code,
            last=matter.offence_step,
            reason="NOT_THE_NEXT_STEP",
        )
    number = identifiers.decree_number(command.document_number, field="document_number")
    _not_future(command.step_date, today, "step_date")
    if matter.offence_step_date and command.step_date < matter.offence_step_date:
        raise Malformed("before the last step", field="step_date")
    due = _due(matter, step.code, command.step_date, today)
    return OffenceProgressed(
        step=step.code,
        document_number=number,
        step_date=command.step_date,
        due_date=due.due if due else None,
        due_rule=due.rule.id if due else "",
        due_calendar=due.calendar if due else "",
    )


def _election(matter: Matter) -> str:
    return bawaslu_numbers.number(matter.number).election


def _due(matter: Matter, step: str, day: date, today: date) -> Deadline | None:
    """The limit that runs after a step, on the calendar that is known today; None if none does."""
    rule = offences.clock(_election(matter), step)
    if not rule:
        return None
    known = deadlines.rule(rule)
    zone = ZoneInfo(regions.zone(matter.region))
    return deadlines.due(known, Start(known.starts, day), zone, calendar.known_on(today, matter.region))


def _not_future(day: date, today: date, field: str) -> None:
    if day > today:
        raise Malformed("in the future", field=field)


def forwarded(matter: Matter) -> OffenceForwarded | None:
    """The forwarding of an offence as the matter has it; None if there was none. A limit that has run is left out."""
    if not matter.offence_step:
        return None
    runs = matter.offence_step == offences.FORWARDED
    return OffenceForwarded(
        letter_number=matter.offence_number,
        letter_date=matter.offence_date,
        police_number=matter.offence_police_number,
        received_date=matter.offence_received_date,
        offences=matter.offences,
        minutes_digest=matter.offence_minutes_digest,
        due_date=matter.offence_due_date if runs else None,
        due_rule=matter.offence_due_rule if runs else "",
        due_calendar=matter.offence_due_calendar if runs else "",
    )


def progressed(matter: Matter) -> OffenceProgressed | None:
    """The last step on an offence as the matter has it; None if it was only forwarded."""
    if matter.offence_step in ("", offences.FORWARDED):
        return None
    return OffenceProgressed(
        step=matter.offence_step,
        document_number=matter.offence_step_number,
        step_date=matter.offence_step_date,
        due_date=matter.offence_due_date,
        due_rule=matter.offence_due_rule,
        due_calendar=matter.offence_due_calendar,
    )
