"""Rows of a list of pledges, and the tree that they make: no desk, no database."""

from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.elections import known
from agreement.parties import employments
from agreement.prevention import campaigns
from cooperation.prevention.pledges import merkle_tree
from cooperation.prevention.pledges.domain.rows import MAX_UNITS, SAID, Entry, Reason, Rows, columns
from cooperation.prevention.pledges.importer import ImportChunk, PledgeImport, opened
from refusals import Conflict, Malformed, catalogue
from support.preventions import HEADER, a_file, broken_in, lines, number_of, row

TODAY = date(2023, 12, 1)
KEY = bytes(range(32))


def a_list(**kept: object) -> PledgeImport:
    return PledgeImport("list-1", KEY, TODAY, **kept)


def fed(growing: PledgeImport, data: bytes, size: int = 10_000) -> list[ImportChunk]:
    parts = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
    return [piece for at, part in enumerate(parts) for piece in growing.feed(part, last=at == len(parts) - 1)]


def root_of(data: bytes) -> bytes:
    growing = a_list()
    fed(growing, data)
    return growing.root()


def read(**other: str) -> Entry | Reason:
    return Rows(columns(HEADER), TODAY).read(row(1, **other))


def test_a_good_row_becomes_an_entry_without_the_name() -> None:
    entry = read()

    assert isinstance(entry, Entry)
    assert entry.text == f"{number_of(1)};PNS;OPD-01;2023-11-13"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"nip": "199002302015041001"}, Reason.NUMBER),
        ({"nip": "1990010120150410"}, Reason.NUMBER),
        ({"status": "PPNPN"}, Reason.NUMBER),
        ({"status": "ASN"}, Reason.STATUS),
        ({"status": ""}, Reason.STATUS),
        ({"unit": "199002302015041001"}, Reason.UNIT),
        ({"unit": "Dinas Rekaan"}, Reason.UNIT),
        ({"unit": ""}, Reason.UNIT),
        ({"tanggal": "13-11-23"}, Reason.DATE),
        ({"tanggal": "11/13/2023"}, Reason.DATE),
        ({"tanggal": "2023-02-30"}, Reason.DATE),
        ({"tanggal": "2023-12-02"}, Reason.DATE),
        ({"tanggal": "2020-09-09"}, Reason.DATE),
        ({"unit": "=1+1"}, Reason.FORMULA),
        ({"nip": "+62811"}, Reason.FORMULA),
        ({"nip": "'=1+1"}, Reason.FORMULA),
        ({"unit": "-"}, Reason.FORMULA),
        ({"status": " @SUM(A1)"}, Reason.FORMULA),
        ({"tanggal": '"=1,1"'}, Reason.FORMULA),
        ({"unit": "OPD\ufffd"}, Reason.NOT_UTF8),
        ({"nama": "a,b"}, Reason.CELLS),
        ({"nama": '"a'}, Reason.UNREADABLE),
        ({"nama": "a\x00"}, Reason.UNREADABLE),
        ({"nama": "a" * 2000}, Reason.TOO_LONG),
    ],
)
def test_a_broken_row_is_named_by_its_reason(cells: dict[str, str], reason: Reason) -> None:
    assert read(**cells) == reason


def test_contract_staff_stand_in_a_list_by_their_nik() -> None:
    entry = read(nip="6202014107900001", status="PPNPN")

    assert isinstance(entry, Entry)


def test_columns_stand_in_any_order_and_a_semicolon_parts_them_too() -> None:
    rows = Rows(columns("\ufeffTanggal;Unit;NIP;Status".removeprefix("\ufeff")), TODAY)

    assert isinstance(rows.read(f"2023-11-13;OPD-1;{number_of(1)};PPPK"), Entry)


@pytest.mark.parametrize(
    "cell", ["", "-", "+62811", "=ROW()-1", "@dinas", '"=1,1"', "Jos\ufffd", "\u00a0", "'"]
)
def test_what_stands_in_a_column_that_is_not_read_refuses_nobody(cell: str) -> None:
    assert read(nama=cell) == read()


