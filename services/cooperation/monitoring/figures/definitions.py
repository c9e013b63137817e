"""The figures: what each counts, in words and as a function. Pure: no I/O, no clock, no protobuf.

A figure says of one case whether it counts (n and N), is in N only, or is not its business. Everything else, a rate, a
ranking, an interval, a reconciliation, follows from that function, so that no two places can count differently.

What is measured of a case is a `Measured`; cells that are alike can be one cell with a count, as a database groups them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from agreement.clocks.working_days import WorkingDays
from cooperation.monitoring.figures import case_status
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.report_status import ReportStatus
from cooperation.monitoring.figures.statistics import wilson

MINIMUM = 5
"""Fewer cases than this are shown and not ranked."""

_JAKARTA = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class Measured:
    """Values that the figures look at in `count` cases that are alike. `key` is what a breakdown tells them apart by.

    From `origin` on: what only published tables look at, in which `keys` tell apart. Where `report` is a state of a report, finding or
    first information, `reason` why it was not registered, the rest is empty: it is no case.
    """

    stage: str
    status: str = ""
    recommended: bool = False
    due_date: date | None = None
    followed_up: bool = False
    on_time: bool | None = None
    answered: bool = False
    blocked: bool = False
    key: str = ""
    tier: str = ""
    count: int = 1
    origin: str = ""
    recommended_class: str = ""
    imposed_class: str = ""
    recommended_date: date | None = None
    offence: bool = False
    keys: tuple[str, ...] = ()
    report: str = ""
    reason: str = ""

    @property
    def stands(self) -> bool:
        """A recommendation that was not withdrawn."""
        return self.recommended and self.stage != case_status.WITHDRAWN


def measure(case: CaseStatus, key: str = "", keys: tuple[str, ...] = ()) -> Measured:
    """One case as a cell."""
    return Measured(
        case.stage,
        case.status,
        case.recommended_date is not None,
        case.due_date,
        case.followed_up_date is not None,
        case.on_time,
        case.answered,
        case.blocked,
        key,
        case.tier,
        origin=case.origin,
        recommended_class=case.recommended_class,
        imposed_class=case.imposed_class,
        recommended_date=case.recommended_date,
        offence=bool(case.offence_step),
        keys=keys,
    )


def measure_report(report: ReportStatus, keys: tuple[str, ...] = ()) -> Measured:
    """One report, finding or first information as a cell."""
    return Measured("", origin=report.origin, keys=keys, report=report.state, reason=report.reason)


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure: its stable id, what it counts in Indonesian and English, and the same as a function.

    `counts(cell, today)`: True counts in n and N, False in N only, None in neither.
    """

    id: str
    indonesian: str
    english: str
    counts: Callable[[Measured, date], bool | None]


def is_overdue(cell: Measured, today: date) -> bool:
    """Past the end of its due date, not followed up, and not found impossible to follow up."""
    return (
        cell.stands
        and cell.due_date is not None
        and cell.due_date < today
        and not cell.followed_up
        and cell.stage not in (case_status.CANNOT_BE_FOLLOWED_UP, case_status.REPORTED_IMPOSSIBLE)
    )


def _standing(counts: Callable[[Measured], bool]) -> Callable[[Measured, date], bool | None]:
    return lambda cell, today: counts(cell) if cell.stands else None


def _proven(cell: Measured, today: date) -> bool | None:
    if cell.recommended:
        return True
    return False if cell.stage == case_status.NOT_PROVEN else None


def _in_time(cell: Measured, today: date) -> bool | None:
    """A follow-up before its due date does not count before that date: the ones still open do not either."""
    if not cell.stands or cell.due_date is None or cell.due_date >= today:
        return None
    if cell.stage in (case_status.CANNOT_BE_FOLLOWED_UP, case_status.REPORTED_IMPOSSIBLE):
        return None
    return cell.on_time is True


