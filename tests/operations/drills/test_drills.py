"""Harm to a world of real processes ends in refusal or repair, nothing acknowledged is lost, and there is evidence.

All twelve on both databases are `make soak T=tests/operations/drills`; `make test` plays a discovery and a repair.
"""

import importlib
import inspect
import json
from pathlib import Path

import pytest

from operations.drills.play import DRILLS, play
from operations.drills.world.killable_host import STEPS
from support.postgres import PostgresServer, TestRun

pytestmark = pytest.mark.slow

USUAL = {("dropped-case", "sqlite"), ("lying-peer", "postgresql")}
ALL = [
    pytest.param(name, kind, marks=() if (name, kind) in USUAL else pytest.mark.soak)
    for name in DRILLS
    for kind in ("sqlite", "postgresql")
]


@pytest.mark.parametrize(("name", "kind"), ALL)
async def test_a_drill_ends_as_it_must_and_leaves_its_evidence(
    name: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest
):
    template = ""
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue(
            "small_server" if name == "full-disk" else "postgres_server"
        )
        template = server.url("{name}")

    played = await play(DRILLS[name], tmp_path / "evidence", template)

    assert played["verdict"] == "held", played["reason"]
    kept = json.loads((tmp_path / "evidence" / f"{name}-{kind}.json").read_text())
    assert kept == played
    assert kept["evidence"]


@pytest.fixture
def small_server():
    """A server of its own with small WAL segments: the drill of the full disk lets it run out of room."""
    run = TestRun.make()
    held = run.hold()
    yield run.server(segment_mebibytes=1)
    run.let_go(held)


async def test_every_drill_says_what_is_done_and_how_it_must_end():
    assert len(DRILLS) == 12
    assert all(drill.what and drill.end for drill in DRILLS.values())


@pytest.mark.parametrize("step", STEPS)
def test_a_step_at_which_a_host_can_be_killed_is_a_function_of_the_host(step: str):
    module, _, inner = STEPS[step][0].partition(":")
    holder = importlib.import_module(module)

    assert inspect.iscoroutinefunction(getattr(getattr(holder, inner) if inner else holder, STEPS[step][1]))
