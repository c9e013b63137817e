"""The clock of a world runs, but where dates of years ago are played, or the environment says otherwise."""

from pathlib import Path

import pytest

from operations.local.installation import Installation
from operations.local.processes import NATS, ProcessManager


def the_clock(state: Installation) -> dict[str, str]:
    """The settings of a service's clock, as the manager of a world gives them."""
    manager = ProcessManager(state, addresses={NATS: "n", "kasn": "k"}, http={"kasn": "h"})
    return {
        name: value
        for name, value in manager.environment_of("kasn").items()
        if name.startswith("NETRAL_CLOCK")
    }


def test_the_clock_of_a_world_runs_unless_dates_of_years_ago_are_played_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = Installation(tmp_path)
    monkeypatch.delenv("NETRAL_CLOCK_SECONDS")

    settings = the_clock(state)
    assert float(settings["NETRAL_CLOCK_SECONDS"]) > 0
    mark = Path(settings["NETRAL_CLOCK_STANDS_FILE"])
    assert not mark.exists()

    state.stop_clock("a season")
    assert mark.read_text() == "a season\n"


def test_what_the_environment_says_of_the_clock_goes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Installation(tmp_path).stop_clock("a season")
    monkeypatch.setenv("NETRAL_CLOCK_SECONDS", "5")

    assert the_clock(Installation(tmp_path)) == {"NETRAL_CLOCK_SECONDS": "5"}
