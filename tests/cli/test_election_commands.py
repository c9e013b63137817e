"""`netral election …`: nothing has to run, and an operator's file is checked by the same command everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

from support.netral import Netral, Ran
from support.waiting import HANGS

FILE = """
id = "PILKADA-2099"
version = 1
kind = "PILKADA"
title = "Pemilihan 2099"
since = 2099-01-01
voting_day = 2099-06-10
day_off = "local"
scheduled = 2099-01-01
certainty = "open"
source = "invented"

[[region]]
region = "62.02"
certainty = "open"
source = "invented"
"""


def run(folder: Path, *words: str) -> Ran:
    return Netral(folder).here("election", *words)


def test_the_list_names_the_elections_their_regions_and_one_digest(tmp_path: Path) -> None:
    found = run(tmp_path, "ls", "--json").json

    numbers = {each["id"]: each["number_of_regions"] for each in found["elections"]}
    assert numbers["PILKADA-2020"] == "270"
    assert numbers["PILKADA-2024"] == "545"
    assert numbers["PEMILU-2024"] == "all"
    assert len(found["digest"]) == 64


def test_an_election_is_shown_with_its_lines_and_how_sure_they_are(tmp_path: Path) -> None:
    shown = run(tmp_path, "show", "pilkada-ulang-2025").out

    assert "voting day 2025-08-27; regions 2" in shown
    assert "candidates fixed 2025-07-22 (HEAD_OF_REGION, press)" in shown
    assert "Kabupaten Bangka" in shown
    assert "clock STUDY: study-pilkada" in shown
    assert "forms of numbers: PG, PB, PW" in shown


def test_the_election_and_stage_of_an_act_are_told_as_derived(tmp_path: Path) -> None:
    found = run(tmp_path, "of", "--region", "16.09", "--date", "2020-06-20", "--json").json

    assert (found["election"], found["derived"], found["stage"]) == ("PILKADA-2020", True, "PROSPECTIVE")
    assert "no election" in run(tmp_path, "of", "--region", "19.01", "--date", "2020-11-01").out


def test_a_good_file_is_told_with_its_digest_and_a_wrong_one_by_entry_and_field(tmp_path: Path) -> None:
    good, wrong = tmp_path / "good.toml", tmp_path / "wrong.toml"
    good.write_text(FILE)
    wrong.write_text(FILE.replace('region = "62.02"', 'region = "91.01"'))

    assert run(tmp_path, "check", str(good), "--json").json["id"] == "PILKADA-2099"
    refused = run(tmp_path, "check", str(wrong))
    assert refused.code == 1
    assert "wrong.toml: region number 1: region: 91.01 is 93.01 now" in refused.err.replace("\n", " ")


def test_a_title_is_shown_letter_by_letter(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(FILE.replace("Pemilihan 2099", "Pemilihan [/b] 2099"))

    assert "Pemilihan [/b] 2099" in run(tmp_path, "check", "odd.toml").out


def test_the_folder_that_hosts_take_elections_from_is_the_commands_too(tmp_path: Path) -> None:
    """As a process of its own, since a process takes elections up once."""
    (tmp_path / "mine.toml").write_text(FILE)
    done = subprocess.run(
        [sys.executable, "-m", "cli", "election", "ls", "--json"],
        env=os.environ | {"NETRAL_ELECTIONS_FOLDER": str(tmp_path)},
        capture_output=True,
        check=True,
        timeout=HANGS,
    )

    assert "PILKADA-2099" in {each["id"] for each in json.loads(done.stdout)["elections"]}
