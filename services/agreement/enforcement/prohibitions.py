"""Prohibitions of the rules on discipline that are about neutrality, and the class that each is in.

Data only (`data/prohibitions.toml`). The joint decrees list acts in words of their own (`violations`); which of the two an
examiner goes by is left to it. One prohibition stands in no class: that is shown, and not decided.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Literal, Self

from pydantic import model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.enforcement import sanctions
from agreement.information import legal_bases

_FILE = "prohibitions.toml"


class Prohibition(data_files.Model):
    """A prohibition (larangan): what it forbids, the clause, and the class that the rule puts it in; empty where in none."""

    code: data_files.Text
    rule: legal_bases.BasisId
    text: data_files.Text
    text_id: data_files.Text
    basis: data_files.Text
    confirmed: bool
    source: data_files.Text
    sanction_class: data_files.Text | Literal[""] = ""
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed and bool(self.sanction_class), self.note)
        if self.sanction_class and self.sanction_class not in sanctions.classes():
            raise ValueError("sanction_class: unknown")
        return self


class _File(data_files.Model):
    prohibition: data_files.Entries[Prohibition]


def _parse(text: str) -> Mapping[str, Prohibition]:
    found = data_files.parse(_File, _FILE, text)
    rules = sanctions.regimes()
    if strange := [each.code for each in found.prohibition if each.rule not in rules]:
        raise BrokenData(_FILE, ", ".join(strange), "rule: not a regime")
    return data_files.index(_FILE, found.prohibition, lambda each: each.code)


@cache
def prohibitions() -> Mapping[str, Prohibition]:
    """Every prohibition under its code, in the order of the clauses."""
    return _parse(data_files.read(_FILE))


def prohibition(code: str, *, field: str = "prohibition") -> Prohibition:
    """The prohibition with a code such as `PP94-5-N-2`. Raises `Unknown` for any other text."""
    return data_files.look_up(prohibitions(), code, "not a prohibition of a rule on discipline", field)


def of_day(employment: str, act_date: date, decided: date | None = None) -> Mapping[str, Prohibition]:
    """The prohibitions of the rule by which an act is decided; without a decree the act's day stands for its."""
    there = {
        each.basis for each in sanctions.regimes().values() if each.applies(employment, act_date, decided)
    }
    return {code: each for code, each in prohibitions().items() if each.rule in there}
