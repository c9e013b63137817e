"""Every command says what it does in the same way: [ro] or [rw], an example, JSON on request."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer.main

from cli.__main__ import app


def commands(group: object = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Each command with its full name."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL = dict(commands())


@pytest.mark.parametrize("name", ALL)
def test_a_command_says_whether_it_changes_something(name: str):
    assert ALL[name].help.startswith(("\\[ro]", "\\[rw]"))


@pytest.mark.parametrize("name", ALL)
def test_a_command_has_an_example_of_itself(name: str):
    assert f"Example: netral {name}" in ALL[name].help


@pytest.mark.parametrize("name", ALL)
def test_a_command_prints_json_on_request(name: str):
    assert any("--json" in option.opts for option in ALL[name].params)


@pytest.mark.parametrize("name", ALL)
def test_every_choice_of_a_writing_command_can_be_repeated_by_its_request_id(name: str):
    at_a_desk = any("--officer" in option.opts for option in ALL[name].params)
    writes = ALL[name].help.startswith("\\[rw]")

    repeatable = any("--request-id" in option.opts for option in ALL[name].params)
    assert repeatable == (at_a_desk and writes)


def test_what_the_product_promises_is_there():
    promised = {"up", "down", "status", "demo", "keys init", "case ls", "case show", "case timeline"}
    promised |= {"report", "refer", "recommend", "decide", "follow-up", "audit search", "audit verify"}
    promised |= {"deadline calc", "deadline explain", "deadline calendar", "case why-due"}
    promised |= {"ladder", "escalate", "claim-silence", "refute-silence", "notice"}
    promised |= {"exchange parked", "exchange retry", "exchange return", "exchange outbox"}

    assert promised <= set(ALL)


def test_a_command_starts_without_what_only_a_desk_or_a_spreadsheet_needs():
    """Half of a command's time was imports: a database is the desk's, and few commands open a spreadsheet."""
    unneeded = {"sqlalchemy", "sqlmodel", "alembic", "asyncpg", "openpyxl"}
    said = f"import sys, cli.__main__; print({unneeded} & sys.modules.keys())"
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "set()"
