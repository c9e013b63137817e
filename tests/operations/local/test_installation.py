"""Who is at which desk in a development world, and in which roles."""

import fcntl
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange.statements import private_keys, trust
from operations.local.development_world import make_world, pass_role
from operations.local.installation import Installation
from refusals import NotAllowed

NOW = datetime(2025, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("examiner", "examiners"), [("kasn", ["bkn", "kasn"]), ("bkn", ["bkn"]), ("law", ["bkn", "kasn"])]
)
def test_bkn_has_all_its_roles_at_the_examiners_desk_and_others_oversee_beside_the_authorities(
    tmp_path: Path, examiner: str, examiners: list[str]
) -> None:
    state = Installation(tmp_path / "world")
    make_world(state, examiner)
    parties, hosts = trust.load_parties(state.parties_file), state.hosts()

    assert hosts["kasn"] == examiners
    assert "bkn" not in hosts["ppk"]
    assert {"kemendagri", "prov-62"} <= set(hosts["ppk"])
    assert parties.holders("data_holder", NOW) == ["bkn"]
    assert parties.holders("warner", NOW) == ["kemendagri", "kemenpanrb"]
    assert sorted(parties.parties) == sorted(party for served in hosts.values() for party in served)


def test_the_role_passes_by_a_new_version_of_the_parties_file_and_bkn_keeps_its_others(
    tmp_path: Path,
) -> None:
    state = Installation(tmp_path / "world")
    make_world(state)
    before = trust.load_parties(state.parties_file)

    assert pass_role(state, "bkn", NOW) == "kasn"

    after, later = trust.load_parties(state.parties_file), NOW + timedelta(seconds=1)
    assert after.serial == before.serial + 1
    assert after.holders("examiner", NOW - timedelta(seconds=1)) == ["kasn"]
    assert after.holders("examiner", later) == ["bkn"]
    assert after.holders("former_examiner", later) == ["kasn"]
    assert after.holders("data_holder", later) == ["bkn"]
    with pytest.raises(NotAllowed):
        pass_role(state, "kemenpanrb", later)


def test_supervisor_and_examiners_get_a_second_key_to_cosign_with_if_wanted(tmp_path: Path) -> None:
    state = Installation(tmp_path / "world")
    make_world(state, ml_dsa=True)

    parties = trust.load_parties(state.parties_file)
    assert {party.id for party in parties.parties.values() if party.cosigning} == {"bawaslu", "kasn", "bkn"}
    for host, party in (("bawaslu", "bawaslu"), ("kasn", "bkn")):
        private = private_keys.read_private_keys(state.keys(host), party).cosigning
        assert private is not None
        assert parties.parties[party].cosigning[0].raw == private.public_key().public_bytes_raw()


def test_what_a_killed_manager_left_written_does_not_make_a_strangers_process_the_installations(
    tmp_path: Path,
) -> None:
    state = Installation(tmp_path)
    state.run_file.write_text(json.dumps({"supervisor": os.getpid(), "addresses": {}}))
    (tmp_path / "lock").touch()

    assert state.running() is None
    with (tmp_path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert state.running() is not None
    state.run_file.write_text("{}")
    assert state.running() is None
