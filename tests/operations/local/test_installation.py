"""Development worlds: who is at which desk and in which roles, and that none is left half made."""

import fcntl
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.statements import private_keys, trust
from operations.local import development_world
from operations.local.development_world import CannotMake, make_world, pass_role
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


def test_auditors_are_parties_where_they_are_asked_for_and_hold_their_role_only(tmp_path: Path) -> None:
    state = Installation(tmp_path / "world")
    make_world(state, authorities=FEW, auditors=("bpk", "insp-ppk-6202"))

    assert set(state.hosts()["ppk"]) >= {"bpk", "insp-ppk-6202"}
    assert trust.load_parties(state.parties_file).holders("auditor", NOW) == ["bpk", "insp-ppk-6202"]
    assert not [party for party in ("bkn", "ppk-6202", "insp-bkn") if development_world.is_auditor(party)]


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


FEW = ("ppk-6202",)


def test_a_world_whose_making_was_interrupted_leaves_nothing_and_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = Installation(tmp_path / "world")

    def interrupted(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(development_world, "_secret", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make_world(state, authorities=FEW)

    assert list(tmp_path.iterdir()) == []
    make_world(state, authorities=FEW)
    assert state.exists


def test_of_two_who_make_a_world_at_once_both_go_on_with_the_one_that_was_whole_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, fill = Installation(tmp_path / "world"), development_world._fill

    def overtaken(*given: Any) -> None:
        monkeypatch.setattr(development_world, "_fill", fill)
        make_world(state, authorities=FEW)
        fill(*given)

    monkeypatch.setattr(development_world, "_fill", overtaken)
    make_world(state, authorities=FEW)

    parties = trust.load_parties(state.parties_file)
    key = private_keys.read_private_keys(state.keys("ppk"), "ppk-6202")
    assert parties.signer(key.keyid) is not None
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.docx").touch()

    with pytest.raises(CannotMake, match="it is no installation, and not empty"):
        make_world(Installation(tmp_path), authorities=FEW)

    assert [path.name for path in tmp_path.iterdir()] == ["letter.docx"]


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
