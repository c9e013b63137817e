"""Checklists and conclusions of Bawaslu before a report becomes a matter: requirements, categories, reasons, routes.

The lists are data with their sources (`intake.toml`). What no public page showed is `confirmed = False`: it may be noted,
and forces nothing. Which clock runs from which date is here; what its days are is left to `deadlines`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Annotated, Literal

from pydantic import Field

from agreement import data_files
from agreement.data_files import BrokenData, Unknown
from agreement.elections.election import KINDS
from agreement.parties.bawaslu_numbers import ElectionKind

_FILE = "intake.toml"
FORMAL, MATERIAL = "FORMAL", "MATERIAL"
LATE = "F-TIME"
OTHER_LAW = "OTHER_LAW"
STEPS = ("REPORT", "FINDING", "PRELIMINARY_STUDY", "COMPLETION", "STUDY")


class Requirement(data_files.Model):
    """A requirement of a report, FORMAL (syarat formal) or MATERIAL (syarat materiel), per election; `text` is Indonesian.

    `curable`: whether the reporter can still mend it. `confirmed`: whether its source was read; if not, it forces nothing.
    """

    code: data_files.Text
    kind: Literal["FORMAL", "MATERIAL"]
    elections: Annotated[data_files.Several[ElectionKind], Field(min_length=1)]
    text: data_files.Text
    curable: bool
    confirmed: bool
    source: data_files.Text


class Term(data_files.Model):
    """A line of one of the lists: category of the preliminary study, reason, source, route. `text` is Indonesian, `text_en` English (reasons have it).

    `group`: SigapLapor's category. `requires`: the kind or code of the gap that a reason rests on. `of_authority`: first
    information of a personnel authority's own team, which is then named.
    """

    code: data_files.Text
    text: data_files.Text
    confirmed: bool
    source: data_files.Text
    text_en: data_files.Text | Literal[""] = ""
    group: data_files.Text | Literal[""] = ""
    requires: data_files.Text | Literal[""] = ""
    of_authority: bool = False


class Clock(data_files.Model):
    """A rule that runs in an election from a date (`start`: a field of the intake) until a step is done."""

    rule: data_files.Text
    election: ElectionKind
    step: Literal["REPORT", "FINDING", "PRELIMINARY_STUDY", "COMPLETION", "STUDY"]
    start: Literal["known_date", "received_date", "notice_date", "registered_date"] = Field(
        validation_alias="from"
    )
    source: data_files.Text


Terms = Mapping[str, Term]


class _File(data_files.Model):
    requirement: data_files.Entries[Requirement]
    category: data_files.Entries[Term]
    not_registered: data_files.Entries[Term]
    information_source: data_files.Entries[Term]
    information_closed: data_files.Entries[Term]
    subject: data_files.Entries[Term]
    route: data_files.Entries[Term]
    clock: data_files.Entries[Clock]


@dataclass(frozen=True)
class _Lists:
    requirements: Mapping[str, Requirement]
    terms: Mapping[str, Terms]
    clocks: Mapping[tuple[str, str], Clock]


def _parse(text: str) -> _Lists:
    found = data_files.parse(_File, _FILE, text)
    requirements = data_files.index(_FILE, found.requirement, lambda each: each.code)
    terms = {
        "category": found.category,
        "not_registered": found.not_registered,
        "information_source": found.information_source,
        "information_closed": found.information_closed,
        "subject": found.subject,
        "route": found.route,
    }
    for reason in found.not_registered:
        if reason.requires not in {FORMAL, MATERIAL, *requirements}:
            raise BrokenData(_FILE, reason.code, "requires: neither a kind nor a requirement")
    if sorted((each.election, each.step) for each in found.clock) != sorted(product(KINDS, STEPS)):
        raise BrokenData(_FILE, "clock", "not one for each step of each election")
    return _Lists(
        requirements,
        {table: data_files.index(_FILE, lines, lambda each: each.code) for table, lines in terms.items()},
        {(each.election, each.step): each for each in found.clock},
    )


@cache
def _lists() -> _Lists:
    return _parse(data_files.read(_FILE))


def requirements(election: str) -> Mapping[str, Requirement]:
    """Requirements of a report in an election, under its code: the checklist of the preliminary study (kajian awal)."""
    return {code: each for code, each in _lists().requirements.items() if election in each.elections}


def requirement(code: str, election: str, *, field: str = "missing") -> Requirement:
    """A requirement that applies in an election. Raises `Unknown` for other codes."""
    found = _lists().requirements.get(code)
    if found is None or election not in found.elections:
        raise Unknown("not a requirement of this election", field=field)
    return found


def category(code: str, *, field: str = "category") -> Term:
    """A category of the preliminary study. Raises `Unknown` for other codes."""
    return _one("category", code, field)


def not_registered(code: str, *, field: str = "reason") -> Term:
    """A reason not to register a report. Raises `Unknown` for other codes."""
    return _one("not_registered", code, field)


def information_source(code: str, *, field: str = "source") -> Term:
    """A source of first information (informasi awal). Raises `Unknown` for other codes."""
    return _one("information_source", code, field)


def information_closed(code: str, *, field: str = "reason") -> Term:
    """A reason to close first information without a finding. Raises `Unknown` for other codes."""
    return _one("information_closed", code, field)


def subject(code: str, *, field: str = "subjects") -> Term:
    """A subject of supervision, as a Form A names the stage that was supervised. Raises `Unknown` for other codes."""
    return _one("subject", code, field)


def route(code: str, *, field: str = "routes") -> Term:
    """A route of what a study found (UU 7/2017 art. 455(1)). Raises `Unknown` for other codes."""
    return _one("route", code, field)


def terms(table: str) -> Terms:
    """A whole list: category, not_registered, information_source, information_closed, subject, route."""
    return _lists().terms[table]


def clock(election: str, step: str) -> Clock:
    """The clock of a step in an election."""
    return _lists().clocks[election, step]


def _one(table: str, code: str, field: str) -> Term:
    return data_files.look_up(_lists().terms[table], code, "not in the list", field)
