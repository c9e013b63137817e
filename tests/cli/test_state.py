"""Who is at which desk in a development world, and in which roles."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.state import State, make_world
from exchange import trust

NOW = datetime(2025, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(("examiner", "beside_the_authorities"), [("kasn", True), ("bkn", False)])
def test_those_who_oversee_are_parties_of_the_authorities_host_unless_they_examine(
    tmp_path: Path, examiner: str, beside_the_authorities: bool
) -> None:
    state = State(tmp_path / "world")
    make_world(state, examiner)
    parties, hosts = trust.load_parties(state.parties_file), state.hosts()

    assert hosts["kasn"] == [examiner]
    assert ("bkn" in hosts["ppk"]) == beside_the_authorities
    assert {"kemendagri", "prov-62"} <= set(hosts["ppk"])
    assert parties.holders("data_holder", NOW) == ["bkn"]
    assert parties.holders("warner", NOW) == ["kemendagri"]
    assert sorted(parties.parties) == sorted(party for served in hosts.values() for party in served)
