"""Limits of the Personal Data Protection Act (UU 27/2022): hours from a request, or from a breach, to what must be done.

Data only (`privacy.toml`). Hours run through nights and days off.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal, Self

from pydantic import model_validator

from agreement import data_files
from agreement.data_files import Unknown as Unknown

_FILE = "privacy.toml"


class Duty(data_files.Model):
    """A duty of who processes personal data (pengendali data pribadi): what, within how many hours since `starts`.

    `excepted`: whether art. 50 lets it rest for law enforcement and state administration.
    """

    code: data_files.Text
    text: data_files.Text
    text_id: data_files.Text
    hours: data_files.Number
    starts: data_files.Text
    basis: data_files.Text
    confirmed: bool
    source: data_files.Text
    excepted: bool = False
    to: data_files.Texts = ()
    says: data_files.Texts = ()
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        return self


class _File(data_files.Model):
    complied_with_from: date
    duty: data_files.Entries[Duty]


@cache
def _data() -> _File:
    found = data_files.parse(_File, _FILE, data_files.read(_FILE))
    data_files.index(_FILE, found.duty, lambda each: each.code)
    return found


def duties() -> Mapping[str, Duty]:
    """The duties under their codes."""
    return {each.code: each for each in _data().duty}


def complied_with_from() -> date:
    """The day from which everyone who processes personal data has to comply (art. 74)."""
    return _data().complied_with_from


def due(code: str, start: datetime) -> datetime:
    """The last moment of a duty that began at `start`, in the same zone. Raises `Unknown` for what is not listed."""
    duty = data_files.look_up(duties(), code, "not a duty of UU 27/2022", "duty")
    return start + timedelta(hours=duty.hours)