DEFINITIONS: Sequence[Definition] = (
    Definition(
        "proven-rate",
        "Perkara yang terbukti dan direkomendasikan, dari perkara yang diputus (rekomendasi atau tidak terbukti).",
        "Cases with a recommendation, of the cases decided (recommended or not proven).",
        _proven,
    ),
    Definition(
        "follow-up-rate",
        "Rekomendasi yang sanksinya dilaporkan telah dijatuhkan dan tidak dinyatakan belum sesuai, dari seluruh"
        " rekomendasi yang tidak dicabut. Tepat waktu atau terlambat sama saja.",
        "Recommendations whose sanction was reported as imposed and not found non-conforming, of all recommendations not"
        " withdrawn. On time or late makes no difference.",
        _standing(lambda cell: cell.followed_up),
    ),
    Definition(
        "on-time-rate",
        "Rekomendasi yang ditindaklanjuti paling lambat pada hari tenggat, dari rekomendasi yang tenggatnya telah lewat;"
        " yang dilaporkan tidak dapat ditindaklanjuti tidak dihitung.",
        "Recommendations followed up on or before their due date, of those whose due date has passed; those reported as"
        " impossible to follow up are left out.",
        _in_time,
    ),
    Definition(
        "conforming-rate",
        "Rekomendasi yang tindak lanjutnya diverifikasi sesuai, dari seluruh rekomendasi yang tidak dicabut.",
        "Recommendations whose follow-up was verified as conforming, of all recommendations not withdrawn.",
        _standing(lambda cell: cell.status == case_status.CONFORMS),
    ),
    Definition(
        "cannot-rate",
        "Rekomendasi yang diverifikasi tidak dapat ditindaklanjuti dengan alasan sah, dari seluruh rekomendasi yang"
        " tidak dicabut.",
        "Recommendations verified as impossible to follow up for a lawful reason, of all recommendations not withdrawn.",
        _standing(lambda cell: cell.status == case_status.CANNOT_BE_FOLLOWED_UP),
    ),
    Definition(
        "overdue-rate",
        "Rekomendasi yang melewati tenggat tanpa laporan tindak lanjut, dari seluruh rekomendasi yang tidak dicabut.",
        "Recommendations past their due date without a reported follow-up, of all recommendations not withdrawn.",
        lambda cell, today: is_overdue(cell, today) if cell.stands else None,
    ),
    Definition(
        "blocked-rate",
        "Rekomendasi yang data kepegawaian terlapornya sedang diblokir, dari seluruh rekomendasi yang tidak dicabut.",
        "Recommendations with the person's data blocked now, of all recommendations not withdrawn.",
        _standing(lambda cell: cell.blocked),
    ),
)
BY_ID: Mapping[str, Definition] = {definition.id: definition for definition in DEFINITIONS}

VALUE, ZERO, NO_CASES, NO_DATA = "VALUE", "ZERO", "NO_CASES", "NO_DATA"


@dataclass(frozen=True, slots=True)
class Figure:
    """n of N. `answer` tells zero, no cases and no data received apart; the interval is Wilson's at 95 %."""

    id: str
    n: int
    of: int
    answer: str

    @property
    def interval(self) -> tuple[float, float] | None:
        """From 0 to 1; None where there is nothing to count."""
        return wilson(self.n, self.of) if self.of else None


def figure(definition: Definition, cells: Iterable[Measured], today: date, *, heard: bool = True) -> Figure:
    """Count a figure over cells. `heard` says whether anything at all has reached the party."""
    n = of = known = 0
    for cell in cells:
        counts = definition.counts(cell, today)
        if counts is None:
            continue
        of += cell.count
        n += cell.count if counts else 0
        known += cell.count if cell.answered or not cell.recommended else 0
    return Figure(definition.id, n, of, _answer(n, of, known, heard))


def _answer(n: int, of: int, known: int, heard: bool) -> str:
    if n:
        return VALUE
    if not of:
        return NO_CASES if heard else NO_DATA
    return ZERO if known else NO_DATA


def figures(cells: Iterable[Measured], today: date, *, heard: bool = True) -> list[Figure]:
    """Every figure, in the order of `DEFINITIONS`."""
    counted = list(cells)
    return [figure(definition, counted, today, heard=heard) for definition in DEFINITIONS]


def flow(cells: Iterable[Measured]) -> dict[str, int]:
    """Cases by stage, every stage in the order of the flow."""
    found = Counter[str]()
    for cell in cells:
        found[cell.stage] += cell.count
    return {stage: found[stage] for stage in case_status.FLOW}


# --- ageing -------------------------------------------------------------------------------------------------------

BUCKETS: Sequence[tuple[str, int | None]] = (
    ("0-5", 5),
    ("6-10", 10),
    ("11-20", 20),
    ("21-40", 40),
    (">40", None),
)


