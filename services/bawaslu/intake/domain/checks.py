"""Checks that rules on an intake share: numbers of its election and office, and days that cannot be."""

from datetime import date

from agreement.parties import bawaslu_numbers
from agreement.parties.bawaslu_numbers import Number
from bawaslu.intake.domain.state import Intake
from refusals import Malformed


def number(text: str, origin: str, *, registered: bool, field: str = "number") -> Number:
    """The number of a report or finding (`origin`), registered or not. Raises `Malformed` for any other."""
    number = bawaslu_numbers.number(text, field=field)
    if number.origin not in ("", origin):
        raise Malformed("a report has an LP number and a finding a TM number", field=field)
    if number.registered != registered:
        raise Malformed("a number has Reg once it is registered, and only then", field=field)
    return number


def same_election_and_office(number: Number, subject: Intake, field: str) -> None:
    """Refuse a number of another kind of election or another office than the intake's."""
    if number.election != subject.election:
        raise Malformed("a number of the other kind of election", field=field)
    if number.office != subject.office:
        raise Malformed("a number of another office than the one that has it", field=field)


def not_future(day: date, today: date, field: str) -> None:
    """Refuse a day after `today`, a legal date of the desk."""
    if day > today:
        raise Malformed("in the future", field=field)


def between(day: date, start: date | None, today: date, field: str, too_early: str) -> None:
    """Refuse a day after `today`, or before `start` (None: whenever it began)."""
    not_future(day, today, field)
    if start is not None and day < start:
        raise Malformed(too_early, field=field)
