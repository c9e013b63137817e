"""Output of commands: texts that others wrote."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console

from cli.options import enum_of, text_of
from cli.output import facts_table, table_of
from netral.disclosure.v1 import events_pb2

HOSTILE = (
    "[red]Kepala[/red] [/] :smile: \x1b]0;owned\x07\x1b[2J\x9b31m\ryes\u202eoN\nsecond line\xa0and tab\tend"
)


def test_what_others_wrote_is_shown_letter_by_letter_and_does_not_steer_the_terminal() -> None:
    facts, listed = facts_table(), table_of("text")
    facts.add_row("text", HOSTILE)
    listed.add_row(HOSTILE)
    console = Console(width=200, force_terminal=True, color_system=None)
    with console.capture() as printed:
        console.print(facts)
        console.print(listed)

    shown = printed.get()
    assert (
        shown.count("[red]Kepala[/red] [/] :smile: \ufffd]0;owned\ufffd\ufffd[2J\ufffd31m\ufffdyes\ufffdoN")
        == 2
    )
    assert shown.count("second line\xa0and tab") == 2
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(shown.replace("\x1b[1m", "").replace("\x1b[0m", ""))


def test_a_terminal_that_lacks_a_letter_shows_another_one() -> None:
    program = "from cli.output import out; out.print('opened \u2192 decided')"
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}

    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)

    assert done.stdout == b"opened ? decided\n"


def test_a_word_that_a_contract_lacks_is_answered_with_those_that_it_has() -> None:
    with pytest.raises(typer.BadParameter, match=r"bogus is none of: [a-z]"):
        enum_of(events_pb2.RefusalReason, "REFUSAL_REASON", "bogus")


def test_a_file_of_prose_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    scanned = tmp_path / "scan.pdf"
    scanned.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(typer.BadParameter, match=r"scan\.pdf is not a text: save it"):
        text_of(f"@{scanned}")
