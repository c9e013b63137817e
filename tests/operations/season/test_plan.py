"""A season has the proportions of the published figures, and is the same again for the same seed."""

from collections import Counter
from datetime import timedelta

import pytest

from agreement.enforcement import sanctions, violations
from agreement.parties import identifiers, institutions
from operations.season import plan

FIGURES = plan.read_figures()
SEASON = list(plan.cases(2000, 1, FIGURES))
RECOMMENDED = [case for case in SEASON if case.letter is not None]


def test_the_same_seed_gives_the_same_season():
    assert list(plan.cases(50, 7, FIGURES)) == list(plan.cases(50, 7, FIGURES))
    assert list(plan.cases(50, 7, FIGURES)) != list(plan.cases(50, 8, FIGURES))


@pytest.mark.parametrize("seed", range(5))
def test_as_many_are_recommended_as_was_published(seed: int):
    season = list(plan.cases(2000, seed, FIGURES))
    share, noise = plan.expected(2000, FIGURES)["recommended"]

    assert sum(case.outcome == plan.RECOMMENDED for case in season) / 2000 == pytest.approx(
        share, abs=2 * noise
    )


@pytest.mark.parametrize("months", [months for months, _ in FIGURES.followed_up])
def test_the_follow_up_grows_as_was_published(months: float):
    within = timedelta(months * 30.44 + 0.5)
    done = sum(
        case.follow_up is not None and case.letter is not None and case.follow_up - case.letter <= within
        for case in RECOMMENDED
    )

    share, noise = plan.expected(2000, FIGURES)["followed_up"][months]
    assert done / len(RECOMMENDED) == pytest.approx(share, abs=2 * noise)


@pytest.mark.parametrize("category", sorted(plan.expected(2000, FIGURES)["post"]))
def test_the_posts_are_mixed_as_was_published(category: str):
    done = sum(case.person.post_category == category for case in RECOMMENDED)

    share, noise = plan.expected(2000, FIGURES)["post"][category]
    assert done / len(RECOMMENDED) == pytest.approx(share, abs=2 * noise)


def test_every_local_authority_comes_up():
    local = {id for id in institutions.personnel_authorities() if institutions.institution(id).region}

    assert {case.employer for case in SEASON} == local


def test_some_provinces_come_up_more_often():
    provinces = Counter(case.region[:2] for case in SEASON)

    assert provinces["73"] > 2 * provinces["51"]


def test_the_days_of_a_case_follow_each_other():
    for case in SEASON:
        days = [case.event, case.known, case.study, case.referral, case.letter, case.follow_up, case.verified]
        known = [day for day in days if day is not None]

        assert known == sorted(known), case.number
        assert (case.follow_up is None) == (case.verified is None)


def test_persons_have_numbers_that_keep_the_rules():
    numbers = {identifiers.nip(case.person.nip, "PNS") for case in SEASON}

    assert len(numbers) > 1990


def test_a_sanction_is_of_the_class_that_was_recommended_and_of_the_regime_of_the_day():
    for case in SEASON:
        sanction = sanctions.check(case.sanction, "PNS", case.event)
        assert sanction.sanction_class == case.sanction_class
        family = sanctions.family_of(case.sanction_class)
        assert violations.check_choice(case.act, family, case.sanction_class, case.event)
