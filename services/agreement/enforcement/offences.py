"""Election offences that an employee's act may be beside a breach of discipline, and the steps of their handling.

Bawaslu forwards an offence to the police through the integrated centre (Sentra Gakkumdu); the limits that run there are
counted by `deadlines`. The lists are data with their sources (`offences.toml`). Discipline goes on whatever becomes of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from agreement import data_files
from agreement.clocks import deadlines
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.parties.bawaslu_numbers import ElectionKind

_FILE = "offences.toml"
FORWARDED = "FORWARDED"


class Offence(data_files.Model):
    """An offence (tindak pidana) of the law on the elections of these kinds; `text` is Indonesian."""

    code: data_files.Text
    elections: Annotated[data_files.Several[ElectionKind], Field(min_length=1)]
    text: data_files.Text
    basis: data_files.Text
    confirmed: bool
    source: data_files.Text
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        return self


class Step(data_files.Model):
    """A step of the criminal track, and after which steps it may come; `text` is Indonesian."""

    code: data_files.Text
    text: data_files.Text
    confirmed: bool
    source: data_files.Text
    first: bool = False
    after: data_files.Texts = ()
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        if self.first == bool(self.after):
            raise ValueError("after: missing, or of the first step")
        return self


class Clock(data_files.Model):
    """A limit that runs in an election once a step is done."""

    step: data_files.Text
    election: ElectionKind
    rule: data_files.Text


class _File(data_files.Model):
    offence: data_files.Entries[Offence]
    step: data_files.Entries[Step]
    clock: data_files.Entries[Clock]


@dataclass(frozen=True)
class _Lists:
    offences: Mapping[str, Offence]
    steps: Mapping[str, Step]
    clocks: Mapping[tuple[str, str], str]


def _parse(text: str) -> _Lists:
    found = data_files.parse(_File, _FILE, text)
    steps = data_files.index(_FILE, found.step, lambda each: each.code)
    for step in steps.values():
        if set(step.after) - steps.keys():
            raise BrokenData(_FILE, step.code, "after: unknown")
    data_files.index(_FILE, found.clock, lambda each: f"clock {each.election} {each.step}")
    for clock in found.clock:
        if clock.step not in steps or clock.rule not in deadlines.rules():
            raise BrokenData(_FILE, f"clock {clock.election} {clock.step}", "step or rule: unknown")
    return _Lists(
        data_files.index(_FILE, found.offence, lambda each: each.code),
        steps,
        {(each.election, each.step): each.rule for each in found.clock},
    )


@cache
def _lists() -> _Lists:
    return _parse(data_files.read(_FILE))


def offences() -> Mapping[str, Offence]:
    """Every offence under its code."""
    return _lists().offences


def offence(code: str, election: str, *, field: str = "offence") -> Offence:
    """The offence with a code in an election. Raises `Unknown` for one that the law on it does not have."""
    there = {code: each for code, each in offences().items() if election in each.elections}
    return data_files.look_up(there, code, "not an offence of the law on this election", field)


def steps() -> Mapping[str, Step]:
    """Every step under its code, in the order of the procedure."""
    return _lists().steps


def step(code: str, *, field: str = "step") -> Step:
    """The step with a code such as `PROSECUTED`. Raises `Unknown` for any other text."""
    return data_files.look_up(steps(), code, "not a step of the criminal track", field)


def clocks() -> Mapping[tuple[str, str], str]:
    """The rules of the limits, by election and the step after which they run."""
    return _lists().clocks


def clock(election: str, step: str) -> str:
    """The rule of the limit that runs after a step; empty where none does."""
    return clocks().get((election, step), "")
