"""Each benchmark runs to its end, with so little that its figures mean nothing: what nobody runs, nobody sees break."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SMALL = (
    ("run", "--rounds", "1", "--count", "100", "--small"),
    ("pledges", "2000"),
    ("monitoring", "500"),
    ("trail", "3000"),
    ("queries", "3000", "--databases", "sqlite", "--questions", "30"),
    ("witness", "--requests", "20", "--logs", "20"),
    ("idle", "--seconds", "3", "--rest", "1"),
)


@pytest.mark.soak
@pytest.mark.parametrize("words", SMALL, ids=lambda words: words[0])
def test_a_benchmark_runs_to_its_end(words: tuple[str, ...], tmp_path: Path) -> None:
    name, *rest = words
    environment = os.environ | {"PYTHONPATH": str(TESTS), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", f"bench.{name}", *rest]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0 and done.stdout, done.stderr[-3000:]
