"""Every list that a command reads goes through one reader, and every text through another."""

from datetime import datetime
from pathlib import Path

import pytest
import typer
from openpyxl import Workbook

from agreement.lists.columns import Field, NoHeader
from cli.files import reader

FIELDS = [Field("number", ["Nomor"]), Field("description", ["Uraian"], needed=False)]
ROWS = [["Nomor", "Uraian"], ["1", "José, “Rekaan”\nbaris kedua"], [], ["2", "-"]]


def a_csv(path: Path, encoding: str = "utf-8", delimiter: str = ";") -> Path:
    text = f'LAPORAN "REKAAN\r\nNomor{delimiter}Uraian\r\n1{delimiter}"José, “Rekaan”\nbaris kedua"\r\n{delimiter}\r\n2{delimiter}-\r\n'
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_rows_of_a_csv_are_read_whatever_it_is_written_in(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = a_csv(tmp_path / "a.csv", encoding, delimiter)

    found = reader.list_of(path, FIELDS)
    assert (found.header.line, found.heads) == (2, ROWS[0])
    assert found.rows == [(3, ROWS[1]), (6, ROWS[3])]


def test_rows_of_a_spreadsheet_are_read_alike(tmp_path: Path) -> None:
    book = Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")

    found = reader.list_of(tmp_path / "a.xlsx", FIELDS)
    assert (found.header.line, found.heads) == (1, ROWS[0])
    assert found.rows == [(2, ROWS[1]), (4, ROWS[3])]


def test_a_day_in_a_spreadsheet_is_a_day(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Nomor"])
    book.active.append([datetime(2024, 3, 1)])  # noqa: DTZ001 - a sheet knows no zones
    book.save(tmp_path / "a.xlsx")

    assert reader.list_of(tmp_path / "a.xlsx", FIELDS).rows == [(2, ["2024-03-01"])]


def test_a_quotation_mark_that_does_not_end_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Nomor;b\n1;x\n2;"y\n3;z\n')

    with pytest.raises(typer.BadParameter, match="from line 3 on"):
        reader.list_of(path, FIELDS)


def test_a_list_without_a_needed_column_names_the_field(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;x\n")

    with pytest.raises(NoHeader, match="number"):
        reader.list_of(path, FIELDS)


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    for read in (lambda path: reader.list_of(path, FIELDS), reader.lines_of, reader.text_of):
        with pytest.raises(typer.BadParameter, match="No such file"):
            read(tmp_path / "none.csv")
        with pytest.raises(typer.BadParameter, match="Is a directory"):
            read(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_read_whatever_it_is_written_in(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Hadir – “José”.".encode(encoding))

    assert reader.text_of(path) == "Hadir – “José”."


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"PK\x03\x04\x14", b"a\0b", b"x" * (reader.MAX_TEXT + 1)])
def test_what_is_no_text_is_refused_with_what_to_do(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)

    with pytest.raises(typer.BadParameter):
        reader.text_of(path)
