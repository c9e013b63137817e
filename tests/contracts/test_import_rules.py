"""Each import rule of pyproject.toml catches what it forbids: a rule that never fails protects nothing.

The linter reads services/ once; each rule is then asked about a copy of what it read, with the forbidden imports added. That an
import in a file is read, and that the command then fails, one rule shows for all.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import Contract
from importlinter.api import read_configuration
from importlinter.application import output
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "services"
LINTER = read_configuration(str(ROOT / "pyproject.toml"))
RULES: list[dict[str, Any]] = LINTER["contracts_options"]
PACKAGES: list[str] = LINTER["session_options"]["root_packages"]
TYPES: dict[str, type[Contract]] = {
    "layers": LayersContract,
    "acyclic_siblings": AcyclicSiblingsContract,
    "independence": IndependenceContract,
    "forbidden": ForbiddenContract,
    "protected": ProtectedContract,
}
GENERATED = {"netral", "buf"}


@cache
def imports() -> grimp.ImportGraph:
    """Every import of services/, as the linter reads them."""
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def contract_of(rule: dict[str, Any]) -> Contract:
    return TYPES[rule["type"]](rule["name"], LINTER["session_options"], rule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_an_import_rule_fails_when_it_is_broken(
    rule: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.console, "width", 200)  # or the linter wraps the names of modules
    broken, graph, contract = list(_all_that_it_forbids(rule)), deepcopy(imports()), contract_of(rule)
    for importer, imported in broken:
        graph.add_import(importer=importer, imported=imported, line_number=1, line_contents="added")

    check = contract.check(graph, verbose=False)

    assert broken
    assert not check.kept
    contract.render_broken_contract(check)
    found = capsys.readouterr().out
    for said in _what_it_says(rule, broken):
        assert said in found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_an_import_rule_is_kept(rule: dict[str, Any]) -> None:
    assert contract_of(rule).check(deepcopy(imports()), verbose=False).kept


def test_the_command_reads_the_import_that_a_file_was_given_and_fails(tmp_path: Path) -> None:
    rule = next(rule for rule in RULES if rule["id"] == "rooms-apart")
    services = tmp_path / "services"
    shutil.copytree(SERVICES, services, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (services / "cooperation/erasure/__init__.py").open("a") as file:
        file.write("\nimport cooperation.oversight\n")

    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo", "--contract", rule["id"]],
        cwd=tmp_path,
        # COLUMNS: or the linter wraps the names of the rules.
        env={**os.environ, "PYTHONPATH": str(services), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{rule['name']} BROKEN" in done.stdout
    assert "cooperation.erasure is not allowed to import cooperation.oversight:" in done.stdout


def test_import_rules_have_names_of_their_own() -> None:
    assert len({rule["id"] for rule in RULES}) == len(RULES)
    assert len({rule["name"] for rule in RULES}) == len(RULES)


def test_every_package_is_in_a_layer_or_is_the_verifier() -> None:
    layers = next(rule for rule in RULES if rule["type"] == "layers")["layers"]
    packages = {path.name for path in SERVICES.iterdir() if (path / "__init__.py").exists()}

    assert {name for layer in layers for name in layer.split(" | ")} | {"verifier"} == packages - GENERATED
    assert set(PACKAGES) == packages - GENERATED


def _all_that_it_forbids(rule: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Importer and imported, each pair that the rule speaks of."""
    if rule["type"] == "layers":
        layers = [layer.split(" | ") for layer in rule["layers"]]
        for place, layer in enumerate(layers):
            yield from permutations(layer, 2)
            yield from ((lower, upper) for lower in layer for above in layers[:place] for upper in above)
    elif rule["type"] == "independence":
        yield from permutations(_matching(rule["modules"]), 2)
    elif rule["type"] == "acyclic_siblings":
        for ancestor in rule["ancestors"]:
            yield from permutations(_matching([f"{ancestor}.*"])[:2], 2)
    elif rule["type"] == "protected":
        protected = _matching(rule["protected_modules"])
        packages = ((module.split(".")[0], module) for module in protected)
        yield from (pair for pair in packages if pair[0] not in rule["allowed_importers"])
    else:
        assert rule["type"] == "forbidden", f"teach this test to break a rule of type {rule['type']}"
        for importer in _matching(rule["source_modules"]):
            yield from ((importer, imported) for imported in rule["forbidden_modules"])


def _what_it_says(rule: dict[str, Any], broken: list[tuple[str, str]]) -> list[str]:
    if rule["type"] == "acyclic_siblings":
        return [f"No cycles are allowed in {ancestor}." for ancestor in rule["ancestors"]]
    if rule["type"] == "protected":
        return [f"- {importer} -> {imported} " for importer, imported in broken]
    return [f"{importer} is not allowed to import {imported}:" for importer, imported in broken]


def _matching(patterns: list[str]) -> list[str]:
    """The modules and packages that patterns name: `*` is one word of a name, `**` any number of them."""
    names = {_name(path) for path in SERVICES.rglob("*.py") if "migrations" not in path.parts}
    found = []
    for pattern in patterns:
        words = re.escape(pattern).replace(r"\*\*", ".+").replace(r"\*", "[^.]+")
        found += [name for name in names if re.fullmatch(words, name) and name.split(".")[0] not in GENERATED]
    return sorted(set(found))


def _name(path: Path) -> str:
    words = path.relative_to(SERVICES).with_suffix("").parts
    return ".".join(words[:-1] if words[-1] == "__init__" else words)
