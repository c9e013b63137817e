"""One language a session: every text of the command stands in the catalogue, and an answer has no sentence of the other language."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from cli.words import extract

CLI = Path(extract.__file__).parents[1]
# Texts that are printed, and are not said yet: what operators of a machine start. The list may only grow shorter.
ENGLISH_ONLY = {"local/backup.py", "local/demo.py", "local/drill.py", "local/up.py"}
PRINTS = {"out.print", "err.print", "typer.confirm", "typer.BadParameter", "_line", "_fail"}


@cache
def texts() -> frozenset[str]:
    return frozenset(extract.texts(CLI))


@cache
def indonesian() -> dict[str, str]:
    with (CLI / "words" / "id.po").open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file, locale="id") if each.id}


def places(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)[^}]*}", text))


def test_every_text_stands_in_the_catalogue_and_nothing_else_does():
    assert set(indonesian()) == texts(), "run `make catalogue`"


def test_every_text_has_an_indonesian_one_with_no_other_places():
    assert not [text for text, said in indonesian().items() if not said]
    assert not [text for text, said in indonesian().items() if not places(said) <= places(text)]


def printed(path: Path) -> Iterator[str]:
    """The literals with words in them that a module prints as they are."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in PRINTS and node.args:
            text = node.args[0]
            parts = text.values if isinstance(text, ast.JoinedStr) else [text]
            plain = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            if re.search(r"[A-Za-z]{3,}", re.sub(r"\[/?\w+\]", "", plain)):
                yield f"{path.name}:{node.lineno}: {plain}"


@pytest.mark.parametrize("path", sorted(CLI.rglob("*.py")), ids=lambda path: path.relative_to(CLI).as_posix())
def test_what_is_printed_is_said_in_the_language_of_the_session(path: Path):
    if path.relative_to(CLI).as_posix() not in ENGLISH_ONLY:
        assert not list(printed(path))
