"""The demo does what the README says, and leaves nothing running; the README's tour is pasted as it stands."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import terminal
from support.netral import Netral, Ran
from support.waiting import HANGS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
# The beginning of an id at the end of a line, or before a sign that something was left out.
CUT_IN_AN_ID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){0,3}[0-9a-f]{0,11}(?:…|\.\.\.|$)", re.MULTILINE)


def tour() -> str:
    """The code block of the README's section `A tour`."""
    section = README.partition("## A tour")[2].partition("\n## ")[0]
    block: str = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[0]
    return block


def plays_and_catches(ran: Ran) -> None:
    """Both cases, all logs, and the changed byte, however much is shown of them."""
    assert ran.code == 0, ran.err
    assert len(set(re.findall(r"process (\d+)", ran.out))) == 4
    assert ran.out.count("Bawaslu sees the outcome: COMPLETED, verification CONFORMS.") == 2
    # Both cases: three desks, the wrong authority and its governor, and four who oversee.
    assert "9 logs" in ran.out
    assert "0 findings." in ran.out
    assert "follow-up-rate" in ran.out and "2/2" in ran.out
    assert "R-4027/KASN/11/2023 to ppk-6202: due 2023-12-18" in ran.out
    timeline = re.search(r"netral matter timeline (\S+)", ran.out)
    assert timeline is not None
    assert f"Caught: the verification names matter {timeline[1]}." in ran.out


def test_the_demo_tells_two_cases_and_a_changed_byte_in_sixty_lines_and_the_tour_goes_on_from_there(
    tmp_path: Path,
):
    netral = Netral(tmp_path)
    ran = netral("demo", timeout=HANGS)

    plays_and_catches(ran)
    assert ran.out.count("\n") <= 60
    assert len(re.findall(r"signed kasn [0-9a-f]{8}, receipt ", ran.out)) == 7
    assert "told 2/2, opened 1/2, acted 1/2" in ran.out
    assert "BKN goes on: ACKNOWLEDGED; receipts: TAKEN_UP by BKN, TAKEN_UP by KASN." in ran.out
    assert netral("status", "--state", ".netral-demo").code == 1
    assert not (tmp_path / ".netral-demo" / "run.json").exists()

    lines = tour().splitlines(keepends=True)
    (up,), (down,) = ([line for line in lines if f"netral {word}" in line] for word in ("up", "down"))
    with cloned(tmp_path, ".netral-demo"):
        wide = terminal.paste("".join(line for line in lines if line != down), tmp_path)
        windows = terminal.paste("".join(line for line in lines if line != up), tmp_path, "cp1252")

    for pasted in (wide, windows):
        assert pasted.code == 0, pasted.shown[-2000:]
        assert "Traceback" not in pasted.shown
        assert "examiner.recommended" in pasted.shown, "the timeline"
        assert "Nothing is lacking on either side." in pasted.shown
        assert "sound  pack.zip: made by kasn" in pasted.shown
        assert not CUT_IN_AN_ID.findall(pasted.shown)


@contextmanager
def cloned(folder: Path, state: str) -> Iterator[None]:
    """A folder that has the commands of a clone; what runs in it at the end is stopped."""
    (folder / ".venv").symlink_to(ROOT / ".venv")
    try:
        yield
    finally:
        Netral(folder)("down", "--state", state)


def test_the_first_steps_of_an_installation_with_bkn_run_as_they_stand_in_its_page(tmp_path: Path):
    page = (ROOT / "deploy" / "README.md").read_text().partition("## First steps by today's law")[2]
    block: str = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0]

    with cloned(tmp_path, ".netral-bkn"):
        pasted = terminal.paste(block, tmp_path)

    assert pasted.code == 0, pasted.shown[-2000:]
    assert "examiner law" in pasted.shown
    assert "0 findings." in pasted.shown


def test_the_readme_has_at_most_8_kb_and_its_tour_at_most_ten_commands():
    assert len(README.encode()) <= 8 * 1024
    assert len(tour().splitlines()) <= 10


# In the soak: it is the demo once more. Timelines, figures and coverage are printed by commands that other tests run.
@pytest.mark.soak
def test_the_demo_shows_every_receipt_to_those_who_ask(tmp_path: Path):
    ran = Netral(tmp_path)("demo", "--verbose", timeout=HANGS)

    plays_and_catches(ran)
    assert re.search(r"all +2/2 +1/2 +1/2", ran.out), "told, opened, acted"
    assert "skipped Sat 2023-12-02: Sabtu" in ran.out
    assert ran.out.count("(tembusan)") > 10


def test_the_demo_refuses_a_folder_that_it_did_not_make(tmp_path: Path):
    kept = tmp_path / "mine" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("mine")

    ran = Netral(tmp_path)("demo", "--state", "mine")

    assert ran.code == 2
    assert "not a demo's folder" in ran.err
    assert kept.read_text() == "mine"
