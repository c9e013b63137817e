"""Every command says what it does in the same way: [ro] or [rw], an example, JSON on request. No help waits for what it does not need."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli import language
from cli.groups import GROUPS, whole_command
from cli.words import help_words
from support.commands import commands
from support.waiting import HANGS

ALL = dict(commands())
HELPS = ["", *GROUPS, *ALL]
# Imported by a desk, an auditor or a spreadsheet only; together they take a second.
HEAVY = {
    "agreement", "audit", "cooperation", "exchange", "host", "netral", "verifier",
    "alembic", "asyncio", "asyncpg", "cryptography", "google", "grpc", "jinja2", "nats", "openpyxl", "pydantic", "sqlalchemy", "sqlmodel",
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_a_command_says_whether_it_changes_something(name: str):
    assert ALL[name].help.startswith(("[ro]", "[rw]"))


@pytest.mark.parametrize("name", ALL)
def test_a_command_has_an_example_of_itself(name: str):
    usual = name.removeprefix("local ")
    assert f"Example: netral {usual if usual in ALL else name}" in ALL[name].help


@pytest.mark.parametrize("name", ALL)
def test_a_command_prints_json_on_request(name: str):
    assert any("--json" in option.opts for option in ALL[name].params)


@pytest.mark.parametrize("name", ALL)
def test_every_choice_of_a_writing_command_can_be_repeated_by_its_request_id(name: str):
    at_a_desk = any("--officer" in option.opts for option in ALL[name].params)
    writes = ALL[name].help.startswith("[rw]")

    repeatable = any("--request-id" in option.opts for option in ALL[name].params)
    assert repeatable == (at_a_desk and writes)


@pytest.mark.parametrize("name", HELPS)
def test_help_has_no_english_line_in_an_indonesian_session(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(language, "_chosen", ["id"])
    command = _command(name)
    context = command.make_context("netral", [], resilient_parsing=True)
    texts = {text for text in help_words.texts_of(command) if len(text.split()) > 3}
    english = {text for text in texts if language.said(text) != text}

    shown = " ".join(command.get_help(context).split())

    assert not [text for text in english if text in shown]
    assert not [word for word in ("[required]", "default:", "env var:", "Usage", "Options:") if word in shown]


def test_what_the_product_promises_is_there():
    promised = {"up", "down", "status", "demo", "keys init", "matter ls", "matter show", "matter timeline"}
    promised |= {"bawaslu report", "bawaslu refer", "examiner recommend", "ppk decide", "ppk follow-up"}
    promised |= {"audit search", "audit verify", "examiner verify-follow-up", "bawaslu intake register"}
    promised |= {"deadline calc", "deadline explain", "deadline calendar", "matter why-due"}
    promised |= {"matter escalation", "matter lateness", "matter silence"}
    promised |= {"examiner escalate", "examiner claim-silence", "ppk refute-silence"}
    promised |= {"exchange parked", "exchange retry", "exchange give-back", "exchange outbox"}
    promised |= {f"local {name}" for name in ("up", "down", "status", "demo", "season", "drill")}

    assert promised <= set(ALL)


def test_a_group_is_named_in_the_list_of_its_group_before_its_modules_are_imported():
    said = "import sys, cli.__main__ as netral; sys.argv = ['netral', '--help']\ntry: netral.main()\nfinally: print(*sys.modules)"
    printed = _run(said)

    assert all(
        f"  {name} " in printed and group.help in printed for name, group in GROUPS.items() if " " not in name
    )
    assert not {"cli.ppk", "cli.audit", "cli.matter"} & set(printed.split())


def test_no_help_imports_what_only_a_desk_an_auditor_or_a_spreadsheet_needs():
    """A process for each help would take minutes; the modules of one process are those of all its helps."""
    said = f"""
import contextlib, io, sys
from cli.__main__ import main
for words in {[name.split() for name in HELPS]}:
    sys.argv = ["netral", *words, "--help"]
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as shown:
        main()
    assert shown.getvalue().startswith(" ".join(["Usage: netral", *words])), words
print(*sorted({{name.partition(".")[0] for name in sys.modules}} & {HEAVY}))
"""
    assert _run(said) == ""


@pytest.mark.parametrize(
    "words", ["matter ls", "audit search", "audit verify", "deadline calc report-pemilu --start 2023-11-20"]
)
def test_a_command_runs_without_what_only_a_desk_or_a_spreadsheet_needs(words: str, tmp_path: Path):
    """Nothing runs there: most commands say so, after they imported what a call takes."""
    unneeded = {"alembic", "asyncpg", "nats", "openpyxl", "sqlalchemy", "sqlmodel"}
    said = f"""
import contextlib, sys
from cli.__main__ import main
sys.argv = ["netral", *{words.split()}]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(sys.stderr):
    main()
print(*sorted({unneeded} & sys.modules.keys()))
"""
    assert _run(said, tmp_path) == ""


def test_the_version_is_that_of_the_package():
    ran = subprocess.run(
        [sys.executable, "-m", "cli", "--version"], capture_output=True, text=True, check=True, timeout=HANGS
    )
    assert ran.stdout.startswith("netral 0.")


def _run(program: str, folder: Path | None = None) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=HANGS, cwd=folder
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def _command(name: str) -> Any:
    command = whole_command()
    for word in name.split():
        command = command.get_command(None, word)
    return command
