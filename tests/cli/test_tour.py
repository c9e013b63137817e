"""The README's tour is pasted as it stands, into a folder in which the demo was played."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def tour() -> str:
    """The code block of the section `A tour`."""
    section = README.partition("## A tour")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[0]


def test_the_readme_has_at_most_8_kb_and_its_tour_at_most_ten_commands():
    assert len(README.encode()) <= 8 * 1024
    assert len(tour().splitlines()) <= 10


def test_the_tour_runs_as_it_stands(tmp_path: Path):
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "tour.sh").write_text(f"set -ex\n.venv/bin/netral demo >/dev/null\n{tour()}")

    try:
        ran = subprocess.run(
            ["bash", "tour.sh"], cwd=tmp_path, capture_output=True, text=True, timeout=380, check=False
        )
    finally:
        down = [".venv/bin/netral", "down", "--state", ".netral-demo"]
        subprocess.run(down, cwd=tmp_path, capture_output=True, timeout=60, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "examiner.recommended" in ran.stdout, "the timeline"
    assert "Nothing is lacking on either side." in ran.stdout
    assert "sound  pack.zip: made by kasn" in ran.stdout
