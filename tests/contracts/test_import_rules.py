"""Each import rule of pyproject.toml catches what it forbids: a rule that never fails protects nothing."""

import os
import shutil
import subprocess
import sys
import tomllib
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
RULES: list[dict[str, Any]] = LINTER["contracts"]


@pytest.fixture
def services(tmp_path: Path) -> Path:
    """A copy of services/, to be broken. A room that a rule names and that is not built yet is there, empty."""
    copy = tmp_path / "services"
    shutil.copytree(ROOT / "services", copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module in [*LINTER["root_packages"], *(name for rule in RULES for name in _importers(rule))]:
        if _is_missing(copy, module):
            package = copy.joinpath(*module.split("."))
            package.mkdir(parents=True)
            (package / "__init__.py").touch()
    return copy


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_an_import_rule_fails_when_it_is_broken(rule: dict[str, Any], services: Path) -> None:
    broken = _all_that_it_forbids(rule, services)
    for importer, imported in broken:
        _add_import(services, importer, imported)

    done = _lint(services, rule["id"])

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{rule['name']} BROKEN" in done.stdout
    for importer, imported in broken:
        assert f"{importer} is not allowed to import {imported}:" in done.stdout


def test_the_import_rules_are_kept(services: Path) -> None:
    done = _lint(services)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} kept, 0 broken" in done.stdout


def test_import_rules_have_names_of_their_own() -> None:
    assert len({rule["id"] for rule in RULES}) == len(RULES)
    assert len({rule["name"] for rule in RULES}) == len(RULES)


def _importers(rule: dict[str, Any]) -> list[str]:
    return list(rule["modules"] if rule["type"] == "independence" else rule["source_modules"])


def _all_that_it_forbids(rule: dict[str, Any], services: Path) -> list[tuple[str, str]]:
    """Importer and imported, each pair that the rule speaks of."""
    if rule["type"] == "independence":
        return list(permutations(rule["modules"], 2))
    assert rule["type"] == "forbidden", f"teach this test to break a rule of type {rule['type']}"
    forbidden = [name for pattern in rule["forbidden_modules"] for name in _matching(pattern, services)]
    return [
        (importer, imported)
        for importer in rule["source_modules"]
        for imported in forbidden
        if not f"{imported}.".startswith(f"{importer}.")
    ]


def _matching(pattern: str, services: Path) -> list[str]:
    if not pattern.endswith(".*"):
        return [pattern]
    package = pattern.removesuffix(".*")
    rooms = (path for path in (services / package).iterdir() if path.stem.isidentifier())
    return sorted(
        f"{package}.{path.stem}"
        for path in rooms
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    )


def _is_missing(services: Path, module: str) -> bool:
    path = services.joinpath(*module.split("."))
    return not path.is_dir() and not path.with_suffix(".py").exists()


def _add_import(services: Path, importer: str, imported: str) -> None:
    path = services.joinpath(*importer.split("."))
    file = path / "breaks_a_rule.py" if path.is_dir() else path.with_suffix(".py")
    with file.open("a") as text:
        text.write(f"\nimport {imported}\n")


def _lint(services: Path, *rules: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"]
    for rule in rules:
        command += ["--contract", rule]
    return subprocess.run(
        command,
        cwd=services.parent,
        # COLUMNS: or the linter wraps the names of the rules.
        env={**os.environ, "PYTHONPATH": str(services), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
