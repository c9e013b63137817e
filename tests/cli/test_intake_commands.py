"""A report and first information by the command line alone, until there is a matter."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.netral import Netral, Ran
from support.story import NAME, NIP

pytestmark = pytest.mark.slow

REPORTER = "Pelapor Yang Dirahasiakan"
PERSON = {
    "full_name": NAME,
    "employment": "EMPLOYMENT_PNS",
    "nip": NIP,
    "position": "Pengelola Data",
    "unit": "Dinas Rekaan",
}


@pytest.fixture(scope="module")
def netral(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Netral]:
    """A running world."""
    folder: Path = tmp_path_factory.mktemp("world")
    run = Netral(folder)
    (folder / "person.json").write_text(json.dumps(PERSON))
    (folder / "document.pdf").write_bytes(b"%PDF rekaan")
    (folder / "who.txt").write_text(REPORTER)
    up = run("up", "--detach", "--json")
    assert up.code == 0, up.err
    try:
        yield run
    finally:
        assert run("down").code == 0


def done(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return ran.json


def step(netral: Netral, words: str, *more: str) -> str:
    """The state that a command led to."""
    state: str = done(netral.here("bawaslu", "intake", *words.split(), *more, "--json"))["state"]
    return state


def report(netral: Netral, sequence: str, known: str = "2023-11-11") -> str:
    act = done(
        netral.here(
            "bawaslu",
            "intake",
            *f"report --number {sequence}/LP/PL/Kab/27.09/XI/2023 --region 62.02 --event-date {known}".split(),
            *f"--known-date {known} --received-date 2023-11-13 --reporter @who.txt".split(),
            *("--description", "Foto bersama calon.", "--json"),
        )
    )
    return str(act["matter"].rpartition("/")[2])


def test_a_report_is_completed_registered_clarified_and_concluded(netral: Netral):
    id = report(netral, "002")
    gap = f"assess {id} --category complete --date 2023-11-14 --document document.pdf --missing M-EVIDENCE"
    assert step(netral, f"{gap} --notice 3/PB --notice-date 2023-11-14") == "COMPLETION_REQUESTED"
    completed = f"complete {id} --requirement M-EVIDENCE --date 2023-11-15 --evidence document.pdf"
    assert step(netral, completed) == "RECEIVED"
    assert step(netral, f"delegate {id} --office Kab/14.11 --letter 9/PL --date 2023-11-15") == "RECEIVED"
    fit = f"assess {id} --category register --date 2023-11-15 --document document.pdf"
    assert step(netral, fit) == "READY"
    registered = f"register {id} --number 004/Reg/LP/PL/Kab/14.11/XI/2023 --date 2023-11-16"
    assert step(netral, registered, "--person", "ppk-6202=person.json") == "REGISTERED"
    invitation = f"clarify {id} --invitation 7/UND --date 2023-11-17"
    assert step(netral, f"{invitation} --session 2023-11-18 --whom witness") == "REGISTERED"
    assert step(netral, f"{invitation} --outcome held --minutes document.pdf") == "REGISTERED"
    (matter,) = done(netral.here("bawaslu", "intake", "show", id, "--json"))["matters"]
    concluded = f"conclude {id} --number 1/KAJIAN/2023 --date 2023-11-20 --document document.pdf"
    suspect = f"--suspect {matter.rpartition('/')[2]}=2022-DSB7"
    assert step(netral, f"{concluded} --route other-law {suspect}") == "CONCLUDED"

    shown = netral.here("bawaslu", "intake", "show", id).out
    assert "004/Reg/LP/PL/Kab/14.11/XI/2023" in shown
    assert "7/UND 2023-11-18 WITNESS HELD" in shown
    assert done(netral.here("matter", "show", matter.rpartition("/")[2], "--json"))["state"] == "STUDIED"


def test_first_information_is_traced_and_becomes_a_finding(netral: Netral):
    information = (
        "information --number 17/IA --election pemilu --office Kab/27.09 --region 16.02 --team-of ppk-1602"
    )
    words = [*information.split(), "--received-date", "2023-11-11", "--description", "Foto.", "--json"]
    id = done(netral.here("bawaslu", "intake", *words))["matter"].rpartition("/")[2]
    assert step(netral, f"trace {id} --letter 5/ST --date 2023-11-12") == "TRACING"

    found = "finding --number 006/TM/PL/Kab/27.09/XI/2023 --event-date 2023-11-10 --known-date 2023-11-12"
    assert step(netral, f"{found} --found-date 2023-11-14 --description Hadir --of {id}") == "FOUND"

    listed = done(netral.here("bawaslu", "intake", "ls", "--in-state", "FOUND", "--json"))
    assert [(one["number"], one["informant"]) for one in listed] == [
        ("006/TM/PL/Kab/27.09/XI/2023", "ppk-1602")
    ]


def test_first_information_is_closed_with_a_reason(netral: Netral):
    words = "information --number 18/IA --election pilkada --office Kota/27.09 --region 62.02"
    id = done(
        netral.here(
            "bawaslu",
            "intake",
            *words.split(),
            "--received-date",
            "2023-11-11",
            "--description",
            "Foto.",
            "--json",
        )
    )["matter"].rpartition("/")[2]

    assert step(netral, f"close {id} --reason not-traceable --date 2023-11-15") == "CLOSED"


def test_a_late_report_is_not_registered_and_its_reporter_is_shown_to_who_says_why_only(netral: Netral):
    id = report(netral, "005", known="2023-10-01")
    late = f"assess {id} --category do-not-register --date 2023-11-14 --document document.pdf"
    assert step(netral, f"{late} --missing F-TIME") == "NOT_FIT"
    assert step(netral, f"reject {id} --reason late --notice 4/PS --date 2023-11-15") == "NOT_REGISTERED"

    assert netral.here("bawaslu", "intake", "file", id).code == 2
    said = netral.here("bawaslu", "intake", "file", id, "--purpose", "handling").out
    assert "Foto bersama calon." in said
    assert REPORTER not in said
    assert REPORTER in netral.here("bawaslu", "intake", "file", id, "--purpose", "handling", "--reporter").out
    assert (
        REPORTER
        not in netral.here("bawaslu", "intake", "show", id).out + netral.here("bawaslu", "intake", "ls").out
    )


def test_the_checklist_says_what_is_confirmed(netral: Netral):
    listed = done(netral.here("bawaslu", "intake", "checklist", "--election", "pilkada", "--json"))

    assert {one["code"]: one["confirmed"] for one in listed}["M-WITNESSES"] is False
    assert "UU 1/2015 art. 134" in " ".join(
        netral.here("bawaslu", "intake", "checklist", "--election", "pilkada").out.split()
    )


def test_a_finding_is_of_information_or_of_the_offices_own(netral: Netral):
    own = "finding --number 007/TM/PL/Kab/27.09/XI/2023 --event-date 2023-11-10 --known-date 2023-11-12"
    rest = ["--found-date", "2023-11-14", "--description", "Hadir"]

    assert netral.here("bawaslu", "intake", *own.split(), *rest).code == 2
    without_form = netral.here("bawaslu", "intake", *own.split(), "--region", "62.02", *rest)
    assert "no Form A is named" in without_form.err
    reason = ["--stated-reason", "Formulir A di kertas."]
    assert step(netral, f"{own} --region 62.02", *rest, *reason) == "FOUND"


LIST = """DAFTAR LAPORAN DAN TEMUAN;;;;;;;
No;No. Laporan/Temuan;Kabupaten/Kota;Tanggal Kejadian;Tanggal Diketahui;Tanggal Laporan;Nama Pelapor;Uraian Kejadian
1;021/LP/PL/Kab/27.09/XI/2023;Kotawaringin Timur;10-11-2023;11 November 2023;13/11/2023;Pelapor Yang Dirahasiakan;"Foto bersama calon,
dua kali"
2;022/TM/PL/Kab/27.09/XI/2023;62.02;2023-11-10;2023-11-11;45243;Pengawas;Hadir di “kampanye akbar”
3;023/LP/PL/Kab/27.09/XI/2023;62.02;10-11-2023;11-11-23;13-11-2023;;Tanggal dua angka
4;024/LP/PL/Kab/27.09/XI/2023;62.02;12-11-2023;11-11-2023;13-11-2023;;Diketahui sebelum terjadi
5;;;;;;;tanpa nomor
;;;;;;;
6;021/LP/PL/Kab/27.09/XI/2023;62.02;10-11-2023;11-11-2023;13-11-2023;;Nomor yang sama
"""
BROKEN = [
    (6, "Tanggal Diketahui", "DATE"),
    (7, "Tanggal Kejadian", "INVALID_ARGUMENT"),
    (8, "No. Laporan/Temuan", "MISSING"),
    (10, "No. Laporan/Temuan", "DUPLICATE"),
]


def imported(netral: Netral, *more: str) -> Any:
    ran = netral.here("bawaslu", "intake", "import", "daftar.csv", *more, "--json")
    assert ran.code == 1, ran.err
    return ran.json


def test_a_list_of_reports_goes_in_row_by_row_and_a_second_time_changes_nothing(netral: Netral):
    (netral.folder / "daftar.csv").write_bytes(LIST.encode("cp1252"))

    tried = imported(netral, "--dry-run")
    assert (tried["reports"], tried["findings"], tried["present"]) == (1, 1, 0)
    assert [(row["line"], row["column"]) for row in tried["refused"]] == [row[:2] for row in BROKEN]
    numbers = [one["number"] for one in done(netral.here("bawaslu", "intake", "ls", "--json"))]
    assert not {"021/LP/PL/Kab/27.09/XI/2023", "022/TM/PL/Kab/27.09/XI/2023"} & set(numbers)

    first = imported(netral, "--refused", "ditolak.csv")
    assert (first["reports"], first["findings"], first["present"]) == (1, 1, 0)
    listed = done(netral.here("bawaslu", "intake", "ls", "--json"))
    taken = {one["number"]: one for one in listed if one["number"] not in numbers}
    assert sorted(taken) == ["021/LP/PL/Kab/27.09/XI/2023", "022/TM/PL/Kab/27.09/XI/2023"]
    assert taken["022/TM/PL/Kab/27.09/XI/2023"]["region"] == "62.02"

    again = imported(netral)
    assert (again["reports"], again["findings"], again["present"]) == (0, 0, 2)
    assert again["refused"] == first["refused"]
    assert len(done(netral.here("bawaslu", "intake", "ls", "--json"))) == len(listed)


def test_rows_that_were_not_taken_are_a_file_without_anybodys_name(netral: Netral):
    (netral.folder / "daftar.csv").write_bytes(LIST.encode("cp1252"))
    shown = netral.here("bawaslu", "intake", "import", "daftar.csv", "--refused", "ditolak.csv")

    assert shown.code == 1
    assert "line 6, column Tanggal Diketahui: DATE" in shown.out
    indonesian = netral.here("--lang", "id", "bawaslu", "intake", "import", "daftar.csv")
    assert "sudah ada, 4 baris ditolak" in indonesian.out
    assert "baris 6, kolom Tanggal Diketahui: DATE: bukan tanggal seperti" in indonesian.out
    assert "not confirmed" in shown.err
    with (netral.folder / "ditolak.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [(int(row["line"]), row["column"]) for row in found] == [row[:2] for row in BROKEN]
    written = (netral.folder / "ditolak.csv").read_text("utf-8-sig") + shown.out + shown.err
    assert REPORTER not in written and "Foto bersama" not in written


def test_what_a_list_says_of_persons_is_opened_with_a_record_only(netral: Netral):
    (netral.folder / "daftar.csv").write_bytes(LIST.encode("cp1252"))
    imported(netral)
    listed = done(netral.here("bawaslu", "intake", "ls", "--json"))
    (report,) = (one for one in listed if one["number"] == "021/LP/PL/Kab/27.09/XI/2023")
    id = report["name"].rpartition("/")[2]

    file = netral.here("bawaslu", "intake", "file", id, "--purpose", "handling", "--json")
    assert "dua kali" in json.dumps(done(file)) and REPORTER not in file.out


def test_a_list_without_a_needed_column_is_refused_with_what_to_do(netral: Netral):
    (netral.folder / "lain.csv").write_text("Nomor Laporan;Tanggal Kejadian;Uraian\n")

    ran = netral.here("bawaslu", "intake", "import", "lain.csv")
    assert ran.code == 2
    assert "Tanggal Diketahui" in ran.err and "netral bawaslu intake mapping" in ran.err.replace("\n", " ")


def test_the_shipped_mapping_is_printed_to_be_changed_and_given_back(netral: Netral):
    printed = netral.here("bawaslu", "intake", "mapping")
    own = printed.out.replace('"No Laporan/Temuan", ', '"Nomor Surat", ', 1)
    (netral.folder / "own.toml").write_text(own, "utf-8-sig")
    (netral.folder / "daftar.csv").write_bytes(LIST.replace("No. Laporan/Temuan", "Nomor Surat").encode())

    assert imported(netral, "--mapping", "own.toml")["present"] == 2
    (netral.folder / "own.toml").write_text("name = 1")
    assert "own.toml" in netral.here("bawaslu", "intake", "import", "daftar.csv", "--mapping", "own.toml").err


def test_what_a_plenary_decided_on_a_form_a_is_shown_in_words(netral: Netral):
    (netral.folder / "form.pdf").write_bytes(b"form")
    seen = (
        "--region",
        "62.02",
        "--date",
        "2023-11-15",
        "--subject",
        "asn-neutrality",
        "--document",
        "form.pdf",
    )
    what = ("--number", "012/LHP/PM.01.02/XI/2023", "--election", "pemilu", "--office", "Kab/27.09", *seen)
    done(netral.here("bawaslu", "intake", "supervision", *what, "--description", "Terlihat.", "--json"))
    listed = done(netral.here("bawaslu", "intake", "ls", "--json"))
    (found,) = (one for one in listed if one["state"] == "SUPERVISED")
    id = found["name"].rpartition("/")[2]
    held = (
        "--number",
        "21/BA/XI/2023",
        "--date",
        "2023-11-16",
        "--minutes",
        "form.pdf",
        "--decided",
        "finding",
    )
    told = netral.here("--lang", "id", "bawaslu", "intake", "plenary", id, *held)

    assert "status laporan" in told.out and "hasil pengawasan dicatat (SUPERVISED)" in told.out
    shown = netral.here("bawaslu", "intake", "show", id)

    assert shown.code == 0, shown.err
    assert "FINDING" in shown.out and "21/BA/XI/2023" in shown.out
