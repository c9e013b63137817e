"""Templates of refusals, found in the code and written into the catalogue: `python -m refusals.extract` (`make catalogue`).

A template is the literal with which a refusal is raised. Words that are only known when the refusal is raised are
parameters; a text that another library or module gives is no template, and stays as it is.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from refusals.catalogue import INDONESIAN

# `look_up` of the agreement's data files refuses with the words it is given.
_PLACES = {
    "Refusal": 0,
    "ActWarning": 0,
    "ReasonNeeded": 0,
    "Malformed": 0,
    "NotFound": 0,
    "WrongState": 0,
    "NotAllowed": 0,
    "Conflict": 0,
    "Unavailable": 0,
    "Unknown": 0,
    "look_up": 2,
}
_GENERATED = {"netral", "buf"}


@dataclass(frozen=True)
class Raised:
    """A place in the code that refuses; `template` is None where the text is not a literal."""

    file: str
    line: int
    template: str | None


def raised(services: Path) -> Iterator[Raised]:
    """Every place that refuses, in the order of files and lines."""
    for path in sorted(services.rglob("*.py")):
        name = path.relative_to(services)
        if name.parts[0] not in _GENERATED:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (text := _text(node)) is not None:
                    literal = text.value if isinstance(text, ast.Constant) else None
                    yield Raised(name.as_posix(), node.lineno, literal if isinstance(literal, str) else None)


def _text(call: ast.Call) -> ast.expr | None:
    """The argument that is the text, if the call refuses."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name) if (
            name in _PLACES and len(call.args) > _PLACES[name]
        ):
            return call.args[_PLACES[name]]
    return None


def main(services: Path) -> None:
    """Write `refusals.pot` and `id.po` again; translations stay."""
    template = Catalog(project="netral", charset="utf-8")
    for each in raised(services):
        if each.template is not None:
            template.add(each.template)
    folder = services / "refusals"
    _write(folder / "refusals.pot", template)
    with (folder / f"{INDONESIAN}.po").open("rb") as file:
        translated = read_po(file, locale=INDONESIAN)
    translated.update(template, no_fuzzy_matching=True)
    translated.obsolete.clear()
    _write(folder / f"{INDONESIAN}.po", translated)


def _write(path: Path, catalog: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalog, width=110, sort_output=True, omit_header=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path("services"))
