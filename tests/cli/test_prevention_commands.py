"""A circular to everybody, a satgas and lists of pledges by the command line alone, in a world of real processes."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from support.netral import Netral, Ran
from support.preventions import HEADER, broken_in, lines, number_of, row
from support.waiting import HANGS, until_true

# With `make soak`: every command is a process, and these take minutes of them.
pytestmark = pytest.mark.soak

ROWS = 3_000


@pytest.fixture(scope="module")
def netral(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Netral]:
    """A running world."""
    folder: Path = tmp_path_factory.mktemp("world")
    run = Netral(folder)
    (folder / "edaran.pdf").write_bytes(b"%PDF rekaan")
    (folder / "ikrar.csv").write_text("\n".join(lines(ROWS)) + "\n")
    (folder / "nip.txt").write_text(number_of(5) + "\n")
    (folder / "stranger.txt").write_text(number_of(900_000))
    up = run("up", "--detach", "--json")
    assert up.code == 0, up.err
    try:
        yield run
    finally:
        assert run("down").code == 0


@pytest.fixture(scope="module")
def campaign(netral: Netral) -> str:
    """A circular to all regional authorities, which one of them has opened and answered with a satgas."""
    words = "campaign issue --number B-2708/KASN/9/2020 --date 2023-11-01 --ask pledge --ask task-force"
    issued = done(netral(*words.split(), "--document", "edaran.pdf", "--json"))
    assert len(issued["statements"]) == 546
    campaign: str = issued["matter"].rpartition("/")[2]
    until_true(
        lambda: [one["state"] for one in done(netral(*as_authority("campaign received")))] == ["RECEIVED"]
    )
    assert done(netral(*as_authority(f"campaign open {campaign}")))["state"] == "OPENED"
    satgas = as_authority(
        f"satgas register --number 188.45/12/HUK/2023 --date 2023-11-10 --document edaran.pdf --people 9 --campaign {campaign}"
    )
    assert done(netral(*satgas))["state"] == "ACTED"
    return campaign


@pytest.fixture(scope="module")
def listed(netral: Netral, campaign: str) -> Any:
    """A list of pledges that answers the circular."""
    return done(netral(*as_authority(f"pledge import ikrar.csv --campaign {campaign} --units 44")))


def as_authority(words: str) -> list[str]:
    return [*words.split(), "--as", "ppk-6202", "--json"]


def done(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return ran.json


def list_id(answer: Any) -> str:
    return str(answer["list"]["name"].rpartition("/")[2])


def figures(netral: Netral, campaign: str, party: str = "kasn") -> dict[str, list[int]]:
    found = done(netral("campaign", "coverage", campaign, "--as", party, "--json"))
    return {each["id"]: [each["n"], each["of"]] for each in found["figures"]}


def test_a_list_is_imported_and_its_broken_rows_are_named(netral: Netral, listed: Any) -> None:
    wanted = broken_in(ROWS)
    assert (listed["list"]["state"], listed["list"]["size"]) == ("LISTED", str(ROWS - len(wanted)))
    assert [(int(each["line"]), each["reason"]) for each in listed["broken_rows"]] == wanted
    shown = done(netral(*as_authority(f"pledge broken {list_id(listed)}")))
    assert shown == listed["broken_rows"]
    (only,) = done(netral(*as_authority("pledge ls")))
    assert only == listed["list"]
    assert done(netral(*as_authority(f"pledge show {list_id(listed)}"))) == only


def test_the_same_file_is_the_same_list(netral: Netral, campaign: str, listed: Any) -> None:
    again = done(netral(*as_authority(f"pledge import ikrar.csv --campaign {campaign} --units 44")))

    assert again == listed


def test_without_json_a_person_reads_what_became_of_the_file(
    netral: Netral, campaign: str, listed: Any
) -> None:
    words = f"pledge import ikrar.csv --as ppk-6202 --campaign {campaign} --units 44"
    ran = netral(*words.split())

    assert ran.code == 0
    assert "LISTED" in ran.out and "40 units of 44" in ran.out and "FORMULA" in ran.out


def test_a_spreadsheet_of_fifty_thousand_rows_is_imported(netral: Netral, listed: Any) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER.split(","))
    for person in range(50_000):
        sheet.append(row(100_000 + person).split(","))
    sheet.append([number_of(1), "x", "PNS", "=1+1", "2023-11-13"])
    book.save(netral.folder / "ikrar.xlsx")

    answer = done(netral(*as_authority("pledge import ikrar.xlsx"), timeout=HANGS))

    assert (answer["list"]["state"], answer["list"]["size"]) == ("LISTED", "50000")
    assert [(each["line"], each["reason"]) for each in answer["broken_rows"]] == [("50002", "FORMULA")]


def test_who_is_in_a_list_is_proved_and_the_proof_checked_without_a_service(
    netral: Netral, listed: Any
) -> None:
    prove = f"pledge prove {list_id(listed)} --number @nip.txt --to proof.json"
    assert done(netral(*as_authority(prove)))["in_list"]

    proof = netral.folder / "proof.json"
    assert proof.stat().st_mode & 0o077 == 0
    checked = done(netral("pledge", "verify", "proof.json", "--parties", ".netral/parties.json", "--json"))
    assert (checked["shown"], checked["authority"], checked["unit"]) == (True, "ppk-6202", "OPD-05")
    assert number_of(5) not in netral("pledge", "verify", "proof.json").out


def test_a_strangers_claim_is_refused(netral: Netral, listed: Any) -> None:
    asked = netral(*as_authority(f"pledge prove {list_id(listed)} --number @stranger.txt --to none.json"))
    assert (asked.code, asked.json["in_list"]) == (1, False)
    assert not (netral.folder / "none.json").exists()

    prove = f"pledge prove {list_id(listed)} --number @nip.txt --to own.json"
    assert done(netral(*as_authority(prove)))["in_list"]
    proof = json.loads((netral.folder / "own.json").read_text())
    proof["index"] = str(int(proof["index"]) + 1)
    (netral.folder / "forged.json").write_text(json.dumps(proof))
    forged = netral("pledge", "verify", "forged.json", "--json")
    assert (forged.code, forged.json["shown"]) == (1, False)
    (netral.folder / "none.txt").write_text("not a proof")
    assert netral("pledge", "verify", "none.txt").code == 1


def test_everybody_is_told_and_the_figures_recompute(netral: Netral, campaign: str, listed: Any) -> None:
    def all_told() -> bool:
        found = figures(netral, campaign)
        return found["TOLD"] == [546, 546] and found["DONE"] == [1, 546]

    until_true(all_told)
    assert figures(netral, campaign) == {
        "TOLD": [546, 546],
        "OPENED": [1, 546],
        "ACTED": [1, 546],
        "DONE": [1, 546],
        "PLEDGE": [1, 546],
        "TASK_FORCE": [1, 546],
    }
    again = done(netral("campaign", "recompute", campaign, "--json"))
    assert again["equal"]
    shown = done(netral("campaign", "addressees", campaign, "--province", "62", "--json"))
    (one,) = [each for each in shown if each["institution"] == "ppk-6202"]
    assert [act["act"] for act in one["acts"]] == ["TASK_FORCE", "PLEDGE"]
    unopened = netral("campaign", "addressees", campaign, "--without", "opened", "--province", "62").out
    assert "Kabupaten Kapuas" in unopened
    assert len(done(netral("campaign", "addressees", campaign, "--without", "opened", "--json"))) == 545
    assert "as of entry" in netral("campaign", "coverage", campaign).out


def test_a_satgas_is_registered_at_supervisor_and_examiner(netral: Netral, campaign: str) -> None:
    for party in ("bawaslu", "kasn"):
        until_true(lambda: done(netral("satgas", "ls", "--as", party, "--json")) != [])  # noqa: B023 - waited for here
        (only,) = done(netral("satgas", "ls", "--as", party, "--json"))
        assert (only["authority"], only["number"], only["registration"]) == (
            "ppk-6202",
            "188.45/12/HUK/2023",
            True,
        )
    again = as_authority(
        "satgas register --number 188.45/12/HUK/2023 --date 2023-11-10 --document edaran.pdf --people 9"
    )
    refused = netral(*again)
    assert (refused.code, refused.json["error"]["reason"]) == (1, "NUMBER_USED")


def test_an_act_on_ones_own_is_reported_too(netral: Netral) -> None:
    words = "campaign report roll-call --date 2023-11-13 --people 480 --unit OPD-01 --unit OPD-02 --read-by unit-head"
    assert done(netral(*as_authority(words)))["state"] == "REPORTED"
    reported = done(netral(*as_authority("campaign reports")))
    assert ("ROLL_CALL", ["OPD-01", "OPD-02"]) in [(each["act"], each["units"]) for each in reported]


def test_an_import_goes_on_by_itself_when_the_host_is_killed(netral: Netral) -> None:
    (netral.folder / "more.csv").write_text("\n".join(lines(40_000, every=1_000)) + "\n")
    running = json.loads((netral.folder / ".netral" / "run.json").read_text())
    os.kill(process_of(running, "ppk"), signal.SIGKILL)

    answer = done(netral(*as_authority("pledge import more.csv --patience 90"), timeout=HANGS))

    assert (answer["list"]["state"], answer["list"]["size"]) == ("LISTED", "39960")


def process_of(running: Any, name: str) -> int:
    found: int = running["processes"][name]["pid"]
    return found


def test_what_cannot_be_right_is_said_and_nothing_is_done(netral: Netral) -> None:
    (netral.folder / "broken.xlsx").write_bytes(b"PK\x03\x04 broken")
    before = done(netral(*as_authority("pledge ls")))
    for words in (
        "pledge import none.csv",
        "pledge import edaran.pdf",
        "pledge import broken.xlsx",
        f"pledge prove 01a213b0-7416-762f-90cc-000000000000 --number {number_of(5)} --to x.json",
    ):
        ran = netral(*words.split(), "--as", "ppk-6202")
        assert ran.code in (1, 2)
        assert "Traceback" not in ran.err and number_of(5) not in ran.err
    assert done(netral(*as_authority("pledge ls"))) == before


def test_an_erased_list_proves_nothing(netral: Netral) -> None:
    (netral.folder / "few.csv").write_text(f"{HEADER}\n{row(5)}\n")
    answer = done(netral(*as_authority("pledge import few.csv")))
    assert done(netral(*as_authority(f"pledge erase {list_id(answer)}")))["state"] == "ERASED"

    refused = netral(*as_authority(f"pledge prove {list_id(answer)} --number @nip.txt --to erased.json"))
    assert (refused.code, refused.json["error"]["reason"]) == (1, "NOT_LISTED")


def test_every_log_verifies(netral: Netral, listed: Any) -> None:
    assert done(netral("audit", "verify", "--json"))["findings"] == []
