"""What Bawaslu checks and may conclude before a report becomes a matter: requirements, categories, reasons, routes.

The lists are data with their sources (`intake.toml`). What no public page showed is `confirmed = False`: it may be noted,
and forces nothing. Which clock runs from which date is here; what its days are is left to `deadlines`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from agreement import data_files
from agreement.data_files import Unknown

_FILE = "intake.toml"
ELECTIONS = ("PEMILU", "PILKADA")
FORMAL, MATERIAL = "FORMAL", "MATERIAL"
LATE = "F-TIME"
OTHER_LAW = "OTHER_LAW"
STEPS = ("REPORT", "FINDING", "PRELIMINARY_STUDY", "COMPLETION", "STUDY")
_STARTS = ("known_date", "received_date", "notice_date", "registered_date")
_TABLES = (
    "requirement",
    "category",
    "not_registered",
    "information_source",
    "information_closed",
    "route",
    "clock",
)


@dataclass(frozen=True)
class Requirement:
    """What a report must have: FORMAL (syarat formal) or MATERIAL (syarat materiel), per election; `text` is Indonesian.

    `curable`: whether the reporter can still mend it. `confirmed`: whether its source was read; if not, it forces nothing.
    """

    code: str
    kind: str
    elections: tuple[str, ...]
    text: str
    curable: bool
    confirmed: bool
    source: str


@dataclass(frozen=True)
class Term:
    """A line of one of the lists: category of the preliminary study, reason, source, route. `text` is Indonesian.

    `group`: SigapLapor's category. `requires`: the kind or code of the gap that a reason rests on. `of_authority`: first
    information of a personnel authority's own team, which is then named.
    """

    code: str
    text: str
    confirmed: bool
    source: str
    group: str = ""
    requires: str = ""
    of_authority: bool = False


@dataclass(frozen=True)
class Clock:
    """A rule that runs in an election from a date (`start`: a field of the intake) until a step is done."""

    rule: str
    election: str
    step: str
    start: str
    source: str


Terms = Mapping[str, Term]


def _requirement(entry: data_files.Entry) -> Requirement:
    requirement = Requirement(
        code=entry.text("code"),
        kind=entry.text("kind"),
        elections=entry.texts("elections"),
        text=entry.text("text"),
        curable=entry.flag("curable"),
        confirmed=entry.flag("confirmed"),
        source=entry.text("source"),
    )
    entry.done()
    if requirement.kind not in (FORMAL, MATERIAL):
        raise entry.broken("kind: neither FORMAL nor MATERIAL")
    if not requirement.elections or not set(requirement.elections) <= set(ELECTIONS):
        raise entry.broken("elections: not of PEMILU, PILKADA")
    return requirement


def _term(entry: data_files.Entry) -> Term:
    term = Term(
        code=entry.text("code"),
        text=entry.text("text"),
        confirmed=entry.flag("confirmed"),
        source=entry.text("source"),
        group=entry.optional("group", entry.text) or "",
        requires=entry.optional("requires", entry.text) or "",
        of_authority=entry.optional("of_authority", entry.flag) or False,
    )
    entry.done()
    return term


def _clock(entry: data_files.Entry) -> Clock:
    clock = Clock(
        rule=entry.text("rule"),
        election=entry.text("election"),
        step=entry.text("step"),
        start=entry.text("from"),
        source=entry.text("source"),
    )
    entry.done()
    if clock.election not in ELECTIONS or clock.step not in STEPS or clock.start not in _STARTS:
        raise entry.broken("election, step or from: unknown")
    return clock


@dataclass(frozen=True)
class _Lists:
    requirements: Mapping[str, Requirement]
    terms: Mapping[str, Terms]
    clocks: Mapping[tuple[str, str], Clock]


def _parse(text: str) -> _Lists:
    found = data_files.entries(_FILE, text, "code", *_TABLES)
    requirements = data_files.by_code(
        _FILE, ((each.code, each) for each in map(_requirement, found["requirement"]))
    )
    terms = {
        table: data_files.by_code(_FILE, ((each.code, each) for each in map(_term, found[table])))
        for table in _TABLES[1:-1]
    }
    for reason in terms["not_registered"].values():
        if reason.requires not in {FORMAL, MATERIAL, *requirements}:
            raise data_files.BrokenData(_FILE, reason.code, "requires: neither a kind nor a requirement")
    clocks = [_clock(entry) for entry in found["clock"]]
    if sorted((each.election, each.step) for each in clocks) != sorted(product(ELECTIONS, STEPS)):
        raise data_files.BrokenData(_FILE, "clock", "not one for each step of each election")
    return _Lists(requirements, terms, {(each.election, each.step): each for each in clocks})


_LISTS = _parse(data_files.read(_FILE))


def requirements(election: str) -> Mapping[str, Requirement]:
    """What a report must have in an election, under its code: the checklist of the preliminary study (kajian awal)."""
    return {code: each for code, each in _LISTS.requirements.items() if election in each.elections}


def requirement(code: str, election: str, *, field: str = "missing") -> Requirement:
    """A requirement that applies in an election. Raises `Unknown` for other codes."""
    found = _LISTS.requirements.get(code)
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


def route(code: str, *, field: str = "routes") -> Term:
    """A route of what a study found (UU 7/2017 art. 455(1)). Raises `Unknown` for other codes."""
    return _one("route", code, field)


def terms(table: str) -> Terms:
    """A whole list: category, not_registered, information_source, information_closed, route."""
    return _LISTS.terms[table]


def clock(election: str, step: str) -> Clock:
    """The clock of a step in an election."""
    return _LISTS.clocks[election, step]


def _one(table: str, code: str, field: str) -> Term:
    try:
        return _LISTS.terms[table][code]
    except KeyError:
        raise Unknown("not in the list", field=field) from None
