"""Rows as files: the same values in each kind, and no text that a spreadsheet would run."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cli.formats import export_formats

FORMULAS = ["=1+1", "+62", "-5", "@SUM(A1)", '=HYPERLINK("https://example.org")', "\t=1"]
ROWS = [
    {"figure": "follow-up-rate", "name": "Kota Bima", "n": 3, "low": 0.25, "time": None},
    *({"figure": text, "name": "Dompu", "n": 0, "low": None, "time": ""} for text in FORMULAS),
]


@pytest.fixture(params=sorted(export_formats.WRITERS))
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"figures{request.param}"


def read(file: Path) -> list[dict[str, object]]:
    if file.suffix == ".json":
        return list(json.loads(file.read_text()))
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as text:
            return list(csv.DictReader(text))  # type: ignore[arg-type]
    head, *cells = load_workbook(file)["figures"].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in cells]  # type: ignore[arg-type]


def test_every_row_comes_back(file: Path):
    export_formats.write(file, ROWS, "figures")

    found = read(file)

    assert [str(row["n"]) for row in found] == [str(row["n"]) for row in ROWS]
    assert [str(row["figure"]).removeprefix("'") for row in found] == [row["figure"] for row in ROWS]
    assert found[0]["name"] == "Kota Bima" and str(found[0]["low"]) == "0.25"


def test_no_cell_of_a_spreadsheet_is_a_formula(tmp_path: Path):
    export_formats.write(tmp_path / "figures.xlsx", ROWS, "figures")

    sheet = load_workbook(tmp_path / "figures.xlsx")["figures"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}  # texts, numbers and empty ones
    assert [cell.value for cell in cells if cell.quotePrefix] == FORMULAS


def test_no_text_of_a_csv_begins_as_a_formula(tmp_path: Path):
    export_formats.write(tmp_path / "figures.csv", ROWS, "figures")

    found = read(tmp_path / "figures.csv")
    assert not [
        text for row in found for text in row.values() if str(text).startswith(("=", "+", "-", "@", "\t"))
    ]
    assert found[0]["n"] == "3"  # a number is no text


def test_dates_shares_and_codes_are_what_they_are_in_each_kind_of_file(tmp_path: Path):
    heads = ["Kode", "Tenggat", "Bagian"]
    row = {"Kode": "62.10", "Tenggat": date(2024, 11, 1), "Bagian": export_formats.Share(0.375)}
    for kind in export_formats.WRITERS:
        export_formats.write_sheet(
            tmp_path / f"one{kind}",
            export_formats.Sheet("one", "Keterangan", heads, [row], notes=[("Judul", "Isi")]),
        )

    book = load_workbook(tmp_path / "one.xlsx")
    code, due, share = book["one"][2]
    assert (code.value, code.data_type, code.number_format) == ("62.10", "s", "@")
    assert due.is_date and due.value.date() == date(2024, 11, 1)
    assert (share.value, share.number_format) == (0.375, "0.0%")
    assert book["one"].auto_filter.ref == "A1:C2" and book["Keterangan"]["B1"].value == "Isi"
    text = (tmp_path / "one.csv").read_bytes().decode("utf-8")
    assert text == "\ufeffKode,Tenggat,Bagian\r\n'62.10,2024-11-01,37.5\r\n"
    assert json.loads((tmp_path / "one.json").read_text()) == [
        {"Kode": "62.10", "Tenggat": "2024-11-01", "Bagian": 0.375}
    ]


def test_a_fraction_is_no_date_in_a_csv(tmp_path: Path):
    export_formats.write(tmp_path / "one.csv", [{"n/N": "1/3", "tanggal": "2024-11-01"}], "one")

    assert read(tmp_path / "one.csv") == [{"n/N": "'1/3", "tanggal": "2024-11-01"}]


def test_a_list_without_a_row_still_has_its_heads(file: Path):
    export_formats.write_sheet(
        file, export_formats.Sheet("figures", "Keterangan", ["Perkara", "Tenggat"], [])
    )

    assert read(file) == []
    if file.suffix == ".xlsx":
        assert [cell.value for cell in load_workbook(file)["figures"][1]] == ["Perkara", "Tenggat"]


def test_a_workbook_can_be_read_and_printed_as_it_is(tmp_path: Path):
    act = "Membuat keputusan yang menguntungkan atau merugikan salah satu pasangan calon selama masa kampanye berlangsung"
    heads = ["Bentuk pelanggaran", "Perkara", "% ditindaklanjuti (n/N)"]
    rows = [[act, 1200, "1/1200"], ["Subjumlah", 1200, "1/1200"], ["Jumlah", 1200, "1/1200"]]
    sheet = export_formats.Sheet(
        "Rekomendasi yang melewati tenggat",
        "Keterangan",
        heads,
        [dict(zip(heads, row, strict=True)) for row in rows],
        sums=[1, 2],
        keys=1,
    )
    export_formats.write_sheet(tmp_path / "one.xlsx", sheet)

    page = load_workbook(tmp_path / "one.xlsx").worksheets[0]
    assert page.title == "Rekomendasi yang melewati"  # a sheet's name has 31 characters at most
    assert (page.page_setup.orientation, page.print_title_rows) == ("landscape", "$1:$1")
    assert page.sheet_properties.pageSetUpPr.fitToPage and page.oddHeader.left.text == sheet.title
    assert page.auto_filter.ref == "A1:C2"  # the sums stay at the end
    assert [page.cell(line, 1).font.bold for line in (1, 2, 3, 4)] == [True, False, True, True]
    assert (
        page["A2"].alignment.wrap_text
        and page.row_dimensions[2].height > 15
        and not page.row_dimensions[3].height
    )
    assert page.freeze_panes == "B2"
    assert page["B2"].number_format == "#,##0" and page["C2"].alignment.horizontal == "right"
