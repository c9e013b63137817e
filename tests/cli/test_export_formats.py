"""Rows as files: the same values in each kind, and no text that a spreadsheet would run."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cli import export_formats

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
        with file.open(newline="") as text:
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
