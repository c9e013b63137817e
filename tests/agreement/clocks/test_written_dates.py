"""Dates as people write them: one reading each, and none outside of the years in which a letter can lie."""

from datetime import date

import pytest

from agreement.clocks.written_dates import FIRST, LAST, check_date, read_date
from refusals import Malformed


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-05",
        "05-11-2023",
        "5-11-2023",
        "05/11/2023",
        "5.11.2023",
        "5 November 2023",
        " 05  Nopember 2023 ",
        "5-Nov-2023",
        "5 nov. 2023",
    ],
)
def test_a_date_is_read_as_it_is_written_in_letters(text: str) -> None:
    assert read_date(text) == date(2023, 11, 5)


@pytest.mark.parametrize(("text", "month"), [("17 Agustus 2023", 8), ("1 Mei 2024", 5), ("3 Okt 2024", 10)])
def test_months_have_their_indonesian_names(text: str, month: int) -> None:
    assert read_date(text).month == month


@pytest.mark.parametrize("text", ["", "11-2023", "2023-1-5", "5-11-23", "5-11/2023", "5 Brumaire", "kemarin"])
def test_what_is_written_otherwise_is_refused_with_the_ways_to_write_it(text: str) -> None:
    with pytest.raises(Malformed, match="15-11-2023"):
        read_date(text)


@pytest.mark.parametrize("text", ["2023-02-30", "30-02-2023", "11/15/2023", "5 Brumaire 2023", "0-1-2023"])
def test_a_day_that_is_not_in_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="no such day"):
        read_date(text)


@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(2200, 1, 1), date.max])
def test_a_date_at_the_ends_of_the_calendar_is_a_typing_error(day: date) -> None:
    with pytest.raises(Malformed, match="1900 to 2199"):
        check_date(day)
    with pytest.raises(Malformed, match="1900 to 2199"):
        read_date(day.isoformat())


def test_the_first_and_the_last_date_are_taken() -> None:
    assert [read_date(day.isoformat()) for day in (FIRST, LAST)] == [FIRST, LAST]
