"""Golden files: what must stay as it is, written out and compared.

They are in `tests/contracts/golden/`. `make golden` writes them again, with the same code that compares: what then differs
in the commit is what changed on purpose, and DECISIONS says why.
"""

import difflib
import importlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[1] / "contracts" / "golden"
# Set by `make golden`.
UPDATE = "NETRAL_UPDATE_GOLDEN"
_SHOWN_LINES = 80


def compare(name: str, found: str, readable: Callable[[str], Iterable[str]] = str.splitlines) -> None:
    """Assert that a golden file says this, or write it if it is to be updated. `readable` gives the lines that a difference shows."""
    path = FOLDER / name
    if os.environ.get(UPDATE):
        path.write_text(found)
        return
    kept = path.read_text()
    if kept == found:
        return
    diff = list(
        difflib.unified_diff(
            list(readable(kept)), list(readable(found)), f"golden/{name}", "the code", n=1, lineterm=""
        )
    )
    more = len(diff) - _SHOWN_LINES
    shown = diff[:_SHOWN_LINES] + ([f"... and {more} lines more"] if more > 0 else [])
    raise AssertionError("\n".join([f"{name} differs; `make golden` if this is meant:", *shown]))


def host(name: str) -> ModuleType:
    """The start-up module of a host: what it serves, stores and migrates."""
    return importlib.import_module(f"{name}.__main__")


def record_facts() -> dict[str, list[str]]:
    """The facts that each record action carries, by message name; an empty name: none."""
    listed: dict[str, list[str]] = json.loads((FOLDER / "record_facts.json").read_text())
    return listed
