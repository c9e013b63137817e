"""One language a session: every text of the command stands in the catalogue, and an answer has no sentence of the other language."""

import ast
import csv
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from cli.words import extract
from support.netral import Netral

CLI = Path(extract.__file__).parents[1]
# Texts that are printed, and are not said yet: what operators of a machine start. The list may only grow shorter.
ENGLISH_ONLY = {"local/demo.py", "local/drill.py"}
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


ENGLISH = re.compile(
    r"\b(the|of|and|is|not|with|by|for|that|was|were|from|which|has|have|been|are|this|until|since|before|after|where)\b"
)
INDONESIAN = re.compile(
    r"\b(yang|dan|dari|tidak|untuk|dengan|pada|oleh|belum|sudah|atau|kepada|menurut|adalah|sejak|sampai)\b"
)
# Sources are quoted as they are cited, in English; the law's own words, and names, are Indonesian in both.
CITED = {"sumber", "source", "pasal", "clause"}
WORDS_OF_THE_LAW = {"act", "sanction", "requirement", "text", "title", "name"}
QUOTED = (
    "sumber: ",
    "source: ",
    "teks: ",
    "text: ",
    "clause: ",
    "pasal: ",
    "ikrar-",
    "penetapan calon ",
    "1. ",
    "2. ",
    "3. ",
    "4. ",
    "5. ",
)
ANSWERED = [
    "catalogue acts media",
    "catalogue sanctions",
    "catalogue institutions bpn",
    "catalogue acts zzz",
    "deadline calc follow-up --start 2023-11-28",
    "deadline explain follow-up --start 2023-11-28",
    "deadline explain decision-delivery --start 2023-04-10 --before skb-2023",
    "deadline explain summons-gap --start 2023-04-10",
    "deadline calendar 2023",
    "deadline calendar 2023 --list",
    "deadline rules",
    "deadline explain nothing --start 2023-11-28",
    "election ls",
    "election show PILKADA-ULANG-2025",
    "election show PSU-2025",
    "election of --region 62.02 --date 2023-11-15",
    "office ls --of bkn",
    "office derive ppk-6202",
    "office number 02/Reg/LP/PB/Kab/16.12/X/2020",
    "law ls",
    "law show summons-gap",
    "law show pp-94-2021",
    "law show remedy-1",
    "bawaslu intake checklist --election pilkada",
    "pledge text",
    "monitor table happiness",
    "matter ls --as kasn",
    "matter ls --as nobody-at-all",
    "keys pass-role",
]


def told(netral: Netral, words: str, language: str) -> Iterator[str]:
    """The words of a command in a language, cell by cell and line by line, without what it quotes."""
    ran = netral.here(
        *words.split(), *(() if words.startswith("keys") else ("-o", "csv")), "--lang", language
    )
    rows = list(csv.reader(io.StringIO(ran.out))) or [[]]
    quoted = CITED | (WORDS_OF_THE_LAW if language == "en" and len(rows[0]) > 1 else set())
    for row in rows:
        yield from (cell for head, cell in zip(rows[0], row, strict=False) if head not in quoted)
    yield from ran.err.splitlines()


@pytest.mark.parametrize(("language", "other"), [("id", ENGLISH), ("en", INDONESIAN)])
@pytest.mark.parametrize("words", ANSWERED)
def test_an_answer_has_no_sentence_of_the_other_language(
    words: str, language: str, other: re.Pattern[str], tmp_path: Path
):
    lines = [line for line in told(Netral(tmp_path), words, language) if not line.strip().startswith(QUOTED)]

    assert lines
    assert not [line for line in lines if len(set(other.findall(line))) > 1]