@pytest.mark.parametrize(
    "cells",
    [
        {"status": " pns "},
        {"status": "P.N.S."},
        {"status": "Pegawai  Negeri Sipil"},
        {"status": "PNS\u00a0"},
        {"nip": f"'{number_of(1)}"},
        {"nip": f"\u00a0{number_of(1)}\u200b"},
        {"nip": f"{number_of(1)[:8]} {number_of(1)[8:14]} {number_of(1)[14]} {number_of(1)[15:]}"},
        {"unit": " OPD-01"},
        {"tanggal": "2023-11-13 00:00:00"},
        {"tanggal": "2023-11-13T07:30"},
        {"tanggal": "13-11-2023"},
        {"tanggal": "13/11/2023"},
        {"tanggal": "13 November 2023"},
        {"tanggal": '"Senin, 13 November 2023"'},
        {"tanggal": "45243"},
        {"tanggal": "2023-11-13,,"},
    ],
)
def test_a_cell_as_people_fill_it_is_the_same_entry(cells: dict[str, str]) -> None:
    assert read(**cells) == read()


@pytest.mark.parametrize(
    "status",
    ["PPNPN", "Honorer", "TENAGA HONORER", "tkd", "TKK", "P.T.T.", "Non-ASN", "Tenaga Kontrak Daerah"],
)
def test_contract_staff_are_so_by_whichever_word(status: str) -> None:
    entry = read(nip="6202014107900001", status=status)

    assert isinstance(entry, Entry)
    assert entry.text.split(";")[1] == "PPNPN"


@pytest.mark.parametrize("status", ["PPPK Paruh Waktu", "pppk-pw", "P3K Paruh  Waktu"])
def test_a_part_time_pppk_is_one_in_the_entry(status: str) -> None:
    entry = read(nip="198001012025211001", status=status)

    assert isinstance(entry, Entry)
    assert entry.text.split(";")[1] == "PPPK_PW"


def test_an_unknown_status_is_answered_with_the_words_that_are_known() -> None:
    said = SAID[Reason.STATUS]
    message = said.message

    assert said.field == "status"
    assert all(word in message for word in ("PNS", "P3K", "PPPK Paruh Waktu", "Honorer", "TKD", "TKK", "PTT"))
    assert all(word in message for word in employments.words())


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_words_in_both_languages(reason: Reason) -> None:
    said = SAID[reason]

    assert catalogue.render(said, "id") != catalogue.render(said, "en") == said.message


@pytest.mark.parametrize(
    "titles",
    [
        ["sep=,"],
        ["DAFTAR IKRAR NETRALITAS,,,,", "Kabupaten Rekaan, 2023", ""],
        ["judul"] * 19,
    ],
)
def test_titles_above_the_names_of_the_columns_are_passed_over_and_lines_keep_their_numbers(
    titles: list[str],
) -> None:
    data = a_file([*titles, HEADER, row(1), ",,,,", row(2, tanggal="x"), ";;;;", "", row(3)])
    growing = a_list()
    pieces = fed(growing, data, size=7)

    assert [b for piece in pieces for b in piece.broken] == [(len(titles) + 4, Reason.DATE)]
    assert growing.root() == root_of(a_file([HEADER, row(1), row(3)]))


def test_more_titles_than_anybody_writes_are_no_list() -> None:
    with pytest.raises(Malformed) as refused:
        fed(a_list(), a_file(["judul"] * 20 + [HEADER, row(1)]))
    assert refused.value.reason == "NO_HEADER"


def test_columns_are_known_by_the_names_that_personnel_offices_give_them() -> None:
    data = a_file(
        [
            "No;Nama Lengkap;N.I.P.;Jabatan;Kode OPD;Status Kepegawaian;Tgl. Ikrar",
            f"1;Tokoh Rekaan;{number_of(1)};Analis;OPD-01;PNS;13-11-2023",
        ]
    )
    growing = a_list()
    fed(growing, data)

    assert growing.root() == root_of(a_file([HEADER, row(1)]))


def test_tabs_part_cells_too() -> None:
    rows = Rows(columns(HEADER.replace(",", "\t")), TODAY)

    assert rows.read(row(1).replace(",", "\t")) == read()


