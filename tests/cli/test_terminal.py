"""A terminal beside the answers: a shell completes by code and by name, and what takes long says so, but never in a pipe."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.netral import Netral

Complete = Callable[[str], list[str]]


@pytest.fixture
def complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """The offers to a shell for the last word of a line."""

    def offered(line: str) -> list[str]:
        monkeypatch.setenv("_NETRAL_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        return Netral(tmp_path).here().out.split()

    return offered


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("netral catalogue reg", "regions"),
        ("netral matter ls --as ppk-620", "ppk-6201"),
        ("netral matter ls --as kotim", "ppk-6202"),
        ("netral examiner recommend 0199 --to kotim", "ppk-6202"),
        ("netral examiner recommend 0199 --act 2022-DSB", "2022-DSB1"),
        ("netral ppk decide 0199 --sanction PP94-8-4", "PP94-8-4-A"),
        ("netral monitor table foll", "follow-up"),
        ("netral law show summons-g", "summons-gap"),
        ("netral deadline explain follow", "follow-up"),
        ("netral monitor overdue -o x", "xlsx"),
    ],
)
def test_a_word_is_completed_by_code_or_by_name(complete: Complete, line: str, first: str):
    assert complete(line)[:1] == [first]


def test_a_desk_that_does_not_answer_completes_nothing_and_says_nothing(complete: Complete):
    assert complete("netral matter show 01") == []


def test_completion_can_be_installed_in_a_shell(tmp_path: Path):
    assert "--install-completion" in Netral(tmp_path).here("--help").out


PROGRAM = """
import time
from cli.terminal.progress import counted, working
for _ in counted(range(7), "figures"):
    time.sleep(0.25)
with working("making the pack"):
    time.sleep(0.2)
"""


def test_what_takes_over_a_second_says_so_on_a_terminal_and_nothing_in_a_pipe():
    words = [sys.executable, "-c", PROGRAM]
    piped = subprocess.run(words, capture_output=True, check=True)
    terminal, its_end = os.openpty()
    try:
        subprocess.run(words, stderr=its_end, env=os.environ | {"TERM": "xterm"}, check=True)
        os.set_blocking(terminal, False)
        shown = os.read(terminal, 100_000).decode(errors="replace")
    finally:
        os.close(its_end)
        os.close(terminal)

    assert piped.stdout == piped.stderr == b""
    assert "figures: " in shown and "making the pack" in shown
