"""A season of invented cases through real processes: its figures are those of the plan, of the published sources within the noise
of drawing, and of anybody who folds the exported log again."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from agreement.clocks.working_days import months_later
from operations.season import plan
from support.netral import Netral
from support.waiting import until_true

SEED = 1
FIGURES = plan.read_figures()


@pytest.fixture
def netral(tmp_path: Path) -> Iterator[Netral]:
    """NATS and three services with every authority of the agreement."""
    netral = Netral(tmp_path)
    up = netral("up", "--detach", "--json")
    assert up.code == 0, up.err
    yield netral
    assert netral("down").code == 0


def done(netral: Netral, *words: str) -> Any:
    ran = netral.here(*words, "--json")
    assert ran.code == 0, ran.err
    return ran.json


def letter_of(case: plan.Case) -> date:
    """The day of the recommendation that stands."""
    assert case.letter is not None
    return date.fromordinal(case.letter.toordinal() + (case.mishap == plan.WRONG_ADDRESSEE))


def followed_up(case: plan.Case, months: int | None = None) -> bool:
    """True if a sanction is reported within so many months of the recommendation."""
    if case.follow_up is None or case.mishap == plan.CANNOT:
        return False
    return months is None or case.follow_up <= months_later(letter_of(case), months)


def planned(cases: list[plan.Case]) -> dict[str, tuple[int, int]]:
    """n and N of the examiner's figures, counted by hand from the plan."""
    recommended = [case for case in cases if case.outcome == plan.RECOMMENDED]
    decided = [case for case in cases if case.outcome in (plan.RECOMMENDED, plan.NOT_PROVEN)]
    due = [case for case in recommended if not (case.mishap == plan.CANNOT and case.follow_up)]
    on_time = [case for case in due if followed_up(case) and case.follow_up <= case.due]  # type: ignore[operator]
    cannot = len(recommended) - len(due)
    done = sum(map(followed_up, recommended))
    return {
        "proven-rate": (len(recommended), len(decided)),
        "follow-up-rate": (done, len(recommended)),
        "on-time-rate": (len(on_time), len(due)),
        "conforming-rate": (done, len(recommended)),
        "cannot-rate": (cannot, len(recommended)),
        "overdue-rate": (len(recommended) - done - cannot, len(recommended)),
        "blocked-rate": (0, len(recommended)),
    }


def counted(figures: list[Mapping[str, str]]) -> dict[str, tuple[int, int]]:
    return {figure["id"]: (int(figure["n"]), int(figure["of"])) for figure in figures}


def play_and_check(netral: Netral, count: int) -> None:
    """Play a season and hold every figure against plan, publication and recomputation."""
    cases = list(plan.cases(count, SEED, FIGURES))
    recommended = [case for case in cases if case.outcome == plan.RECOMMENDED]
    expected = plan.expected(count, FIGURES)

    told = done(netral, "local", "season", "--cases", str(count), "--seed", str(SEED))
    assert (told["cases"], told["recommended"]) == (count, len(recommended))
    until_true(
        lambda: counted(done(netral, "monitor", "summary", "--as", "kasn")["figures"]) == planned(cases)
    )

    share, noise = expected["recommended"]
    assert len(recommended) / count == pytest.approx(share, abs=2 * noise)
    curve = done(netral, "monitor", "cohort", "--as", "kasn")["cohorts"][0]
    points = {point["within"]: (int(point["n"]), int(point["of"])) for point in curve["points"]}
    assert (curve["month"], int(curve["recommended"])) == ("all", len(recommended))
    for months in (2, 4, 6, 12):
        n, of = points[f"{months}m"]
        assert (n, of) == (sum(followed_up(case, months) for case in recommended), len(recommended))
        share, noise = expected["followed_up"][months]
        assert n / of == pytest.approx(share, abs=2 * noise), f"after {months} months"

    places = done(netral, "monitor", "regions", "--by", "post", "--as", "kasn")["places"]
    mix = {place.get("key", ""): int(place["figure"]["of"]) for place in places}
    assert mix == Counter(case.person.post_category for case in recommended)
    for category, (share, noise) in expected["post"].items():
        assert mix.get(category, 0) / len(recommended) == pytest.approx(share, abs=2 * noise), category

    busiest, _ = Counter(case.employer for case in recommended).most_common(1)[0]
    for party, by in (("kasn", "post"), ("kasn", "agency"), ("bawaslu", "act"), (busiest, "act")):
        again = done(netral, "audit", "recompute", "all", "--by", by, "--as", party)
        assert again["equal"] and len(again["figures"]) > len(planned(cases)), party
    published_tables_are_recomputed(netral, busiest)
    assert netral.here("audit", "verify").code == 0


PUBLISHED = (
    ("bawaslu", "intake", ("origin", "province")),
    ("bawaslu", "handling", ()),
    ("bkn", "follow-up", ("province", "quarter")),
    ("kemendagri", "recommended-sanctions", ("recommended-class", "region", "act", "quarter")),
    ("kemendagri", "sanctions", ()),
    ("", "siptl", ()),
    ("", "sanctions", ("act", "imposed-class")),
)
"""Party (empty: the authority with most cases), table, what its rows are told apart by."""


def published_tables_are_recomputed(netral: Netral, authority: str) -> None:
    """Open each table as a workbook: every cell is the one that the exported log gives again."""
    for party, name, dimensions in PUBLISHED:
        by = [word for dimension in dimensions for word in ("--by", dimension)]
        asked = [name, "--as", party or authority, *by]
        ran = netral.here("monitor", "table", *asked, "--file", "table.xlsx")
        assert ran.code == 0, ran.err
        again = done(netral, "audit", "recompute", *asked)["figures"]
        assert cells_of(netral.folder / "table.xlsx", again) and again, (party, name)


def cells_of(file: Path, recomputed: list[Mapping[str, Any]]) -> bool:
    """Hold the cells of a workbook against those recomputed, row by row and column by column."""
    head, *rows = load_workbook(file).worksheets[0].iter_rows(values_only=True)
    columns = list(dict.fromkeys(figure["id"].rpartition(" ")[2] for figure in recomputed))
    first = len(head) - 2 - len(columns) - sum(column.endswith("-rate") for column in columns)
    numbers = iter(recomputed)
    for row in rows:
        values = iter(row[first:-2])
        for column in columns:
            (n, of), value = next(numbers)["recomputed"], next(values)
            if column.endswith("-rate"):
                assert value == (pytest.approx(n / of) if of else None) and next(values) == f"{n}/{of}"
            else:
                assert value == n, (head, row, column)
    return next(numbers, None) is None


@pytest.mark.slow
def test_a_small_season_has_the_figures_of_its_plan_and_of_its_recomputation(netral: Netral):
    play_and_check(netral, 60)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_season_of_two_thousand_cases_matches_the_published_curve_and_its_recomputation(netral: Netral):
    play_and_check(netral, 2000)
