"""The line that names the columns of a list is found by the names that people give them."""

import pytest

from agreement.data_files import BrokenData
from agreement.lists import columns
from agreement.lists.columns import Field, Header, NoHeader, fields_of, find_header, folded, rows_of

PLEDGES = fields_of("PLEDGES")


def found(*lines: str) -> Header:
    return find_header(rows_of(lines), PLEDGES)


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("nip,nama,status,unit,tanggal", (0, 2, 3, 4)),
        ("NIP;Nama;Status;Unit;Tanggal", (0, 2, 3, 4)),
        ("No.\tNama Lengkap\tN.I.P.\tJabatan\tStatus Kepegawaian\tKode OPD\tTgl. Ikrar", (2, 4, 5, 6)),
        ('"NIP / NIK","STATUS PEGAWAI","Unit  Kerja","Tanggal (HH-BB-TTTT)"', (0, 1, 2, 3)),
        ("NIP,NIK,Status,Kode Unit,Unit Kerja,Tanggal Lahir,Tanggal Ikrar", (0, 2, 3, 6)),
        ("Tanggal_Ikrar,Unit-Kerja,jenis kepegawaian,nip baru", (3, 2, 1, 0)),
    ],
)
def test_columns_are_known_by_the_names_that_people_give_them(
    line: str, places: tuple[int, int, int, int]
) -> None:
    header = found("DAFTAR IKRAR", "", line, "x")

    assert header.line == 3
    assert tuple(header.places[name] for name in ("nip", "status", "unit", "tanggal")) == places


def test_a_name_that_stands_twice_is_no_column() -> None:
    with pytest.raises(NoHeader) as refused:
        found("nip,status,unit,tanggal,Tanggal")
    assert [field.name for field in refused.value.missing] == ["tanggal"]


def test_the_likeliest_line_says_what_is_missing() -> None:
    with pytest.raises(NoHeader) as refused:
        found("a,b,c", "NIP,Nama,Unit Kerja,Tanggal", "1,2,3")
    assert [field.name for field in refused.value.missing] == ["status"]


def test_a_field_that_is_not_needed_may_have_no_column() -> None:
    fields = [Field("a", ["A"]), Field("b", ["B"], needed=False)]

    assert find_header(rows_of(["x;A"]), fields) == Header(1, ";", 2, {"a": 1})


def test_names_are_compared_without_what_people_write_differently() -> None:
    assert folded("N.I.P.") == folded("nip") == folded(" 'Nip ") == folded("NIP (18 angka)")
    assert folded("Unit_Kerja") == folded("UNIT\nKERJA") == folded("unit  kerja")


def test_a_name_of_two_columns_of_a_list_is_broken_data() -> None:
    text = "\n".join(
        f'[[column]]\nlist = "PLEDGES"\nfield = "{field}"\nnames = ["N.I.P."]\nsource = "x"'
        for field in ("nip", "status")
    )

    with pytest.raises(BrokenData, match=r"N.I.P. is the name of nip"):
        columns.parse(text)
