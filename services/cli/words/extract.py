"""Texts of the command line, found in the code and written into the catalogue: `python -m cli.words.extract` (`make catalogue`).

A text is the literal that is said, a head of a table, the name of a fact, or what a help says. What a desk, a contract or the
agreement says is no text of the command.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from cli import groups
from cli.words import help_words
from cli.words.data import law_texts

_CATALOGUE = Path(__file__).with_name("id.po")
_SAY = {"said", "waiting", "working", "worded"}
_COUNTED = "counted"
_SAY_ALL = {"sayable", "table_of"}


def texts(cli: Path) -> Iterator[str]:
    """Every text of the command, and every one that the agreement words for it, in the order of files."""
    services = cli.parent
    worded = (
        services / "agreement",
        services / "cooperation" / "monitoring",
        services / "operations" / "local",
    )
    yield from law_texts()
    yield from help_words.texts_of(groups.whole_command())
    for path in sorted(path for folder in (cli, *worded) for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from (text for each in _said(node) if (text := _literal(each)))


def _said(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that are texts."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _SAY:
            return call.args[:1]
        case ast.Name(id=name) | ast.Attribute(attr=name) if name == _COUNTED:
            return call.args[1:]
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _SAY_ALL:
            return call.args
        case ast.Attribute(value=ast.Name(id="facts"), attr="add_row"):
            return call.args[:1]
    return []


def _literal(text: ast.expr) -> str:
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""


def main() -> None:
    """Write `id.po` again; translations stay."""
    template = Catalog(project="netral", charset="utf-8")
    for each in texts(_CATALOGUE.parents[1]):
        template.add(each)
    with _CATALOGUE.open("rb") as file:
        translated = read_po(file, locale="id")
    translated.update(template, no_fuzzy_matching=True)
    translated.obsolete.clear()
    with _CATALOGUE.open("wb") as file:
        write_po(file, translated, width=110, sort_output=True, omit_header=True)


if __name__ == "__main__":
    main()
