"""Output of commands: texts that others wrote."""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def test_a_terminal_that_lacks_a_sign_shows_a_similar_one() -> None:
    program = "from cli.output import out; out.print('opened \u2192 decided \u4e00')"
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}

    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)

    assert done.stdout == b"opened -> decided ?\n"


def test_a_word_that_a_contract_lacks_is_answered_with_those_that_it_has() -> None:
    with pytest.raises(typer.BadParameter, match=r"bogus is none of: [a-z]"):
        enum_of(events_pb2.RefusalReason, "REFUSAL_REASON", "bogus")


def test_a_file_of_prose_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    scanned = tmp_path / "scan.pdf"
    scanned.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(typer.BadParameter, match=r"scan\.pdf is not a text: save it"):
        text_of(f"@{scanned}")


def run(*words: str, environment: Mapping[str, str] | None = None, output: int = subprocess.PIPE) -> Any:
    """A command as its user runs it, with an output of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *words],
        env={**os.environ, **(environment or {})},
        stdout=output,
        stderr=subprocess.PIPE,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["cp1252", "ascii:strict"])
def test_json_loses_no_letter_where_the_output_lacks_it(encoding: str) -> None:
    words = ("bawaslu", "intake", "mapping", "--json")
    told, whole = (
        run(*words, environment={"PYTHONIOENCODING": each, "NO_COLOR": "1"}) for each in (encoding, "utf-8")
    )

    assert (told.returncode, told.stderr) == (0, b"")
    assert json.loads(told.stdout.decode("ascii")) == json.loads(whole.stdout)


@pytest.mark.parametrize("words", ["law ls", "bawaslu intake mapping", "catalogue regions --json", "--help"])
def test_an_output_that_is_full_is_said_in_one_sentence(words: str) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = run(*words.split(), output=full.fileno())

    assert ran.returncode == 1
    assert ran.stderr == b"the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("words", ["catalogue regions", "catalogue regions --json", "--help"])
def test_who_stops_reading_gets_no_traceback(words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as broken:
        ran = run(*words.split(), output=broken.fileno())

    assert (ran.returncode, ran.stderr) == (1, b"")


def test_a_closed_output_is_no_fault() -> None:
    shell = f"exec {shlex.quote(sys.executable)} -m cli law ls >&-"
    ran = subprocess.run(["sh", "-c", shell], capture_output=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_terminal_without_colours_of_80_columns_with_letters_of_windows_shows_tables() -> None:
    ran = run(
        *("catalogue", "acts"),
        environment={"PYTHONIOENCODING": "cp1252", "NO_COLOR": "1", "COLUMNS": "80", "TERM": "dumb"},
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"\x1b" not in ran.stdout and "Mengadakan kegiatan" in ran.stdout.decode("cp1252")


def test_a_standard_input_that_is_no_text_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\udcff\udcfe"))

    with pytest.raises(typer.BadParameter, match="not a text"):
        text_of("-")
