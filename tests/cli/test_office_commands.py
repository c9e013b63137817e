"""`netral office …`: offices, the one that an authority falls to, what a number says, and an operator's file."""

import json
import os
import subprocess
import sys
from pathlib import Path

from support.netral import Netral, Ran
from support.waiting import HANGS

FILE = (
    "institution,code,name,region,certainty,source\n"
    "bawaslu,Kab/27.09,Bawaslu Kabupaten Anu,74.01,open,invented\n"
    "bawaslu,Kab/27.10,,,open,invented\n"
)


def run(folder: Path, *words: str) -> Ran:
    return Netral(folder).here("office", *words)


def test_the_list_names_the_offices_their_places_and_one_digest(tmp_path: Path) -> None:
    found = run(tmp_path, "ls", "--json").json
    of_bkn = run(tmp_path, "ls", "--of", "bkn", "--json").json

    assert {each["institution"] for each in found["offices"]} == {"bawaslu", "bkn"}
    assert {each["code"] for each in of_bkn["offices"]} >= {"PUSAT", "KANREG-VIII"}
    assert len(found["digest"]) == 64
    assert "Kalimantan Tengah" in run(tmp_path, "ls", "--of", "bkn").out


def test_the_office_of_an_authority_is_told_as_derived_with_its_source(tmp_path: Path) -> None:
    found = run(tmp_path, "derive", "ppk-6202", "--json").json

    assert (found["office"], found["derived"], found["certainty"]) == ("KANREG-VIII", True, "open")
    assert "KANREG-VIII, derived" in run(tmp_path, "derive", "ppk-6202").out
    assert run(tmp_path, "derive", "Kotawaringin Timur").out == run(tmp_path, "derive", "ppk-6202").out
    assert run(tmp_path, "derive", "ppk-0000").code == 1


def test_a_number_is_read_as_it_is_written_in_the_field(tmp_path: Path) -> None:
    found = run(tmp_path, "number", "02/reg/LP/PB/KAB/16.12/X/2020", "--json").json

    assert found["number"] == "002/Reg/LP/PB/Kab/16.12/X/2020"
    assert (found["office"], found["region"], found["registered"]) == ("Kab/16.12", "35.05", "yes")
    refused = run(tmp_path, "number", "800/966/SET")
    assert refused.code == 1
    assert "002/LP/PL/Kab/27.09/III/2024" in refused.err


def test_a_good_file_is_told_with_its_digest_and_a_wrong_one_by_line_and_field(tmp_path: Path) -> None:
    good, wrong = tmp_path / "good.csv", tmp_path / "wrong.csv"
    good.write_text(FILE)
    wrong.write_text(FILE.replace("74.01", "91.01"))

    found = run(tmp_path, "check", str(good), "--json").json
    assert (found["offices"], found["with_a_place"], len(found["digest"])) == (2, 1, 64)
    refused = run(tmp_path, "check", str(wrong))
    assert refused.code == 1
    assert "wrong.csv: line 2: region: 91.01 is 93.01 now" in refused.err.replace("\n", " ")


def test_the_file_that_hosts_take_offices_from_is_the_commands_too(tmp_path: Path) -> None:
    """As a process of its own, since a process takes offices up once."""
    (tmp_path / "offices.csv").write_text(FILE)
    done = subprocess.run(
        [sys.executable, "-m", "cli", "office", "ls", "--of", "bawaslu", "--json"],
        env=os.environ | {"NETRAL_OFFICES_FILE": str(tmp_path / "offices.csv")},
        capture_output=True,
        check=True,
        timeout=HANGS,
    )

    found = {each["code"]: each["region"] for each in json.loads(done.stdout)["offices"]}
    assert found["Kab/27.09"] == "74.01"
