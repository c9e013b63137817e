"""Builds the one file `verify_standalone.py` out of the modules beside it; `make verifier`.

An auditor gets one file to read and to run, and we keep modules that can be read apart. The modules are put behind each other
in an order in which each needs only earlier ones; their imports are gathered at the top. Names are therefore unique across
modules, and a module takes names from another (`from verifier.x import name`), never the module itself.
"""

import ast
import sys
from collections import defaultdict
from pathlib import Path

FOLDER = Path(__file__).parent
BUILT = FOLDER / "verify_standalone.py"
MODULES = (
    "strict",
    "protobuf",
    "archive",
    "notes",
    "policy",
    "trust",
    "trees",
    "leaves",
    "manifests",
    "findings",
    "parts",
    "packs",
    "command",
)
_NOTICE = "# Built by `make verifier` out of the modules in services/verifier: change those, not this file.\n"
_END = '\n\nif __name__ == "__main__":\n    sys.exit(main())\n'


def build() -> str:
    """Give the text of the one file.

    Raises:
        ValueError: a module has a name that an earlier one has, or imports in a way that one file cannot.
    """
    plain: set[str] = set()
    taken: dict[str, set[str]] = defaultdict(set)
    bodies: list[str] = []
    names: dict[str, str] = {}
    heading = ""
    for module in MODULES:
        text = (FOLDER / f"{module}.py").read_text("utf-8")
        tree = ast.parse(text)
        heading = ast.get_docstring(tree, clean=False) or ""
        _gather_imports(tree, plain, taken)
        _check_names(module, tree, names)
        bodies.append(_section(module, heading) + _body(text, tree))
    parts = [
        "#!/usr/bin/env python3\n",
        _NOTICE,
        f'"""{heading}"""\n\n',
        _imports(plain, taken),
        *bodies,
        _END,
    ]
    return "".join(parts)


def _gather_imports(tree: ast.Module, plain: set[str], taken: dict[str, set[str]]) -> None:
    for node in tree.body:
        names = [each.name for each in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.Import | ast.ImportFrom) and any(each.asname for each in node.names):
            raise ValueError(f"an import with another name: {names}")
        if isinstance(node, ast.Import):
            plain.update(names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("verifier."):
            taken[node.module].update(names)


def _check_names(module: str, tree: ast.Module, names: dict[str, str]) -> None:
    for node in tree.body:
        match node:
            case (
                ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name))
            ):
                found = [name]
            case ast.Assign(targets=[target]):
                found = [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]
            case _:
                found = []
        for name in found:
            if names.setdefault(name, module) != module:
                raise ValueError(f"{module} and {names[name]} both have {name}")


def _section(module: str, docstring: str) -> str:
    return f"\n\n# --- {module} {'-' * (110 - len(module))}\n# {docstring.partition(chr(10))[0]}\n\n\n"


def _body(text: str, tree: ast.Module) -> str:
    """Give a module's text without its docstring and imports."""
    first = next(
        node
        for node in tree.body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    )
    start = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", ()))]) - 1
    lines = text.split("\n")
    while lines[start - 1].startswith("#"):
        start -= 1
    return "\n".join(lines[start:]).strip("\n") + "\n"


def _imports(plain: set[str], taken: dict[str, set[str]]) -> str:
    lines = [f"import {name}\n" for name in sorted(plain)]
    for module in sorted(taken, key=lambda name: (name.startswith("cryptography"), name)):
        line = f"from {module} import {', '.join(sorted(taken[module]))}\n"
        if module.startswith("cryptography") and not any("cryptography" in each for each in lines):
            lines.append("\n")
        lines.append(line)
    return "".join(lines)


def main() -> int:
    """Write the file, or with `check` only say whether it is up to date; gives the exit code."""
    text = build()
    if sys.argv[1:] == ["check"]:
        if not BUILT.exists() or BUILT.read_text("utf-8") != text:
            print(
                "services/verifier/verify_standalone.py is not what its modules give: run `make verifier`.",
                file=sys.stderr,
            )
            return 1
        return 0
    BUILT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