def holder_role(stage: str) -> str:
    """Role whose turn a stage is: supervisor, examiner or personnel_authority; empty when closed."""
    return _TURN.get(stage, "")


_TURN = (
    dict.fromkeys((case_status.REGISTERED, case_status.STUDIED, case_status.RETURNED), "supervisor")
    | dict.fromkeys(
        (
            case_status.REFERRED,
            case_status.EXAMINED,
            case_status.REJECTED,
            case_status.OBJECTED,
            case_status.REPORTED,
            case_status.REPORTED_IMPOSSIBLE,
        ),
        "examiner",
    )
    | dict.fromkeys(
        (
            case_status.RECOMMENDED,
            case_status.OPENED,
            case_status.ACKNOWLEDGED,
            case_status.DECIDED,
            case_status.NOT_YET_CONFORMS,
            case_status.NOT_YET_FOLLOWED_UP,
        ),
        "personnel_authority",
    )
)


def ageing(
    open_cases: Iterable[tuple[str, date, int]], today: date, working_days: WorkingDays
) -> dict[tuple[str, str], int]:
    """Open cases by the role whose turn it is and the working days since it became so.

    Takes (stage, legal date since when, count); gives every pair of role and bucket of `BUCKETS`.
    """
    roles = ("supervisor", "examiner", "personnel_authority")
    found = {(role, bucket): 0 for role in roles for bucket, _ in BUCKETS}
    buckets: dict[date, str] = {}
    for stage, since, count in open_cases:
        role = holder_role(stage)
        if since not in buckets:
            buckets[since] = bucket_of(working_days(since, today))
        if role:
            found[role, buckets[since]] += count
    return found


def bucket_of(days: int) -> str:
    """The ageing bucket of a number of working days."""
    return next(bucket for bucket, last in BUCKETS if last is None or days <= last)


def since_date(case: CaseStatus) -> date:
    """The legal date (Jakarta) since which the present holder has a case."""
    return case.since.astimezone(_JAKARTA).date()


# --- rankings -----------------------------------------------------------------------------------------------------

TOO_FEW = "TOO_FEW"


@dataclass(frozen=True, slots=True)
class Place:
    """A figure of one place, act or agency; `rank` from 1 within its tier, or 0 and why not."""

    key: str
    tier: str
    figure: Figure
    rank: int = 0
    unranked: str = ""


def by_key(
    definition: Definition, cells: Iterable[Measured], keys: Iterable[str], today: date, *, heard: bool = True
) -> dict[str, Figure]:
    """A figure per key: those of the cells, and those in `keys` that have no cell."""
    apart = dict.fromkeys(keys, ()) | together(cells)
    return {key: figure(definition, found, today, heard=heard) for key, found in apart.items()}


def together(cells: Iterable[Measured]) -> dict[str, Sequence[Measured]]:
    """Cells by their key."""
    found: dict[str, list[Measured]] = {}
    for cell in cells:
        found.setdefault(cell.key, []).append(cell)
    return dict(found)


def ranked(found: Mapping[str, Figure], tiers: Mapping[str, str], minimum: int = MINIMUM) -> list[Place]:
    """Rank within tiers by the lower end of the Wilson interval, best first; equal ones share a rank.

    What has fewer than `minimum` cases, or no data, is listed after them by key, unranked.
    """
    places = [Place(key, tiers.get(key, ""), figure) for key, figure in found.items()]
    able = [(place.tier, -_low(place), place) for place in places if not _unranked(place.figure, minimum)]
    able.sort(key=lambda one: (*one[:2], one[2].key))
    listed: list[Place] = []
    for _, peers in groupby(able, key=lambda one: one[0]):
        rank, last = 0, None
        for position, (_, low, place) in enumerate(peers, start=1):
            rank, last = (rank if low == last else position), low
            listed.append(Place(place.key, place.tier, place.figure, rank))
    rest = sorted(
        (place for place in places if _unranked(place.figure, minimum)), key=lambda place: place.key
    )
    return listed + [
        Place(place.key, place.tier, place.figure, 0, _unranked(place.figure, minimum)) for place in rest
    ]


def _low(place: Place) -> float:
    interval = place.figure.interval
    assert interval is not None
    return interval[0]


def _unranked(figure: Figure, minimum: int) -> str:
    if figure.answer in (NO_CASES, NO_DATA):
        return figure.answer
    return TOO_FEW if figure.of < minimum else ""
