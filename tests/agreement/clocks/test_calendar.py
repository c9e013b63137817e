"""The calendar: every day off by name, and each decree as a version."""

from datetime import date

import holidays
import pytest

from agreement.clocks import calendar
from support.days_off import LEAVE, PUBLIC, YEARS


def days_of(kind: str) -> frozenset[date]:
    latest = calendar.latest()
    return frozenset(day for year in YEARS for day, off in latest.days_off(year).items() if off.kind == kind)


def test_public_holidays_of_2019_to_2027_are_those_that_were_written_down() -> None:
    assert days_of("public") == PUBLIC


def test_collective_leave_of_2019_to_2027_is_what_was_written_down_and_what_the_library_has() -> None:
    library = holidays.country_holidays("ID", years=YEARS, categories=("government",), expand=False)

    assert days_of("leave") == LEAVE == frozenset(library)


def test_a_version_knows_what_was_decreed_until_then_and_nothing_later() -> None:
    before = calendar.known_on(date(2023, 3, 28))
    after = calendar.known_on(date(2023, 3, 29))

    assert (before.version, after.version) == ("skb-2023", "skb-2023-amendment-1")
    assert before.off(date(2023, 4, 19)) is None
    assert after.off(date(2023, 4, 19)) == calendar.DayOff(
        date(2023, 4, 19), "leave", ("Cuti bersama Hari Raya Idul Fitri",)
    )
    assert after.off(date(2023, 4, 26)) is None


def test_a_moved_public_holiday_stands_on_its_first_day_until_it_is_moved() -> None:
    before, after = calendar.version("skb-2021-amendment-1"), calendar.version("skb-2021-amendment-2")
    tenth, eleventh = date(2021, 8, 10), date(2021, 8, 11)

    assert (before.off(tenth) is not None, before.off(eleventh)) == (True, None)
    assert (after.off(tenth), after.off(eleventh) is not None) == (None, True)


def test_an_election_day_is_off_once_its_decree_is_out() -> None:
    poll = date(2024, 11, 27)

    assert calendar.version("keppres-10-2024").off(poll) is None
    assert calendar.version("keppres-local-election-2024").off(poll) is not None


def test_a_year_without_a_decree_is_an_estimate_and_its_days_say_so() -> None:
    early = calendar.known_on(date(2022, 1, 1))

    assert early.estimate(2023) and not early.estimate(2022)
    new_year = early.off(date(2024, 1, 1))
    assert new_year is not None and new_year.name == "Tahun Baru Masehi (perkiraan)"
    assert not any(off.kind == "leave" for off in early.days_off(2023).values())


def test_what_the_library_only_estimates_stays_an_estimate_in_a_decreed_year() -> None:
    feast = calendar.latest().off(date(2027, 3, 10))

    assert feast is not None and feast.estimate
    assert feast.name == "Hari Raya Idul Fitri (perkiraan)"


def test_a_holiday_on_a_weekend_has_both_names() -> None:
    found = calendar.latest().off(date(2023, 4, 22))

    assert found is not None and found.names == ("Sabtu", "Hari Raya Idul Fitri")


def test_an_unconfirmed_decree_says_what_was_not_read() -> None:
    assert all(decree.confirmed != bool(decree.note) for decree in calendar.decrees())
    assert all(decree.source for decree in calendar.decrees())


def test_an_unknown_version_is_refused_without_repeating_it() -> None:
    with pytest.raises(calendar.Unknown) as refused:
        calendar.version("3201011708450001")

    assert "3201011708450001" not in str(refused.value)


BANGKA_VOTES = date(2025, 8, 27)


def test_the_voting_day_of_a_region_is_off_there_and_a_working_day_elsewhere() -> None:
    at_home, next_door = calendar.latest("19.01"), calendar.latest("19.03")

    off = at_home.off(BANGKA_VOTES)
    assert off is not None
    assert (off.kind, off.name) == ("public", "Pemungutan suara: Pemilihan ulang 2025 (kolom kosong menang)")
    assert next_door.off(BANGKA_VOTES) is None
    assert calendar.latest().off(BANGKA_VOTES) is None


def test_a_regions_voting_day_is_known_from_the_day_on_which_it_was_scheduled() -> None:
    before, after = (
        calendar.known_on(date(2024, 12, 12), "19.01"),
        calendar.known_on(date(2024, 12, 13), "19.01"),
    )

    assert before.off(BANGKA_VOTES) is None
    assert after.off(BANGKA_VOTES) is not None
    assert after.version == "voting-2025-08-27-pilkada-ulang-2025-1"
    assert after.age == before.age + 1
    assert calendar.version(after.version, "19.01") is after


def test_a_decrees_version_is_of_a_region_with_the_voting_days_that_were_known_then() -> None:
    at_home = calendar.version("skb-2025-amendment-1", "19.01")

    assert at_home.off(BANGKA_VOTES) is not None
    assert calendar.version("skb-2025-amendment-1").off(BANGKA_VOTES) is None


def test_a_region_without_voting_days_of_its_own_has_the_countrys_calendar() -> None:
    for day in (date(2023, 3, 28), date(2025, 8, 26), date(2026, 11, 29)):
        assert calendar.known_on(day, "62.02").version == calendar.known_on(day).version
