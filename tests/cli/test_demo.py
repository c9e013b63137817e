"""The demo does what the README says, and leaves nothing running."""

import re
from pathlib import Path

import pytest

from support.netral import Netral

pytestmark = pytest.mark.slow


def test_the_demo_plays_two_cases_verifies_all_logs_and_catches_a_changed_byte(tmp_path: Path):
    netral = Netral(tmp_path)
    ran = netral("demo")

    assert ran.code == 0, ran.err
    assert len(set(re.findall(r"process (\d+)", ran.out))) == 4
    assert ran.out.count("Bawaslu sees the outcome: COMPLETED, verification CONFORMS.") == 2
    # Both cases: three desks, the wrong authority and its governor, and four who oversee.
    assert "9 logs" in ran.out
    assert "0 findings." in ran.out
    assert re.search(r"all +2/2 +1/2 +1/2", ran.out), "told, opened, acted"
    assert "follow-up-rate" in ran.out and "2/2" in ran.out
    assert "R-4027/KASN/11/2023 to ppk-6202: due 2023-12-18" in ran.out
    assert "skipped Sat 2023-12-02: Sabtu" in ran.out
    timeline = re.search(r"netral case timeline (\S+)", ran.out)
    assert timeline is not None
    assert f"Caught: the verification names matter {timeline[1]}." in ran.out
    assert netral("status", "--state", ".netral-demo").code == 1
    assert not any((tmp_path / ".netral-demo" / name).exists() for name in ("run.json",))


def test_the_demo_refuses_a_folder_that_it_did_not_make(tmp_path: Path):
    kept = tmp_path / "mine" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("mine")

    ran = Netral(tmp_path)("demo", "--state", "mine")

    assert ran.code == 2
    assert "not a demo's folder" in ran.err
    assert kept.read_text() == "mine"
