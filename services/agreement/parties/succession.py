"""Passing of a role from one institution to the next, as data: who hands over to whom, and the rule for each state.

The circular SE MenPANRB 4/2024 tells what KASN had processed from what it had only received. That the examiner will be
another body again is certain (MK 121/PUU-XXII/2024); it then is a line of `succession.toml`. Periods are in `roles.toml`.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.parties import institutions
from refusals import NotAllowed

_FILE = "succession.toml"


class Succession(data_files.Model):
    """A role passes from `predecessor` to `successor` on the legal date `since`.

    `former` is the role that the predecessor keeps afterwards: it may send `statement_types` and nothing else.
    """

    role: institutions.Role
    predecessor: institutions.InstitutionId = Field(validation_alias="from")
    successor: data_files.Text = Field(validation_alias="to")
    since: date
    former: institutions.Role
    statement_types: data_files.SetOf[data_files.Text]
    source: data_files.Text

    @model_validator(mode="after")
    def _check(self) -> Self:
        if institutions.role_holder(self.role, self.since) != self.successor:
            raise ValueError("to: does not hold the role from that day on")
        return self


class SuccessionRule(data_files.Model):
    """The rule for a matter in one of `states`: which institution `continues`, and which the authority `reports_to`.

    `confirmed` is False where the source does not say it in so many words; `source` says what was read.
    """

    code: data_files.Text
    title_id: data_files.Text
    states: data_files.SetOf[data_files.Text]
    continues: institutions.InstitutionId
    reports_to: institutions.InstitutionId
    confirmed: bool
    source: data_files.Text


class _File(data_files.Model):
    succession: data_files.Entries[Succession]
    rule: data_files.Entries[SuccessionRule]


def _parse(text: str) -> tuple[tuple[Succession, ...], Mapping[str, SuccessionRule]]:
    found = data_files.parse(_File, _FILE, text)
    rules: dict[str, SuccessionRule] = {}
    for rule in found.rule:
        for state in sorted(rule.states):
            if state in rules:
                raise BrokenData(_FILE, rule.code, f"{state} stands under two rules")
            rules[state] = rule
    return found.succession, MappingProxyType(rules)


@cache
def _data() -> tuple[tuple[Succession, ...], Mapping[str, SuccessionRule]]:
    return _parse(data_files.read(_FILE))


def rules() -> Mapping[str, SuccessionRule]:
    """The rule for each state in which a matter passes on."""
    return _data()[1]


def succession(role: str, predecessor: str, successor: str, on: date) -> Succession:
    """The succession of a role, if it has happened by a legal date.

    Raises:
        NotAllowed: the agreement knows of none, or it is later.
    """
    for found in _data()[0]:
        if (found.role, found.predecessor, found.successor) == (role, predecessor, successor):
            if on >= found.since:
                return found
            raise NotAllowed(
                "the role passes on {day}",
                day=found.since.isoformat(),
                field="successor",
                reason="NOT_YET_PASSED",
            )
    raise NotAllowed(
        "the role does not pass from this institution to that one", field="successor", reason="NO_SUCCESSION"
    )


def former_role(statement_type: str) -> str:
    """The role under which an institution whose role has passed may still send a type; "" if it may not."""
    for found in _data()[0]:
        if statement_type in found.statement_types:
            return found.former
    return ""
