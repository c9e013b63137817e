"""A row of a list of reports and findings is read by its mapping, or named broken by line, column and what to do."""

from datetime import date

import pytest

from agreement.data_files import BrokenData
from agreement.lists import intake_mapping
from agreement.lists.columns import find_header
from agreement.lists.intake_rows import BrokenRow, IntakeRow, IntakeRows, Reason

HEADS = [
    "id",
    "No Laporan/Temuan",
    "Wilayah",
    "Tanggal Kejadian",
    "Tanggal Diketahui",
    "Tanggal Laporan",
    "Nama Pelapor",
    "No. HP Pelapor",
    "Terlapor",
    "Uraian Kejadian",
]
ROW = {
    "id": "3659",
    "No Laporan/Temuan": "002/LP/PL/Kab/27.09/III/2024",
    "Wilayah": "Kab. Kotawaringin Timur",
    "Tanggal Kejadian": "Jumat, 1 Maret 2024",
    "Tanggal Diketahui": "04-03-2024",
    "Tanggal Laporan": "45357",
    "Nama Pelapor": "Pelapor Rekaan",
    "No. HP Pelapor": "+62 811 0000",
    "Terlapor": "Tokoh Rekaan",
    "Uraian Kejadian": "Foto bersama calon.",
}
SMALLEST = """
name = "small"
source = "x"
confirmed = true
"""


def a_mapping(*columns: tuple[str, str], more: str = "") -> str:
    return (
        SMALLEST
        + more
        + "".join(
            f'[[column]]\nfield = "{field}"\nnames = ["{name}"]\nsource = "x"\nconfirmed = true\n'
            for field, name in columns
        )
    )


ALL = (
    ("number", "Nomor"),
    ("event_date", "Kejadian"),
    ("known_date", "Diketahui"),
    ("received_date", "Diterima"),
    ("description", "Uraian"),
)


def rows() -> IntakeRows:
    mapping = intake_mapping.shipped()
    return IntakeRows(mapping, find_header([(3, "", HEADS)], mapping.fields), HEADS)


def read(**other: str) -> IntakeRow | BrokenRow:
    values = ROW | {name.replace("_", " "): value for name, value in other.items()}
    return rows().read(7, [values[name] for name in HEADS])


def broken(**other: str) -> tuple[str, str]:
    found = read(**other)
    assert isinstance(found, BrokenRow)
    assert found.line == 7 and found.message
    return found.column, found.reason


def test_a_row_of_the_shipped_mapping_is_a_report_with_its_number_and_days() -> None:
    found = read()

    assert isinstance(found, IntakeRow)
    assert (found.line, found.origin, found.number) == (7, "REPORT", "002/LP/PL/Kab/27.09/III/2024")
    assert found.region == "62.02"
    assert (found.event_date, found.known_date, found.received_date) == (
        date(2024, 3, 1),
        date(2024, 3, 4),
        date(2024, 3, 6),
    )


def test_prose_of_several_columns_is_joined_each_after_its_heading() -> None:
    found = read()

    assert isinstance(found, IntakeRow)
    assert found.reporter == "Nama: Pelapor Rekaan\nNo. Telp/HP: +62 811 0000"
    assert found.description == "Terlapor: Tokoh Rekaan\nUraian kejadian: Foto bersama calon."
    assert "Rekaan" not in repr(found)


def test_a_finding_is_known_by_its_number() -> None:
    found = read(**{"No Laporan/Temuan": "006/TM/PL/Kab/27.09/IV/2024"})

    assert isinstance(found, IntakeRow)
    assert found.origin == "FINDING"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("62.02", "62.02"),
        ("Kabupaten Kotawaringin Timur", "62.02"),
        ("KOTAWARINGIN TIMUR", "62.02"),
        ("Pemkab Kotawaringin Timur", "62.02"),
        ("Kota Bogor", "32.71"),
        ("Provinsi Gorontalo", "75"),
        ("Jawa Tengah", "33"),
    ],
)
def test_a_region_is_known_by_code_or_by_a_name_that_one_region_has(word: str, code: str) -> None:
    assert intake_mapping.shipped().region_of(word) == code


@pytest.mark.parametrize("word", ["Bogor", "Gorontalo", "6202", "62.1", "Kab. Rekaan", "x"])
def test_a_name_of_two_regions_or_of_none_is_none(word: str) -> None:
    assert intake_mapping.shipped().region_of(word) == ""


def test_a_word_of_the_mapping_is_a_region_too() -> None:
    text = a_mapping(*ALL) + '[[region]]\nwords = ["Kotim"]\ncode = "62.02"\n'

    assert intake_mapping.parse("own.toml", text).region_of("KOTIM") == "62.02"


