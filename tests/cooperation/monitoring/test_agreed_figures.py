"""Two sides of a figure, case by case, each difference with its reason."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from cooperation.monitoring.figures.agreed_figures import Counted, Period, compare, counted
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.definitions import BY_ID

YEAR = Period(date(2020, 1, 1), date(2021, 1, 1))
RATE, TODAY = BY_ID["follow-up-rate"], date(2021, 6, 1)


def a_case(matter: str, **other: object) -> CaseStatus:
    at = datetime(2020, 6, 1, tzinfo=UTC)
    case = CaseStatus("kasn", matter, "c", "OPENED", "ppk-6202", at, date(2020, 6, 1), 7)
    return replace(case, **({"recommended_date": date(2020, 6, 1)} | other))


def differences(stated: Counted, *cases: CaseStatus) -> dict[str, tuple[str, str]]:
    own = counted(RATE, cases, YEAR, TODAY)
    compared = compare(stated, own, {case.matter: case for case in cases}, YEAR)
    return {one.matter: (one.kind, one.reason) for one in compared.differences}


def test_every_difference_has_its_reason():
    stated = Counted(yes=("alike", "both", "gone", "never", "young"), no=("done", "other"))
    followed = {"followed_up_date": date(2020, 7, 1)}

    assert differences(
        stated,
        a_case("alike", **followed),
        a_case("both"),
        a_case("done", **followed),
        a_case("gone", stage="WITHDRAWN"),
        a_case("other", period_date=date(2021, 1, 1)),
        a_case("young", recommended_date=None),
        a_case("mine"),
    ) == {
        "both": ("DIFFERENT", "COUNTS_ONLY_THERE"),
        "done": ("DIFFERENT", "COUNTS_ONLY_HERE"),
        "gone": ("ONLY_STATED", "WITHDRAWN_HERE"),
        "mine": ("ONLY_HERE", "NOT_STATED"),
        "never": ("ONLY_STATED", "UNKNOWN_HERE"),
        "other": ("ONLY_STATED", "OTHER_PERIOD"),
        "young": ("ONLY_STATED", "NOT_COUNTED_HERE"),
    }


SIDES = st.dictionaries(st.sampled_from("abcdefgh"), st.booleans())


@given(SIDES, SIDES)
def test_alike_and_different_are_all_cases_and_both_sides_find_the_same_ones(
    ours: dict[str, bool], theirs: dict[str, bool]
):
    def side(of: dict[str, bool]) -> Counted:
        return Counted(tuple(sorted(m for m in of if of[m])), tuple(sorted(m for m in of if not of[m])))

    here, there = compare(side(theirs), side(ours), {}, YEAR), compare(side(ours), side(theirs), {}, YEAR)

    assert here.alike == there.alike == sum(theirs.get(m) == yes for m, yes in ours.items())
    assert here.alike + len(here.differences) == len(ours.keys() | theirs.keys())
    assert [one.matter for one in here.differences] == [one.matter for one in there.differences]
