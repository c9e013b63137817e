"""Two agencies' figures beside each other, case by case. Pure.

One side states which cases count (n) and which do not (the rest of N); the other holds its own cases against it and gives
each difference with its reason, as far as its own trail tells.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cooperation.monitoring.figures import case_status
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.definitions import Definition, measure

ONLY_STATED, ONLY_HERE, DIFFERENT = "ONLY_STATED", "ONLY_HERE", "DIFFERENT"


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A figure that was stated, or the answer to one; the fields are those of the row."""

    party: str
    id: str
    reconciliation: str
    sender: str
    recipient: str
    time: datetime
    answers: str
    facts: bytes


@dataclass(frozen=True, slots=True)
class Period:
    """Legal dates from `start` until before `end`."""

    start: date
    end: date

    def has(self, day: date) -> bool:
        return self.start <= day < self.end


@dataclass(frozen=True, slots=True)
class Counted:
    """The cases of a figure: `yes` count (n), `no` are the rest of N. Matter ids, sorted."""

    yes: tuple[str, ...]
    no: tuple[str, ...]

    @property
    def n(self) -> int:
        return len(self.yes)

    @property
    def of(self) -> int:
        return len(self.yes) + len(self.no)


@dataclass(frozen=True, slots=True)
class Difference:
    """A case that the two do not count alike; `stage` is the one here, empty if the case is not known here."""

    matter: str
    kind: str
    reason: str
    stage: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Result of a comparison: how many cases both count alike, and the others by matter id."""

    alike: int
    differences: Sequence[Difference]


def counted(definition: Definition, cases: Iterable[CaseStatus], period: Period, today: date) -> Counted:
    """The cases of a period that a figure counts."""
    yes: list[str] = []
    no: list[str] = []
    for case in cases:
        counts = definition.counts(measure(case), today) if period.has(case.period_date) else None
        if counts is not None:
            (yes if counts else no).append(case.matter)
    return Counted(tuple(sorted(yes)), tuple(sorted(no)))


def compare(stated: Counted, own: Counted, known: Mapping[str, CaseStatus], period: Period) -> Compared:
    """Hold a stated figure against one's own; `known` are all of one's own cases by matter."""
    theirs = dict.fromkeys(stated.yes, True) | dict.fromkeys(stated.no, False)
    ours = dict.fromkeys(own.yes, True) | dict.fromkeys(own.no, False)
    found = []
    for matter in sorted(theirs.keys() | ours.keys()):
        case = known.get(matter)
        stage = case.stage if case else ""
        if matter not in ours:
            found.append(Difference(matter, ONLY_STATED, _why_not_here(case, period), stage))
        elif matter not in theirs:
            found.append(Difference(matter, ONLY_HERE, "NOT_STATED", stage))
        elif ours[matter] != theirs[matter]:
            reason = "COUNTS_ONLY_HERE" if ours[matter] else "COUNTS_ONLY_THERE"
            found.append(Difference(matter, DIFFERENT, reason, stage))
    return Compared(len(theirs.keys() | ours.keys()) - len(found), found)


def _why_not_here(case: CaseStatus | None, period: Period) -> str:
    if case is None:
        return "UNKNOWN_HERE"
    if case.stage == case_status.WITHDRAWN:
        return "WITHDRAWN_HERE"
    return "NOT_COUNTED_HERE" if period.has(case.period_date) else "OTHER_PERIOD"
