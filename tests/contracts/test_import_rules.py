"""Each import rule of pyproject.toml catches what it forbids: a rule that never fails protects nothing."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
RULES: list[dict[str, Any]] = LINTER["contracts"]
GENERATED = {"netral", "buf"}


@pytest.fixture
def services(tmp_path: Path) -> Path:
    """A copy of services/, to be broken."""
    copy = tmp_path / "services"
    shutil.copytree(ROOT / "services", copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return copy


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_an_import_rule_fails_when_it_is_broken(rule: dict[str, Any], services: Path) -> None:
    broken = list(_all_that_it_forbids(rule, services))
    for importer, imported in broken:
        _add_import(services, importer, imported)

    done = _lint(services, rule["id"])

    assert broken
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{rule['name']} BROKEN" in done.stdout
    for said in _what_it_says(rule, broken):
        assert said in done.stdout


def test_the_import_rules_are_kept(services: Path) -> None:
    done = _lint(services)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} kept, 0 broken" in done.stdout


def test_import_rules_have_names_of_their_own() -> None:
    assert len({rule["id"] for rule in RULES}) == len(RULES)
    assert len({rule["name"] for rule in RULES}) == len(RULES)


def test_every_package_is_in_a_layer_or_is_the_verifier() -> None:
    layers = next(rule for rule in RULES if rule["type"] == "layers")["layers"]
    packages = {path.name for path in (ROOT / "services").iterdir() if (path / "__init__.py").exists()}

    assert {name for layer in layers for name in layer.split(" | ")} | {"verifier"} == packages - GENERATED
    assert set(LINTER["root_packages"]) == packages - GENERATED


def _all_that_it_forbids(rule: dict[str, Any], services: Path) -> Iterator[tuple[str, str]]:
    """Importer and imported, each pair that the rule speaks of."""
    if rule["type"] == "layers":
        layers = [layer.split(" | ") for layer in rule["layers"]]
        for place, layer in enumerate(layers):
            yield from permutations(layer, 2)
            yield from ((lower, upper) for lower in layer for above in layers[:place] for upper in above)
    elif rule["type"] == "independence":
        yield from permutations(_matching(rule["modules"], services), 2)
    elif rule["type"] == "acyclic_siblings":
        for ancestor in rule["ancestors"]:
            yield from permutations(_matching([f"{ancestor}.*"], services)[:2], 2)
    elif rule["type"] == "protected":
        protected = _matching(rule["protected_modules"], services)
        packages = ((module.split(".")[0], module) for module in protected)
        yield from (pair for pair in packages if pair[0] not in rule["allowed_importers"])
    else:
        assert rule["type"] == "forbidden", f"teach this test to break a rule of type {rule['type']}"
        for importer in _matching(rule["source_modules"], services):
            yield from ((importer, imported) for imported in rule["forbidden_modules"])


def _what_it_says(rule: dict[str, Any], broken: list[tuple[str, str]]) -> list[str]:
    if rule["type"] == "acyclic_siblings":
        return [f"No cycles are allowed in {ancestor}." for ancestor in rule["ancestors"]]
    if rule["type"] == "protected":
        return [f"- {importer} -> {imported} " for importer, imported in broken]
    return [f"{importer} is not allowed to import {imported}:" for importer, imported in broken]


def _matching(patterns: list[str], services: Path) -> list[str]:
    """The modules and packages that patterns name: `*` is one word of a name, `**` any number of them."""
    names = {_name(path, services) for path in services.rglob("*.py") if "migrations" not in path.parts}
    found = []
    for pattern in patterns:
        words = re.escape(pattern).replace(r"\*\*", ".+").replace(r"\*", "[^.]+")
        found += [name for name in names if re.fullmatch(words, name) and name.split(".")[0] not in GENERATED]
    return sorted(set(found))


def _name(path: Path, services: Path) -> str:
    words = path.relative_to(services).with_suffix("").parts
    return ".".join(words[:-1] if words[-1] == "__init__" else words)


def _add_import(services: Path, importer: str, imported: str) -> None:
    path = services.joinpath(*importer.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
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
