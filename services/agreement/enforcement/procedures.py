"""Requirements of the discipline procedure of a personnel authority, and the lawful reasons for no follow-up.

Data only (`data/procedures.toml`): what no page confirmed refuses nothing. The order of the steps is the desk's
(`ppk.discipline.domain.rules`), its limits are rules of `deadlines`.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Literal, Self

from pydantic import model_validator

from agreement import data_files
from agreement.data_files import Unknown as Unknown
from agreement.enforcement import sanctions

_FILE = "procedures.toml"


class Procedure(data_files.Model):
    """Steps that come before a decree of a class, for decrees from `since` on (PP 94/2021; Peraturan BKN 6/2022).

    `team`: an examination team (tim pemeriksa). `hearing`: minutes of an examination (BAP), or two absences.
    `unconfirmed`: which of team, hearing and since no public page showed.
    """

    sanction_class: data_files.Text
    team: bool
    hearing: bool
    since: date
    basis: data_files.Text
    source: data_files.Text
    unconfirmed: data_files.Several[Literal["team", "hearing", "since"]]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.sanction_class not in sanctions.classes():
            raise ValueError("sanction_class: unknown")
        return self

    def requires(self, what: Literal["team", "hearing"], on: date) -> bool:
        """True if a decree of that day needs the `team` or the `hearing`; never if that is unconfirmed."""
        needed = self.team if what == "team" else self.hearing
        return needed and what not in self.unconfirmed and on >= self.since


class Impossibility(data_files.Model):
    """A lawful reason why a recommendation cannot be followed up; `employee`: the findings it goes with."""

    code: data_files.Text
    text: data_files.Text
    employee: data_files.Texts
    source: data_files.Text


class _File(data_files.Model):
    procedure: data_files.Entries[Procedure]
    impossibility: data_files.Entries[Impossibility]


def _parse(text: str) -> tuple[Mapping[str, Procedure], Mapping[str, Impossibility]]:
    found = data_files.parse(_File, _FILE, text, "id")
    by_class = data_files.index(_FILE, found.procedure, lambda each: each.sanction_class)
    if missing := set(sanctions.classes()) - set(by_class):
        raise data_files.BrokenData(_FILE, ", ".join(sorted(missing)), "a class without a procedure")
    return by_class, data_files.index(_FILE, found.impossibility, lambda each: each.code)


@cache
def _data() -> tuple[Mapping[str, Procedure], Mapping[str, Impossibility]]:
    return _parse(data_files.read(_FILE))


def procedures() -> Mapping[str, Procedure]:
    """The procedure of each sanction class."""
    return _data()[0]


def impossibility(code: str, *, field: str = "reason") -> Impossibility:
    """The lawful reason with a code such as `RETIRED`. Raises `Unknown` for what is not listed."""
    return data_files.look_up(_data()[1], code, "not in the list of lawful reasons", field)