@pytest.mark.parametrize("header", ["", "nip,unit,tanggal", "nip,nip,status,unit,tanggal", "a;b"])
def test_a_file_whose_first_line_does_not_name_the_columns_is_refused(header: str) -> None:
    with pytest.raises(Malformed) as refused:
        columns(header)
    assert (refused.value.field, refused.value.reason) == ("data", "NO_HEADER")


def test_who_stands_twice_counts_once_by_the_first_row() -> None:
    growing = a_list()
    pieces = fed(growing, a_file([HEADER, row(1), row(2), row(1, unit="OPD-39"), row(2)]))

    assert [broken for piece in pieces for broken in piece.broken] == [
        (4, Reason.DUPLICATE),
        (5, Reason.DUPLICATE),
    ]
    assert dict(growing.units) == {"OPD-01": 1, "OPD-02": 1}


def test_a_list_has_only_so_many_units() -> None:
    growing = a_list()
    pieces = fed(growing, a_file([HEADER, *(row(n, unit=f"U{n}") for n in range(MAX_UNITS + 2))]))

    assert [broken for piece in pieces for broken in piece.broken] == [
        (line, Reason.TOO_MANY_UNITS) for line in (MAX_UNITS + 2, MAX_UNITS + 3)
    ]


def test_bytes_that_are_no_text_break_their_line_only() -> None:
    data = a_file([HEADER, row(1)]) + b"\xff\xfe,x\n" + a_file([row(2)])
    growing = a_list()
    pieces = fed(growing, data)

    assert (growing.size, [b for piece in pieces for b in piece.broken]) == (2, [(3, Reason.NOT_UTF8)])


def test_a_quotation_mark_that_does_not_end_swallows_no_other_row() -> None:
    growing = a_list()
    fed(growing, a_file([HEADER, row(1), row(2, nama='"open'), row(3), row(4)]))

    assert growing.size == 3


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n\n"])
def test_how_a_file_ends_changes_nothing(end: bytes) -> None:
    data = a_file([HEADER, row(1), row(2)]).removesuffix(b"\n")

    assert root_of(data + end) == root_of(data)


def test_windows_line_breaks_and_a_byte_order_mark_change_nothing() -> None:
    data = a_file([HEADER, row(1), row(2)])

    assert root_of(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")) == root_of(data)


def test_the_last_row_without_a_line_break_is_read() -> None:
    growing = a_list()
    fed(growing, a_file([HEADER, row(1), row(2)]).removesuffix(b"\n"))

    assert growing.size == 2


def test_every_good_row_is_kept_and_every_broken_one_reported_by_line() -> None:
    growing = a_list()
    pieces = fed(growing, a_file(lines(9_000)))
    broken = [(line, str(reason)) for piece in pieces for line, reason in piece.broken]

    assert broken == broken_in(9_000)
    assert growing.size == 9_000 - len(broken) == sum(growing.units.values())
    entries = [e for piece in pieces for e in opened(KEY, "list-1", piece.number, piece.sealed)]
    assert len(set(entries)) == growing.size


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3_000), st.integers(1, 40_000))
def test_the_root_does_not_hang_on_how_the_bytes_are_cut(first: int, second: int) -> None:
    data = a_file(lines(600, every=50))
    growing = a_list()
    list(growing.feed(data[:first], last=False))
    list(growing.feed(data[first : first + second], last=False))
    list(growing.feed(data[first + second :], last=True))

    assert growing.root() == root_of(data)


@pytest.mark.parametrize("pieces", [0, 1, 2, 3])
def test_an_import_that_died_goes_on_where_its_last_commit_ended(pieces: int) -> None:
    data = a_file(lines(12_000))
    died = a_list()
    kept: list[ImportChunk] = []
    for piece in died.feed(data, last=True):
        if len(kept) == pieces:
            break
        kept.append(piece)
    again = after(kept)
    rest = fed(again, data)

    assert again.root() == root_of(data)
    assert [piece.number for piece in (*kept, *rest)] == list(range(len(kept) + len(rest)))
    assert sum(len(piece.broken) for piece in (*kept, *rest)) == len(broken_in(12_000))


