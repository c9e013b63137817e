"""Requirements of the discipline procedure of a personnel authority, and the lawful reasons for no follow-up.

Data only (`data/procedures.toml`): what was not read refuses nothing. The order of the steps is the desk's
(`ppk.discipline.domain.on_recommendation`), its limits are rules of `deadlines`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from agreement import data_files
from agreement.clocks import calendar, deadlines
from agreement.data_files import Unknown as Unknown
from agreement.enforcement import sanctions

What = Literal["team", "hearing", "council"]

_FILE = "procedures.toml"


class Procedure(data_files.Model):
    """Steps that come before a decree of a class on who is of `employments`, from `since` until before `until`.

    `team`: an examination team (tim pemeriksa). `hearing`: minutes of an examination (BAP), or two absences. `council`: a
    Majelis Kode Etik decides, after an examination and a chance of defence. `unconfirmed`: which of them was not read.
    """

    sanction_class: data_files.Text
    employments: data_files.Several[sanctions.Employment]
    team: Literal["NONE", "OPTIONAL", "REQUIRED"]
    hearing: bool
    since: date
    basis: data_files.Text
    source: data_files.Text
    unconfirmed: data_files.Several[What]
    until: date | None = None
    council: bool = False
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.sanction_class not in sanctions.classes():
            raise ValueError("sanction_class: unknown")
        data_files.check_period(self.since, self.until)
        return self

    def on(self, day: date) -> bool:
        """True if a decree of that legal date has to have these steps."""
        return self.since <= day and (self.until is None or day < self.until)

    def requires(self, what: What) -> bool:
        """True if the decree needs the `team`, the `hearing` or the `council`; never if that is unconfirmed."""
        needed = {"team": self.team == "REQUIRED", "hearing": self.hearing, "council": self.council}
        return needed[what] and what not in self.unconfirmed


class Impossibility(data_files.Model):
    """A lawful reason why a recommendation cannot be followed up; `employee`: the findings it goes with."""

    code: data_files.Text
    text: data_files.Text
    employee: data_files.Texts
    source: data_files.Text


class _File(data_files.Model):
    procedure: data_files.Entries[Procedure]
    impossibility: data_files.Entries[Impossibility]


def _parse(text: str) -> tuple[tuple[Procedure, ...], Mapping[str, Impossibility]]:
    found = data_files.parse(_File, _FILE, text, "id")
    if missing := set(sanctions.classes()) - {each.sanction_class for each in found.procedure}:
        raise data_files.BrokenData(_FILE, ", ".join(sorted(missing)), "a class without a procedure")
    data_files.index(_FILE, found.procedure, lambda each: f"{each.sanction_class} {each.since}")
    return found.procedure, data_files.index(_FILE, found.impossibility, lambda each: each.code)


@cache
def _data() -> tuple[tuple[Procedure, ...], Mapping[str, Impossibility]]:
    return _parse(data_files.read(_FILE))


def procedures() -> tuple[Procedure, ...]:
    """The procedures of all classes and periods."""
    return _data()[0]


def procedure(sanction_class: str, decided: date, employment: str = "PNS") -> Procedure | None:
    """The procedure before a decree of a class and a legal date; None where no rule for such an employment was read."""
    return next(
        (
            each
            for each in _data()[0]
            if each.sanction_class == sanction_class and employment in each.employments and each.on(decided)
        ),
        None,
    )


@dataclass(frozen=True)
class Done:
    """The steps of a procedure that there are when it is decided. `council`: None where nobody said."""

    team: bool = False
    examined: bool = False
    absences: int = 0
    council: bool | None = None


Missing = Literal["", "TEAM_REQUIRED", "HEARING_REQUIRED", "COUNCIL_REQUIRED"]
_ABSENCES = (
    2  # after the second it is decided on the evidence, without an examination (PP 94/2021 art. 26(4))
)


def missing(sanction_class: str, decided: date, done: Done, employment: str = "PNS") -> Missing:
    """The first step that a decree of that class and day lacks; empty if none does."""
    needed = procedure(sanction_class, decided, employment)
    if needed is None:
        return ""
    on_the_evidence = done.absences >= _ABSENCES
    if needed.requires("team") and not (done.team or on_the_evidence):
        return "TEAM_REQUIRED"
    if needed.requires("hearing") and not (done.examined or on_the_evidence):
        return "HEARING_REQUIRED"
    if needed.requires("council") and done.council is False:
        return "COUNCIL_REQUIRED"
    return ""


def impossibility(code: str, *, field: str = "reason") -> Impossibility:
    """The lawful reason with a code such as `RETIRED`. Raises `Unknown` for what is not listed."""
    return data_files.look_up(_data()[1], code, "not in the list of lawful reasons", field)


Remark = Literal["", "SUMMONS_LATE", "SUMMONS_EARLY"]


def summons_remark(
    summoned: date, examined: date, zone: ZoneInfo, days_off: calendar.Calendar | None = None
) -> Remark:
    """A remark on the days between summons and examination; it refuses nothing.

    At most 7 working days by PP 94/2021 art. 26(2), at least 7 by PP 53/2010 art. 23(2).
    """
    for id in ("summons-gap", "summons-gap-pp53"):
        rule = deadlines.rule(id)
        if (rule.since or summoned) <= summoned and (rule.until is None or summoned < rule.until):
            limit = deadlines.due(rule, deadlines.Start(rule.starts, summoned), zone, days_off).due
            if rule.sense == "at_most":
                return "SUMMONS_LATE" if examined > limit else ""
            return "SUMMONS_EARLY" if examined < limit else ""
    return ""
