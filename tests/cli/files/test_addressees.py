"""A list of addressees is read by id, code or name, and goes out as a whole or not at all."""

from pathlib import Path

import pytest
import typer

from cli.cooperation.campaigns import _listed


def test_addressees_are_read_from_a_list_each_once(tmp_path: Path) -> None:
    path = tmp_path / "daftar.csv"
    path.write_text(
        "DAFTAR PENERIMA\nNo;Nama Instansi\n1;Kab. Kotawaringin Timur\n2;prov-62\n;\n3;Pemkab Kotawaringin Timur\n"
    )

    assert _listed(path) == ["ppk-6202", "prov-62"]


def test_a_line_that_names_nobody_refuses_the_list_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "daftar.csv"
    path.write_text("Kode Wilayah\n62.02\n62.99\nx\n")

    with pytest.raises(typer.BadParameter, match=r"in line 3, 4: write its id"):
        _listed(path)


def test_a_list_without_a_column_of_authorities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "daftar.csv"
    path.write_text("Nomor;Tanggal\n")

    with pytest.raises(typer.BadParameter, match="no column PPK, "):
        _listed(path)
