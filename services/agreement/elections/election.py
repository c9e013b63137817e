"""An election as a file gives it: kind, regions, voting days, fixing of candidates, stages; read strictly.

The words of a file are explained in `data/elections/README.md`. An operator's own file has the same form.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.parties import regions
from agreement.parties.bawaslu_numbers import ElectionKind

Office = Literal["PRESIDENT", "LEGISLATURE", "HEAD_OF_REGION"]
Certainty = Literal["confirmed", "quoted", "press", "count", "derived", "open"]
StageCode = Literal["REGISTRATION", "CAMPAIGN", "QUIET", "RECAPITULATION"]
KINDS: tuple[ElectionKind, ...] = ("PEMILU", "PILKADA")
OFFICES: tuple[Office, ...] = ("PRESIDENT", "LEGISLATURE", "HEAD_OF_REGION")
_OFFICES_OF: Mapping[ElectionKind, tuple[Office, ...]] = {
    "PEMILU": ("PRESIDENT", "LEGISLATURE"),
    "PILKADA": ("HEAD_OF_REGION",),
}

Read = Callable[[str], str]
"""Gives the text of a file that stands beside the election's own."""


class Fixing(data_files.Model):
    """Day on which candidates are fixed (penetapan); `offices` are those that are voted on, empty: all of them."""

    day: date
    certainty: Certainty
    source: data_files.Text
    offices: data_files.Several[Office] = ()


class Stage(data_files.Model):
    """A stage (tahapan), both days inclusive."""

    code: StageCode
    first: date
    last: date
    certainty: Certainty
    source: data_files.Text

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.last < self.first:
            raise ValueError("last: before first")
        return self


class VotingRegion(data_files.Model):
    """A region that votes, under its code of today; `code_then` and `name_then` where they were others."""

    region: Annotated[data_files.Text, AfterValidator(regions.check_code)]
    certainty: Certainty
    source: data_files.Text
    code_then: data_files.Text = ""
    name_then: data_files.Text = ""
    voting_day: date | None = None
    candidates_fixed: date | None = None


class Counts(data_files.Model):
    """Numbers of provinces, regencies and cities that vote."""

    province: Annotated[int, Field(ge=0)]
    regency: Annotated[int, Field(ge=0)]
    city: Annotated[int, Field(ge=0)]


class _File(data_files.Model):
    """The file of an election."""

    id: Annotated[data_files.Text, Field(pattern=r"^[A-Z][A-Z0-9.-]{2,39}$")]
    version: data_files.Number
    kind: ElectionKind
    title: data_files.Text
    day_off: Literal["national", "local"]
    certainty: Certainty
    source: data_files.Text
    note: data_files.Text | Literal[""] = ""
    repeats: data_files.Text | Literal[""] = ""
    basis: data_files.Text | Literal[""] = ""
    basis_says: data_files.Text | Literal[""] = ""
    year: data_files.Number | None = None
    since: date | None = None
    days_after: Annotated[int, Field(ge=0)] = 0
    voting_day: date | None = None
    scheduled: date | None = None
    everywhere: bool = False
    regions_file: data_files.Text | Literal[""] = ""
    counts: Counts | None = None
    fixing: data_files.Entries[Fixing] = ()
    stage: data_files.Entries[Stage] = ()
    region: data_files.Entries[VotingRegion] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.since is None) == (self.year is None):
            raise ValueError("since: either it or, for a frame, only the year")
        if self.year is not None and (self.voting_day or self.scheduled or self.fixing or self.stage):
            raise ValueError("year: a frame has no days")
        if sum((self.everywhere, bool(self.regions_file), bool(self.region))) != 1:
            raise ValueError("everywhere: either it, regions_file or regions")
        if self.since and self.voting_day and self.voting_day < self.since:
            raise ValueError("voting_day: before since")
        if self.day_off == "local" and self.scheduled is None:
            raise ValueError("scheduled: missing, though its voting day is a local day off")
        _check_fixing(self.kind, self.fixing)
        return self


def _check_fixing(kind: ElectionKind, fixings: tuple[Fixing, ...]) -> None:
    offices = [office for each in fixings for office in each.offices or _OFFICES_OF[kind]]
    if len(set(offices)) != len(offices):
        raise ValueError("fixing: twice for the same office")
    if not set(offices) <= set(_OFFICES_OF[kind]):
        raise ValueError("fixing: an office that is not voted on in this kind of election")


@dataclass(frozen=True)
class Election:
    """An election (pemilihan). `file` is what it was read from, `digest` the SHA-256, in hex, of that and the table beside it.

    `regions` are those that vote, under their codes of today; empty if all do (`everywhere`). `fixings` are by office. `basis`
    is the clause that an election of this sort rests on, where it was read, and `basis_says` what it says.
    """

    id: str
    version: int
    kind: ElectionKind
    title: str
    repeats: str
    year: int
    since: date | None
    days_after: int
    voting_day: date | None
    scheduled: date | None
    local_day_off: bool
    everywhere: bool
    regions: Mapping[str, VotingRegion]
    fixings: Mapping[Office, Fixing]
    stages: tuple[Stage, ...]
    certainty: Certainty
    source: str
    note: str
    basis: str
    basis_says: str
    file: str
    digest: str


def parse(file: str, text: str, read_beside: Read) -> Election:
    """The election of a file. Raises `BrokenData`, naming file, entry and field, for what is wrong in it or in its regions."""
    found = data_files.parse(_File, file, text)
    digest = hashlib.sha256(text.encode())
    lines, beside = found.region, file
    if found.regions_file:
        folder, _, _ = file.rpartition("/")
        beside = f"{folder}/{found.regions_file}" if folder else found.regions_file
        table = read_beside(found.regions_file)
        digest.update(table.encode())
        lines = data_files.rows(VotingRegion, beside, table)
    voting = data_files.index(beside, lines, lambda each: each.region)
    _check_regions(beside, found, voting)
    days = [each.voting_day or found.voting_day for each in voting.values()]
    last = max((day for day in days if day), default=found.voting_day)
    return Election(
        id=found.id,
        version=found.version,
        kind=found.kind,
        title=found.title,
        repeats=found.repeats,
        year=found.year or (last.year if last else 0),
        since=found.since,
        days_after=found.days_after,
        voting_day=found.voting_day,
        scheduled=found.scheduled,
        local_day_off=found.day_off == "local",
        everywhere=found.everywhere,
        regions=voting,
        fixings=MappingProxyType(
            {office: each for each in found.fixing for office in each.offices or _OFFICES_OF[found.kind]}
        ),
        stages=found.stage,
        certainty=found.certainty,
        source=found.source,
        note=found.note,
        basis=found.basis,
        basis_says=found.basis_says,
        file=file,
        digest=digest.hexdigest(),
    )


def _check_regions(file: str, found: _File, voting: Mapping[str, VotingRegion]) -> None:
    for each in voting.values():
        day = each.voting_day or found.voting_day
        if day is None and found.since is not None:
            raise BrokenData(file, each.region, "voting_day: neither its own nor the election's")
        if day and found.since and day < found.since:
            raise BrokenData(file, each.region, "voting_day: before since")
    if found.counts is None:
        return
    kinds = [regions.regions()[code].kind for code in voting]
    counted = Counts(
        province=kinds.count("province"), regency=kinds.count("kabupaten"), city=kinds.count("kota")
    )
    if counted != found.counts:
        numbers = f"{counted.province} + {counted.regency} + {counted.city}"
        raise BrokenData(file, found.id, f"counts: the regions are {numbers}")
