"""BKN as examiner is configuration: a world by the law of today, and one in which the role passes while cases are open."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from operations.local import development_world
from operations.local.installation import Installation
from support.netral import Netral
from support.story import NAME, NIP
from support.waiting import until_true

WIB = ZoneInfo("Asia/Jakarta")
PERSON = {
    "full_name": NAME,
    "employment": "EMPLOYMENT_PNS",
    "nip": NIP,
    "position": "Pengelola Data",
    "grade": "III/a",
    "unit": "Dinas Rekaan",
}


@pytest.fixture
def netral(tmp_path: Path, request: pytest.FixtureRequest):
    """The command for a running world, by law or with KASN as examiner."""
    run = Netral(tmp_path)
    (tmp_path / "person.json").write_text(json.dumps(PERSON))
    (tmp_path / "document.pdf").write_bytes(b"%PDF rekaan")
    made = run("keys", "init", "--examiner", request.param, "--json")
    assert made.code == 0, made.err
    up = run("up", "--detach", "--json")
    assert up.code == 0, up.err
    try:
        yield run
    finally:
        assert run("down").code == 0


def done(netral: Netral, words: str) -> Any:
    ran = netral(*words.split(), "--json")
    assert ran.code == 0, ran.err + ran.out
    return ran.json


def shows(netral: Netral, words: str, *what: str) -> None:
    """Wait until a command's answer has all of this."""

    def answers() -> bool:
        out = netral(*words.split(), "--json").out
        return all(each in out for each in what)

    until_true(answers)


def is_referred(netral: Netral, examiner: str) -> str:
    """A matter that has arrived at the examiner."""
    report = done(
        netral,
        "bawaslu report --number 002/LP/PL/Kab/62.02/XI/2023 --region 62.02 --event-date 2023-11-15 --known-date 2023-11-16"
        " --employer ppk-6202 --person person.json --description Foto",
    )
    m: str = report["matter"].rpartition("/")[2]
    done(
        netral,
        f"bawaslu study {m} --number 1/KAJIAN/2023 --date 2023-11-18 --conclusion other-law-violation --act 2022-DSB7"
        " --document document.pdf",
    )
    done(netral, f"bawaslu refer {m} --number 1/PP.00.02/2023 --date 2023-11-20 --evidence document.pdf")
    shows(netral, f"matter show {m} --as {examiner}", '"REFERRED"')
    return m


def test_a_new_installation_has_the_examiner_of_todays_law(tmp_path: Path):
    made = Netral(tmp_path).here("keys", "init", "--json")

    assert made.json["examiner"] == "law"
    assert development_world.examiner_of(Installation(tmp_path / ".netral")) == "bkn"


# In the soak: minutes of processes that start. The journeys of the succession have the same without the command line.
@pytest.mark.soak
@pytest.mark.parametrize("netral", ["kasn"], indirect=True)
def test_the_role_passes_in_a_world_that_runs_and_bkn_goes_on_with_case_and_block(netral: Netral):
    m = is_referred(netral, "kasn")
    done(netral, f"examiner accept {m} --register-number P-1")
    done(
        netral,
        f"examiner recommend {m} --to ppk-6202 --number R-1/KASN/11/2023 --date 2023-11-28 --due-date 2023-12-12"
        " --act 2022-DSB7 --sanction-class discipline-severe --reasons Terbukti",
    )
    shows(netral, f"overseer show {m} --as bkn", '"RECEIVED"')
    done(netral, f"overseer open {m} --as bkn")
    done(
        netral,
        f"overseer block {m} --as bkn --number 26/BLK --date 2023-12-20 --office KANREG-VIII --reason overdue",
    )
    shows(netral, f"matter show {m} --as ppk-6202", '"26/BLK"')

    assert netral("keys", "pass-role", "--to", "bkn").code == 1  # it runs
    assert netral("down").code == 0
    done(netral, "keys pass-role --to bkn")
    assert netral("up", "--detach", "--json").code == 0
    letter = f"--number 1/BA/KASN/9/2024 --date {datetime.now(WIB).date()}"
    assert done(netral, f"examiner transfer --as kasn --to bkn {letter}")["passed"] == 1

    shows(netral, "examiner handover --as kasn", '"HANDED_OVER"', '"took_over_outcome": "TAKEN_UP"')
    seen = done(netral, f"matter show {m} --as bkn")
    assert (seen["letter_number"], seen["block_number"], seen["predecessor"]) == (
        "R-1/KASN/11/2023",
        "26/BLK",
        "kasn",
    )
    shows(netral, f"overseer show {m} --as bkn", '"examiner": "bkn"')
    unblock = "--number 8/BKA --office KANREG-VIII --reason court-decision"
    done(netral, f"overseer unblock {m} --as bkn {unblock} --date {datetime.now(WIB).date()}")
    shows(netral, f"matter show {m} --as bkn", '"8/BKA"')
    shows(netral, f"matter show {m} --as ppk-6202", '"8/BKA"', '"examiner": "bkn"')
    done(netral, f"ppk open {m} --as ppk-6202")
    shows(netral, f"matter show {m} --as bkn", '"OPENED"')
    refused = netral(*f"examiner accept {m} --as kasn --register-number P-2 --json".split())
    assert (refused.code, refused.json["error"]["reason"]) == (1, "PASSED_TO_SUCCESSOR")
    assert "kasn.transfer" in netral("matter", "timeline", m).out
    assert "kasn.take_over" in netral("matter", "timeline", m).out
    assert netral("audit", "verify").code == 0


@pytest.mark.soak
@pytest.mark.parametrize("netral", ["law"], indirect=True)
def test_by_law_bkn_examines_and_kasn_only_hands_over(netral: Netral):
    m = is_referred(netral, "bkn")

    assert (
        done(netral, f"examiner accept {m} --register-number P-1")["matter"]
        == f"institutions/bkn/matters/{m}"
    )
    letter = "--number 1/BA/KASN/9/2024 --date 2024-09-04"
    assert done(netral, f"examiner transfer --as kasn --to bkn {letter}")["passed"] == 0
    assert done(netral, "examiner handover --as kasn") == {"matters": [], "left": 0}
    refused = netral(*f"examiner transfer --as bkn --to kasn {letter} --json".split())
    assert (refused.code, refused.json["error"]["reason"]) == (1, "NO_SUCCESSION")
