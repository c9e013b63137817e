"""An operator's file is read as editors and spreadsheets write it."""

from pathlib import Path

import pytest

from agreement.data_files import BrokenData
from agreement.operator_files import read_table, read_text

TABLE = "code,name\n62.02,José\n"


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        TABLE.encode("cp1252"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        ("sep=;\r\n" + TABLE.replace(",", ";").replace("\n", "\r\n")).encode(),
        b"code;name\n '62.02 ;\xa0Jos\xe9\n;\n;\n",
    ],
)
def test_a_table_is_the_same_however_it_is_saved(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(data)

    assert read_table(tmp_path / "a.csv") == TABLE


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"a\0b", b"\xff\xfe\x00"])
def test_what_is_no_text_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(data)

    with pytest.raises(BrokenData, match=r"a\.csv: file: (no text|cannot be read)"):
        read_text(tmp_path / "a.csv")


def test_what_is_no_csv_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,name\n" + "x" * 200_000)

    with pytest.raises(BrokenData, match=r"a\.csv: file: no CSV"):
        read_table(tmp_path / "a.csv")


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BrokenData, match=r"none\.csv: file: cannot be read: FileNotFoundError"):
        read_table(tmp_path / "none.csv")
