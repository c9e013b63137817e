"""A reading command answers as a table, JSON, CSV or a spreadsheet: one place gives the options, and every format parses."""

import csv
import io
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cli.formats.export_formats import Counted, Named, write_sheet
from cli.formats.kept import sheet_of
from cli.output import Kept, table_of
from support.commands import commands
from support.netral import Netral

ALL = dict(commands())
FORMATS = ("table", "json", "csv", "xlsx")
# Their answer has no end, or is a file of its own kind.
ANSWERS_ON = {"monitor watch", "matter watch", "audit export"}
RECORDED = {"examiner find-earlier", "audit retention"}
READING = [name for name, command in ALL.items() if command.help.startswith("[ro]") or name in RECORDED]
WITHOUT_A_DESK = [
    "catalogue acts",
    "catalogue sanctions --lang id",
    "catalogue regions kotim",
    "catalogue authorities palangka",
    "catalogue institutions",
    "deadline calc follow-up --start 2023-11-28",
    "deadline explain follow-up --start 2023-11-28",
    "deadline calendar 2023",
    "deadline calendar 2023 --list",
    "deadline rules",
    "election ls",
    "election show PILKADA-ULANG-2025",
    "election of --region 62.02 --date 2023-11-15",
    "office ls --of bkn",
    "office derive ppk-6202",
    "office number 02/Reg/LP/PB/Kab/16.12/X/2020",
    "law ls --kind limit",
    "law show summons-gap",
    "bawaslu intake checklist --election pilkada",
    "bawaslu intake mapping",
    "pledge text",
]


def options(name: str) -> dict[str, Any]:
    return {option: each for each in ALL[name].params for option in each.opts}


@pytest.mark.parametrize("name", READING)
def test_a_command_that_reads_has_the_option_of_formats(name: str):
    given = options(name)

    assert {"-o", "--output", "--json"} <= set(given)
    assert "--file" in given or name in ANSWERS_ON
    formats = ("table", "json") if name in ANSWERS_ON else FORMATS
    assert tuple(given["-o"].type_descriptor.choices) == formats


@pytest.mark.parametrize("name", sorted(set(ALL) - set(READING)))
def test_an_act_has_no_format_but_json(name: str):
    assert "-o" not in options(name)


def rows_of(form: str, content: bytes) -> list[dict[str, Any]]:
    """The rows of an answer, read as other programs read them."""
    if form == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    head, *cells = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in cells]


@pytest.mark.parametrize("words", WITHOUT_A_DESK)
def test_every_format_of_an_answer_parses_and_has_the_same_rows(words: str, tmp_path: Path):
    netral = Netral(tmp_path)
    printed = netral.here(*words.split(), "-o", "table")
    as_json = netral.here(*words.split(), "-o", "json")
    for form in ("csv", "xlsx"):
        ran = netral.here(*words.split(), "--file", f"answer.{form}")
        assert ran.code == 0, ran.err
    listed = netral.here(*words.split(), "-o", "csv")

    assert printed.out.strip() and as_json.json
    rows = {form: rows_of(form, (tmp_path / f"answer.{form}").read_bytes()) for form in ("csv", "xlsx")}
    assert rows["csv"] and len(rows["csv"]) == len(rows["xlsx"]) == len(rows_of("csv", listed.out.encode()))
    assert list(rows["csv"][0]) == list(rows["xlsx"][0])


def test_codes_keep_their_zeros_and_days_are_days(tmp_path: Path):
    netral = Netral(tmp_path)
    netral.here("catalogue", "regions", "--file", "regions.xlsx")
    netral.here("catalogue", "regions", "--file", "regions.csv")
    netral.here("deadline", "calendar", "2023", "--file", "days.xlsx")

    codes = {row["code"] for row in rows_of("xlsx", (tmp_path / "regions.xlsx").read_bytes())}
    assert "62.10" in codes and "'62.10" in (tmp_path / "regions.csv").read_text("utf-8-sig")
    page = load_workbook(tmp_path / "days.xlsx").worksheets[0]
    assert isinstance(page["A2"].value, datetime) and page["A2"].number_format == "yyyy-mm-dd"
    assert page.freeze_panes == "B2" and page.auto_filter.ref == f"A1:D{page.max_row}"
    assert page.column_dimensions["D"].width > 20


def test_counts_get_their_share_and_authorities_their_names():
    table = table_of("authority", "followed up")
    table.add_row(Named("ppk-6202", "Kabupaten Kotawaringin Timur"), Counted(1, 4))
    table.add_row("ppk-9999", Counted(0, 0))
    kept = Kept()
    kept.take(table, markup=True, end="\n")

    first, second = sheet_of(kept, "netral monitor").rows
    assert first == {
        "authority": "ppk-6202",
        "authority (name)": "Kabupaten Kotawaringin Timur",
        "followed up": 0.25,
        "followed up (n/N)": "1/4",
    }
    assert second["authority"] == "ppk-9999" and second["followed up"] is None


def test_a_second_table_has_a_sheet_and_lines_stand_beside_it(tmp_path: Path):
    kept = Kept()
    for head in ("cosigner", "log"):
        table = table_of(head)
        table.add_row("=1+1")
        kept.take(table, markup=True, end="\n")
    kept.take("[red]NOT OK[/red]", markup=True, end=" ")
    kept.take("kasn: [x]", markup=False, end="\n")
    write_sheet(tmp_path / "peers.xlsx", sheet_of(kept, "netral audit peers"))

    book = load_workbook(tmp_path / "peers.xlsx")
    assert book.sheetnames == ["netral audit peers", "netral audit peers 2", "Notes"]
    assert [page["A2"].data_type for page in book.worksheets[:2]] == ["s", "s"]
    assert book["Notes"]["B1"].value == "NOT OK kasn: [x]"


def test_an_answer_that_found_something_keeps_its_exit_code(tmp_path: Path):
    ran = Netral(tmp_path).here("catalogue", "regions", "nowhere-at-all", "-o", "csv")

    assert ran.code == 1 and "nothing fits" in ran.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("-o csv --json", "--json is -o json"),
        ("--file regions.pdf", ".xlsx"),
        ("-o csv --file regions.xlsx", "csv is asked for"),
    ],
)
def test_formats_that_do_not_fit_are_refused_in_words(words: str, says: str, tmp_path: Path):
    ran = Netral(tmp_path).here("catalogue", "regions", *words.split())

    assert ran.code == 2 and says in ran.err.replace("\n", " ")
    assert not list(tmp_path.iterdir())


def test_a_spreadsheet_is_refused_on_a_terminal_and_goes_into_a_file(tmp_path: Path):
    words = [sys.executable, "-m", "cli", "catalogue", "regions", "kotim", "-o", "xlsx"]
    terminal, its_end = os.openpty()
    try:
        refused = subprocess.run(words, stdout=its_end, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(its_end)
        os.close(terminal)
    with (tmp_path / "regions.xlsx").open("wb") as file:
        subprocess.run(words, stdout=file, check=True)

    assert refused.returncode == 2 and b"--file NAME.xlsx" in refused.stderr
    assert len(rows_of("xlsx", (tmp_path / "regions.xlsx").read_bytes())) == 2


def test_a_csv_has_the_mark_of_its_encoding_in_a_file_and_not_in_a_pipe(tmp_path: Path):
    words = [sys.executable, "-m", "cli", "catalogue", "regions", "kotim", "-o", "csv"]
    with (tmp_path / "regions.csv").open("wb") as file:
        subprocess.run(words, stdout=file, check=True)
    piped = subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout

    assert (tmp_path / "regions.csv").read_bytes() == b"\xef\xbb\xbf" + piped
