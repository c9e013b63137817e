"""Rules on elections: who votes, which stage of the SKB an act is of, which election it belongs to. Pure.

A region's code is today's (`PP` or `PP.KK`). A regency votes by its own vote, or by that of its province for a governor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from agreement.data_files import Unknown
from agreement.elections import known
from agreement.elections.election import Certainty, Election, Office
from agreement.parties import bawaslu_numbers, regions
from agreement.parties.bawaslu_numbers import ElectionKind
from refusals import Malformed

SkbStage = Literal["PROSPECTIVE", "CANDIDATE"]
Vote = Literal["own", "province", "none"]
"""By which vote a region takes part: its own (or everybody's), only that of its province, or none."""


@dataclass(frozen=True)
class StageOfAct:
    """The SKB's stage of an act: before (bakal calon, A) or after (calon, B) the candidates were fixed, and how sure that is.

    `fixed` is the day of fixing; the day itself counts as after. `note` says what is open.
    """

    stage: SkbStage
    fixed: date
    certainty: Certainty
    note: str = ""


@dataclass(frozen=True)
class ElectionOfAct:
    """The election that an act is derived to belong to, from region and day; None if it belongs to none that is known.

    `vote`: by whose vote. `after_vote`: it was done after the voting day. `others` are the elections that ran too.
    """

    election: Election | None
    vote: Vote
    after_vote: bool = False
    others: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Id of the election; empty if there is none."""
        return self.election.id if self.election else ""


@dataclass(frozen=True)
class LocalVotingDay:
    """A voting day that is a day off in its regions only (UU 1/2015 art. 84(3)); `known` since it was scheduled."""

    day: date
    known: date
    election: str
    version: int
    title: str
    certainty: Certainty
    note: str


# --- who votes -----------------------------------------------------------------------------------------------------


def vote_of(election: Election, region: str) -> Vote:
    """By which vote a region takes part in an election. Raises `Unknown` for what is not a region code."""
    found = regions.region(region)
    if election.everywhere or found.code in election.regions:
        return "own"
    return "province" if found.province in election.regions else "none"


def voting_day(election: Election, region: str) -> date | None:
    """The day on which a region votes; None if it does not, or if the day is not laid down."""
    vote = vote_of(election, region)
    if vote == "none":
        return None
    if election.everywhere:
        return election.voting_day
    line = election.regions[region if vote == "own" else region[:2]]
    return line.voting_day or election.voting_day


def local_voting_days(region: str) -> tuple[LocalVotingDay, ...]:
    """The voting days that are days off in a region and not in the whole country, oldest first."""
    return tuple(sorted(_local_voting_days(region), key=lambda each: (each.day, each.election)))


def regions_with_own_voting_days() -> frozenset[str]:
    """The regions that have voting days which are not off in the whole country, with the regencies of such a province."""
    return frozenset(code for code in regions.regions() if local_voting_days(code))


def _local_voting_days(region: str) -> Iterator[LocalVotingDay]:
    for election in known.all_known().newest.values():
        day = voting_day(election, region) if election.local_day_off else None
        if day is not None and election.scheduled is not None:
            line = election.regions.get(region) or election.regions.get(region[:2])
            certainty = line.certainty if line else election.certainty
            yield LocalVotingDay(
                day,
                election.scheduled,
                election.id,
                election.version,
                election.title,
                certainty,
                election.note,
            )


# --- stage of the SKB ----------------------------------------------------------------------------------------------


def stage_of(
    election: Election, day: date, *, region: str = "", office: Office | None = None
) -> StageOfAct | None:
    """The SKB's stage of an act in an election; None if no day of fixing is known.

    Where offices have days of their own and none is named, an act between them is open: the first day of fixing is
    taken, so that nobody is held to have acted for a prospective candidate who was one no more.
    """
    line = election.regions.get(region)
    if line and line.candidates_fixed:
        return _stage(day, line.candidates_fixed, line.certainty)
    fixings = [each for of, each in election.fixings.items() if office in (None, of)]
    if not fixings:
        return None
    first = min(fixings, key=lambda each: each.day)
    last = max(fixings, key=lambda each: each.day)
    if first.day <= day < last.day:
        return StageOfAct(
            "CANDIDATE", first.day, "open", f"by office: candidates were fixed from {first.day} to {last.day}"
        )
    return _stage(day, first.day if day < first.day else last.day, first.certainty)


def _stage(day: date, fixed: date, certainty: Certainty) -> StageOfAct:
    if day == fixed:
        return StageOfAct("CANDIDATE", fixed, "open", "the day of fixing itself is taken as after")
    return StageOfAct("CANDIDATE" if day > fixed else "PROSPECTIVE", fixed, certainty)


# --- election of an act --------------------------------------------------------------------------------------------


def of_act(
    region: str, day: date, *, kind: ElectionKind | None = None, office: Office | None = None
) -> ElectionOfAct:
    """Derive the election of an act from its region and day, and from kind or office where they are known.

    Of several that run it is the one that votes next; after the last voting day, the one that voted last. Raises
    `Unknown` for what is not a region code.
    """
    if office is not None:
        kind = "PILKADA" if office == "HEAD_OF_REGION" else "PEMILU"
    running = [
        (votes, each)
        for each in known.all_known().newest.values()
        if kind in (None, each.kind) and (votes := voting_day(each, region)) and _runs(each, votes, day)
    ]
    if not running:
        return ElectionOfAct(None, "none")
    votes, found = min(running, key=lambda one: (one[0] < day, abs(one[0] - day), one[1].id))
    others = tuple(each.id for _, each in running if each.id != found.id)
    return ElectionOfAct(found, vote_of(found, region), votes < day, others)


def of_case(region: str, day: date, number: str) -> ElectionOfAct:
    """Derive the election of a case from the region and day of its act, and from the form of Bawaslu's number, if it has one.

    Raises `Unknown` for what is not a region code.
    """
    return of_act(region, day, kind=kind_of_number(number))


def kind_of_number(number: str) -> ElectionKind | None:
    """The kind of election that the form of Bawaslu's number tells; None if it has no such form."""
    try:
        return bawaslu_numbers.number(number).election
    except Malformed:
        return None


@lru_cache(maxsize=50_000)
def id_of_case(region: str, day: date | None, kind: ElectionKind | None) -> str:
    """Derive the id of a case's election from region, day of the act and kind, as far as they are known.

    A region may stand under its code of before. Empty: none that is known.
    """
    if day is None:
        return ""
    try:
        return of_act(regions.code_now(region) or region, day, kind=kind).id
    except Unknown:
        return ""


def _runs(election: Election, votes: date, day: date) -> bool:
    assert election.since is not None
    return election.since <= day <= votes + timedelta(days=election.days_after)
