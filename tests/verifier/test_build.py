"""The one file for auditors: it is what its modules give, and needs nothing but `cryptography`."""

import ast
import sys

import pytest

from verifier import build


def test_the_committed_file_is_what_the_modules_give() -> None:
    assert build.BUILT.read_text("utf-8") == build.build(), "run `make verifier`"


def test_it_imports_the_standard_library_and_cryptography_only() -> None:
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(build.build()))
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_every_module_of_the_verifier_is_in_it() -> None:
    modules = {path.stem for path in build.FOLDER.glob("*.py")}

    assert modules == {*build.MODULES, "build", "verify_standalone", "__init__"}


def test_two_modules_with_one_name_are_refused() -> None:
    names: dict[str, str] = {}
    build._check_names("notes", ast.parse("def read(): ..."), names)

    with pytest.raises(ValueError, match="notes both have read"):
        build._check_names("trees", ast.parse("class read: ..."), names)
