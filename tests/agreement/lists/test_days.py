"""A day is read from a list where only one reading is possible."""

from datetime import date

import pytest

from agreement.lists.days import day_of

DAY = date(2023, 11, 13)


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-13",
        "2023/11/13",
        "13-11-2023",
        "13/11/2023",
        "13.11.2023",
        "13 11 2023",
        "13 November 2023",
        "13 Nopember 2023",
        "13 Nov 2023",
        "13-Nov-2023",
        "13 nov. 2023",
        "Senin, 13 November 2023",
        "Senin/13-11-2023",
        "Senin tanggal 13 November 2023",
        "2023-11-13 00:00:00",
        "2023-11-13T07:30",
        "2023-11-13 07:30:00.125000",
        "13/11/2023 08.30 WIB",
        "13 November 2023, pukul 14:05 WITA",
        "45243",
        "45243.0",
        "45243.354166",
        " 13-11-2023\u00a0",
    ],
)
def test_a_day_as_lists_write_it_is_that_day(text: str) -> None:
    assert day_of(text) == DAY


def test_the_month_is_read_in_indonesian_and_short_forms() -> None:
    assert day_of("17 Agustus 2023") == day_of("17 Agt 2023") == day_of("17 Agu 2023") == date(2023, 8, 17)
    assert day_of("1 Mei 2024") == date(2024, 5, 1)
    assert day_of("Jum'at, 27 Desember 2024") == date(2024, 12, 27)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "13-11-23",
        "11/13/2023",
        "13-11/2023",
        "30-02-2023",
        "2023-13-11",
        "13 Novembre 2023",
        "Selasa, 13 November 2023",
        "tanggal 13",
        "2023-11-13T00:00:00Z",
        "November 2023",
        "00012",
        "99999",
        "452430",
        "١٣-١١-٢٠٢٣",
        "=TODAY()",
    ],
)
def test_what_is_no_day_or_could_be_two_is_none(text: str) -> None:
    assert day_of(text) is None


def test_a_list_that_writes_the_month_first_is_read_so_on_request_only() -> None:
    assert day_of("11/13/2023", month_first=True) == DAY
    assert day_of("13/11/2023", month_first=True) is None
    assert day_of("2023-11-13", month_first=True) == DAY
