"""A spreadsheet becomes the lines of a CSV file: row n is line n, and nothing in it can do harm."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from cli.files import xlsx_input
from cli.files.xlsx_input import BadSpreadsheet
from cooperation.prevention.pledges.domain.rows import Entry, Reason, Rows, columns
from support.preventions import number_of

HEADER = ["nip", "nama", "status", "unit", "tanggal"]


def a_book(path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def read(path: Path) -> list[Entry | Reason]:
    """The rows below the header as a desk reads them."""
    header, *rest = [line.decode().removesuffix("\n") for line in xlsx_input.lines(path)]
    rows = Rows(columns(header), date(2026, 1, 1))
    return [rows.read(line) for line in rest]


def test_rows_become_lines_and_dates_days(tmp_path: Path) -> None:
    good = [number_of(1), "Tokoh, Rekaan", "PNS", "OPD-1"]
    path = a_book(
        tmp_path / "a.xlsx",
        HEADER,
        [*good, "2023-11-13"],
        [number_of(2), "Tokoh\nRekaan", *good[2:], datetime(2023, 11, 13)],  # noqa: DTZ001 - a sheet knows no zones
        [],
        [number_of(3), None, *good[2:], date(2023, 11, 13), None, None],
    )

    assert xlsx_input.is_spreadsheet(path)
    lines = list(xlsx_input.lines(path))
    assert (len(lines), lines[3]) == (5, b"\n")
    found = [each for at, each in enumerate(read(path)) if at != 2]
    assert [isinstance(each, Entry) for each in found] == [True, True, True]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("=1+1", Reason.FORMULA),
        ('=HYPERLINK("http://x","y")', Reason.FORMULA),
        (ArrayFormula("B2", "=SUM(A1:A2)"), Reason.FORMULA),
        ("@x", Reason.FORMULA),
        ("+62", Reason.FORMULA),
    ],
)
def test_a_formula_breaks_its_row_and_is_never_computed(tmp_path: Path, cell: Any, reason: Reason) -> None:
    path = a_book(tmp_path / "a.xlsx", HEADER, [number_of(1), "x", "PNS", cell, "2023-11-13"])

    assert read(path) == [reason]


def test_a_formula_in_a_column_that_is_not_read_refuses_nobody(tmp_path: Path) -> None:
    good = [number_of(1), "=ROW()-1", "PNS", "OPD-1", datetime(2023, 11, 13, 8, 30)]  # noqa: DTZ001
    path = a_book(tmp_path / "a.xlsx", HEADER, good)

    assert [isinstance(each, Entry) for each in read(path)] == [True]


def test_a_hidden_first_sheet_is_passed_over(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["referensi"])
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Ikrar")
    sheet.append(HEADER)
    book.active = 1
    path = tmp_path / "a.xlsx"
    book.save(path)

    assert list(xlsx_input.lines(path)) == [b"nip,nama,status,unit,tanggal\n"]


def test_titles_are_as_narrow_as_they_are_and_rows_as_wide_as_the_names_of_the_columns(
    tmp_path: Path,
) -> None:
    path = a_book(tmp_path / "a.xlsx", ["Daftar Ikrar"], [], HEADER, [number_of(1), None, "PNS"])

    assert [line.count(b",") for line in xlsx_input.lines(path)] == [0, 0, 4, 4]


def test_a_strict_workbook_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = a_book(tmp_path / "a.xlsx", HEADER)
    strict = tmp_path / "strict.xlsx"
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(strict, "w") as written:
        for part in packed.infolist():
            data = packed.read(part).replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            )
            written.writestr(part, data)

    with pytest.raises(BadSpreadsheet, match="save it as Excel Workbook"):
        list(xlsx_input.lines(strict))


def test_an_old_spreadsheet_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1"))

    with pytest.raises(BadSpreadsheet, match=r"save it as Excel Workbook \(\.xlsx\)"):
        xlsx_input.is_spreadsheet(path)


@pytest.mark.parametrize("page", ["<table><tr>", "\ufeff \n<?xml version='1.0'?>", "<!DOCTYPE html>"])
def test_a_web_page_under_the_name_of_a_spreadsheet_is_refused_with_what_to_do(
    tmp_path: Path, page: str
) -> None:
    path = tmp_path / "laporan.xls"
    path.write_text(page, "utf-8")

    with pytest.raises(BadSpreadsheet, match=r"save it as Excel Workbook \(\.xlsx\)"):
        xlsx_input.is_spreadsheet(path)


@pytest.mark.parametrize(("part", "said"), [("content.xml", r"\.ods"), ("xl/workbook.bin", r"\.xlsb")])
def test_a_workbook_of_another_kind_is_refused_with_what_to_do(tmp_path: Path, part: str, said: str) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(part, "")

    with pytest.raises(BadSpreadsheet, match=said):
        list(xlsx_input.lines(path))


@pytest.mark.parametrize("number", [199001012015041001, 1.99001012015041e17, 6202014107900001])
def test_a_number_of_which_a_spreadsheet_keeps_fifteen_digits_is_nobodys(
    tmp_path: Path, number: float
) -> None:
    path = a_book(tmp_path / "a.xlsx", HEADER, [number, "x", "PNS", "OPD-1", "2023-11-13"])

    assert read(path) == [Reason.NUMBER]


def test_columns_that_end_empty_are_cells_all_the_same(tmp_path: Path) -> None:
    path = a_book(
        tmp_path / "a.xlsx",
        [*HEADER, "keterangan"],
        [number_of(1), "x", "PNS", "OPD-1", "2023-11-13", None],
        [number_of(2), "x", "PNS", "OPD-1", "2023-11-13", "baik"],
        [number_of(3), "x", "PNS", "OPD-1", "2023-11-13", "baik", "lebih"],
    )

    assert [isinstance(each, Entry) for each in read(path)] == [True, True, False]


def test_what_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(BadSpreadsheet, match="it is damaged, or no spreadsheet"):
        list(xlsx_input.lines(path))
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.txt", "no sheet")
    with pytest.raises(BadSpreadsheet, match="it is damaged, or no spreadsheet"):
        list(xlsx_input.lines(path))


def test_what_unpacks_to_more_than_anybody_pledges_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(520):
            part.write(bytes(1024 * 1024))
    assert path.stat().st_size < 1024 * 1024

    with pytest.raises(BadSpreadsheet, match="unpacks to over"):
        list(xlsx_input.lines(path))


def test_too_many_parts_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        for at in range(1001):
            packed.writestr(f"{at}", "")
    with pytest.raises(BadSpreadsheet, match="parts"):
        list(xlsx_input.lines(path))


def test_a_row_of_a_thousand_cells_is_refused(tmp_path: Path) -> None:
    path = a_book(tmp_path / "a.xlsx", HEADER, ["x"] * 1000)
    with pytest.raises(BadSpreadsheet, match="columns"):
        list(xlsx_input.lines(path))


def test_a_sheet_without_rows_is_not_taken_for_a_list_that_lacks_columns(tmp_path: Path) -> None:
    whole, damaged = a_book(tmp_path / "whole.xlsx", HEADER), tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(damaged, "w") as other:
        for name in packed.namelist():
            other.writestr(name, b"<a/>" if name.startswith("xl/worksheets/") else packed.read(name))

    with pytest.raises(BadSpreadsheet, match="has no rows, or is damaged"):
        list(xlsx_input.lines(damaged))
