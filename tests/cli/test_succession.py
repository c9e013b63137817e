"""BKN as examiner is configuration: a world by the law of today, in which KASN can only hand over."""

import json
from pathlib import Path

import pytest

from support.netral import Netral
from support.story import NAME, NIP
from support.waiting import until_true

PERSON = {
    "full_name": NAME,
    "employment": "EMPLOYMENT_PNS",
    "nip": NIP,
    "position": "Pengelola Data",
    "grade": "III/a",
    "unit": "Dinas Rekaan",
}


@pytest.fixture
def netral(tmp_path: Path):
    """The command for a running world by law."""
    run = Netral(tmp_path)
    (tmp_path / "person.json").write_text(json.dumps(PERSON))
    (tmp_path / "document.pdf").write_bytes(b"%PDF rekaan")
    made = run("keys", "init", "--examiner", "law", "--json")
    assert made.code == 0, made.err
    up = run("up", "--detach", "--json")
    assert up.code == 0, up.err
    try:
        yield run
    finally:
        assert run("down").code == 0


@pytest.mark.timeout(400)  # a dozen processes, and keys for every institution, on a busy machine
def test_by_law_bkn_examines_and_kasn_only_hands_over(netral: Netral):
    def done(words: str):
        ran = netral(*words.split(), "--json")
        assert ran.code == 0, ran.err
        return ran.json

    report = done(
        "report --number 002/LP/PL/Kab/62.02/XI/2023 --region 62.02 --event-date 2023-11-15 --known-date 2023-11-16"
        " --employer ppk-6202 --person person.json --description Foto"
    )
    m = report["matter"].rpartition("/")[2]
    done(
        f"study {m} --number 1/KAJIAN/2023 --date 2023-11-18 --conclusion other-law-violation --act 2022-DSB7"
        " --document document.pdf"
    )
    done(f"refer {m} --number 1/PP.00.02/2023 --date 2023-11-20 --evidence document.pdf")
    until_true(lambda: '"REFERRED"' in netral("case", "show", m, "--as", "bkn", "--json").out)

    assert done(f"accept {m} --register-number P-1")["matter"] == f"institutions/bkn/matters/{m}"
    letter = "--number 1/BA/KASN/9/2024 --date 2024-09-04"
    assert done(f"examiner transfer --as kasn --to bkn {letter}")["passed"] == 0
    assert done("examiner handover --as kasn") == {"matters": [], "left": 0}
    refused = netral(*f"examiner transfer --as bkn --to kasn {letter} --json".split())
    assert (refused.code, refused.json["error"]["reason"]) == (1, "NO_SUCCESSION")
