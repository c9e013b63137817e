"""The first line of a docstring names the thing or begins with a verb; it is no relative clause.

"What is written beside a leaf, so that it is found" makes a reader guess; "Search-index rows, written in the transaction of the
leaf" does not.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = (("services", "netral"), ("services", "buf"))
CLAUSE = re.compile(r"(What|Who|Whose|Whom|Whether|How|That|Which|Where|Why|Whoever|Whatever)\b")


def first_lines() -> Iterator[tuple[str, str]]:
    """Every docstring of modules, classes and functions: where it stands, and its first line."""
    for path in sorted([*(ROOT / "services").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]):
        name = path.relative_to(ROOT)
        if name.parts[:2] in GENERATED:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text:
                    yield f"{name}:{getattr(node, 'lineno', 1)}", text.splitlines()[0]


def test_no_docstring_begins_with_a_relative_clause() -> None:
    found = [f"{place} {line}" for place, line in first_lines() if CLAUSE.match(line)]

    assert not found, "\n".join(found)
