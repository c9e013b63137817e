"""Effect of an objection on the clock of a follow-up: configuration, since no text says it."""

import itertools
from datetime import date
from functools import cache
from typing import Self

from pydantic import Field, model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from refusals import Malformed

_FILE = "objections.toml"


class ObjectionRule(data_files.Model):
    """The effect of an objection (klarifikasi dan tanggapan) on the due date, on legal dates from `since` until before `until`.

    `unconfirmed` names what no text that could be read says.
    """

    id: data_files.Text = Field(validation_alias="rule")
    since: date
    stops_clock: bool
    source: data_files.Text
    until: date | None = None
    unconfirmed: data_files.Texts = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_period(self.since, self.until)
        return self


class _File(data_files.Model):
    objection: data_files.Entries[ObjectionRule]


def _parse(text: str) -> tuple[ObjectionRule, ...]:
    found = data_files.parse(_File, _FILE, text, "rule").objection
    for earlier, later in itertools.pairwise(found):
        if earlier.until is None or earlier.until != later.since:
            raise BrokenData(_FILE, f"objection {later.id}", "does not begin where the one before ends")
    data_files.index(_FILE, found, lambda each: each.id)
    return found


@cache
def _rules() -> tuple[ObjectionRule, ...]:
    return _parse(data_files.read(_FILE))


def rule(on: date) -> ObjectionRule:
    """The rule in force on a legal date.

    Raises:
        Malformed: there was none yet.
    """
    for each in _rules():
        if each.since <= on and (each.until is None or on < each.until):
            return each
    raise Malformed("no rule on objections on {day}", day=on.isoformat())