def test_without_a_region_the_area_of_the_numbers_office_is_taken() -> None:
    found = read(**{"Wilayah": "", "No Laporan/Temuan": "002/LP/PL/Kab/17.04/III/2024"})

    assert isinstance(found, IntakeRow)
    assert found.region == "51.04"
    assert broken(Wilayah="-") == ("Wilayah", Reason.REGION)


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"No Laporan/Temuan": ""}, "No Laporan/Temuan", Reason.MISSING),
        ({"No Laporan/Temuan": "2/LP"}, "No Laporan/Temuan", Reason.NUMBER),
        ({"Tanggal Kejadian": "11/13/2023"}, "Tanggal Kejadian", Reason.DATE),
        ({"Tanggal Kejadian": "=TODAY()"}, "Tanggal Kejadian", Reason.FORMULA),
        ({"Tanggal Diketahui": "-"}, "Tanggal Diketahui", Reason.MISSING),
        ({"Wilayah": "Bogor"}, "Wilayah", Reason.REGION),
        ({"Uraian Kejadian": "Jos\ufffd"}, "Uraian Kejadian", Reason.NOT_UTF8),
        ({"Uraian Kejadian": "", "Terlapor": ""}, "Terlapor", Reason.MISSING),
    ],
)
def test_a_broken_row_is_named_by_its_column(cells: dict[str, str], column: str, reason: Reason) -> None:
    assert broken(**cells) == (column, reason)


def test_a_broken_row_is_told_in_indonesian_on_request() -> None:
    mapping = intake_mapping.shipped()
    reader = IntakeRows(mapping, find_header([(3, "", HEADS)], mapping.fields), HEADS, "id")

    found = reader.read(7, [{**ROW, "Wilayah": "Bogor"}[name] for name in HEADS])
    assert isinstance(found, BrokenRow)
    assert found.message.startswith("bukan kode atau nama lengkap satu daerah")


def test_what_stands_in_a_column_that_is_not_read_refuses_nothing() -> None:
    assert isinstance(read(id="=ROW()-1"), IntakeRow)
    assert isinstance(read(id="\ufffd"), IntakeRow)


def test_a_telephone_number_or_a_hyphen_in_prose_is_no_formula() -> None:
    found = read(**{"No. HP Pelapor": "-", "Nama Pelapor": "-"})

    assert isinstance(found, IntakeRow)
    assert found.reporter == ""


def test_a_row_with_more_cells_than_columns_is_broken_and_one_with_fewer_lacks_them() -> None:
    cells = [ROW[name] for name in HEADS]

    more = rows().read(7, [*cells, "x"])
    assert isinstance(more, BrokenRow) and more.reason == Reason.CELLS
    assert isinstance(rows().read(7, [*cells, "", " "]), IntakeRow)
    fewer = rows().read(7, cells[:5])
    assert isinstance(fewer, BrokenRow) and (fewer.column, fewer.reason) == (HEADS[5], Reason.MISSING)


def test_a_number_that_stands_twice_in_a_list_is_taken_once() -> None:
    reader, cells = rows(), [ROW[name] for name in HEADS]

    assert isinstance(reader.read(7, cells), IntakeRow)
    for number in (ROW["No Laporan/Temuan"], "02/lp/pl/KAB/27.09/III/2024"):
        again = reader.read(9, [{**ROW, "No Laporan/Temuan": number}[name] for name in HEADS])
        assert isinstance(again, BrokenRow)
        assert (again.reason, "line 7" in again.message) == (Reason.DUPLICATE, True)


def test_no_reason_repeats_a_value() -> None:
    for name in HEADS:
        for value in ("Tokoh Rahasia", "=1", "\ufffd"):
            found = read(**{name: value})
            assert not isinstance(found, BrokenRow) or "Rahasia" not in f"{found.column}{found.message}"


def test_the_shipped_mapping_says_that_it_is_not_confirmed_and_why() -> None:
    mapping = intake_mapping.shipped()

    assert not mapping.confirmed and mapping.note
    assert [each.names[0] for each in mapping.column if each.confirmed] == ["No Laporan/Temuan"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (a_mapping(*ALL[:-1]), "none for description"),
        (a_mapping(*ALL, ("number", "Nomor Lain")), "two for number"),
        (a_mapping(*ALL, ("description", "URAIAN")), "stands twice"),
        (a_mapping(*ALL).replace("true", "false", 1), "note: missing"),
        (a_mapping(*ALL, ("nomor", "x")), "field"),
        (a_mapping(*ALL, more='day = "x"\n'), "unknown: day"),
        (a_mapping(*ALL) + '[[region]]\nwords = ["x"]\ncode = "62.99"\n', "not a region code"),
        ("name =", "syntax"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_with_file_and_field(text: str, said: str) -> None:
    with pytest.raises(BrokenData, match=said) as refused:
        intake_mapping.parse("own.toml", text)
    assert refused.value.file == "own.toml"


def test_a_list_that_writes_the_month_first_says_so_in_its_mapping() -> None:
    mapping = intake_mapping.parse("own.toml", a_mapping(*ALL, more="month_first = true\n"))
    heads = [name for _, name in ALL]
    reader = IntakeRows(mapping, find_header([(1, "", heads)], mapping.fields), heads)

    found = reader.read(2, ["002/LP/PL/Kab/17.04/III/2024", "03/01/2024", "03/04/2024", "3/6/2024", "Foto."])
    assert isinstance(found, IntakeRow)
    assert (found.event_date, found.received_date) == (date(2024, 3, 1), date(2024, 3, 6))