def after(kept: list[ImportChunk]) -> PledgeImport:
    """The list as a new process finds it."""
    tiles = {tile: hashes for piece in kept for tile, hashes in piece.tiles.items()}
    last = kept[-1] if kept else None
    growing = (
        a_list(read=last.read, prefix=last.prefix, lines=last.lines, size=last.size) if last else a_list()
    )
    growing.edge = {tile: tiles[tile] for tile in merkle_tree.edge_of(growing.size)}
    for piece in kept:
        growing.remember(piece.number, piece.sealed)
    return growing


def test_other_bytes_than_those_that_are_kept_are_refused() -> None:
    data = a_file(lines(9_000))
    kept = list(a_list().feed(data, last=False))
    other = data.replace(number_of(5).encode(), number_of(19_000).encode())

    for wrong in (other, data[:1000]):
        with pytest.raises(Conflict) as refused:
            fed(after(kept), wrong)
        assert refused.value.reason == "REQUEST_ID_REUSED"


def test_a_file_without_line_breaks_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        fed(a_list(), bytes(3 * 1024 * 1024), size=500_000)
    assert refused.value.reason == "NOT_LINES"


def test_a_proof_shows_its_entry_and_nothing_else() -> None:
    growing = a_list()
    (piece,) = growing.feed(a_file([HEADER, *(row(n) for n in range(300))]), last=True)
    entries = opened(KEY, "list-1", 0, piece.sealed)
    salt = merkle_tree.salt(merkle_tree.salts_key(KEY), 7)
    path = merkle_tree.proof(7, 300, piece.tiles)
    shown = (entries[7].encode(), salt, 7, 300, path, growing.root())

    merkle_tree.verify(*shown)
    stranger = Rows(columns(HEADER), TODAY).read(row(5_000))
    assert isinstance(stranger, Entry)
    for wrong in (
        (stranger.text.encode(), *shown[1:]),
        (shown[0], bytes(32), *shown[2:]),
        (shown[0], salt[:31], *shown[2:]),
        (shown[0], salt, 8, *shown[3:]),
        (shown[0], salt, 7, 300, path[1:], growing.root()),
        (shown[0], salt, 7, 300, path, root_of(a_file([HEADER, row(1)]))),
    ):
        with pytest.raises(merkle_tree.ProofError):
            merkle_tree.verify(*wrong)


def test_no_salt_is_that_of_another_entry_or_list() -> None:
    salts = {merkle_tree.salt(merkle_tree.salts_key(key), n) for key in (KEY, bytes(32)) for n in range(1000)}

    assert len(salts) == 2000
    assert {len(salt) for salt in salts} == {32}


def test_the_pledge_of_2020_has_its_five_points_with_a_source() -> None:
    pledge = campaigns.pledge("ikrar-2020")

    assert len(pledge.points) == 5
    assert pledge.source and pledge.unconfirmed == ("points", "since")
    assert pledge.elections == ("PILKADA-2020",)


def test_every_text_of_the_pledge_has_the_digest_of_its_points_and_elections_that_there_are() -> None:
    for pledge in campaigns.pledges().values():
        assert pledge.sha256 == sha256("".join(f"{point}\n" for point in pledge.points).encode()).hexdigest()
        assert all(known.election(each).id == each for each in pledge.elections)


def test_another_word_in_a_text_of_the_pledge_is_broken_data() -> None:
    text = data_files.read("prevention.toml").replace("politik uang", "politik")

    with pytest.raises(BrokenData, match="sha256"):
        campaigns.parse(text)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2020, 9, 10), "ikrar-2020"),
        (date(2023, 10, 29), "ikrar-2020"),
        (date(2023, 10, 30), "ikrar-2024"),
        (date(2024, 12, 31), "ikrar-2024"),
        (date(2025, 1, 1), "ikrar-2020"),
    ],
)
def test_the_usual_text_is_that_of_the_elections_of_the_day(day: date, text: str) -> None:
    assert campaigns.pledge_on(day).id == text


def test_the_text_for_an_election_is_its_own_on_whatever_day() -> None:
    assert campaigns.pledge_for("PILKADA-2024", date(2026, 1, 1)).id == "ikrar-2024"
    assert campaigns.pledge_for("PILKADA-2020", date(2024, 1, 1)).id == "ikrar-2020"
    assert campaigns.pledge_for("", date(2024, 1, 1)).id == "ikrar-2024"
