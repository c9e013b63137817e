"""Witnesses of each log by time, from the roles and keys of a parties file, and those from outside."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agreement.parties import institutions
from audit.formats import policy
from audit.formats.cosignature import Ed25519Verifier, MlDsaVerifier
from audit.witnessing.quorum import Part
from exchange import witness_config
from exchange.statements import private_keys, trust
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.trust import BadPartiesFile
from exchange.witness_config import BadWitnessesFile, WitnessAssignment, load_external_witnesses
from support.cosigners import ed25519, ml_dsa

SINCE = datetime(2014, 1, 1, tzinfo=UTC)
PASSED = datetime(2024, 9, 4, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
ROLES: dict[str, list[tuple[str, datetime, datetime | None]]] = {
    "bawaslu": [("supervisor", SINCE, None)],
    "kasn": [("examiner", SINCE, PASSED), ("former_examiner", PASSED, None)],
    "bkn": [("data_holder", SINCE, None), ("examiner", PASSED, None)],
    "ppk-6202": [("personnel_authority", SINCE, None)],
    "ppk-3204": [("personnel_authority", SINCE, None)],
    "kemendagri": [("warner", SINCE, None)],
}
KEYS = {party: private_keys.new_keys(cosigning=party in ("bawaslu", "bkn")) for party in ROLES}


def parties(keys: dict[str, PrivateKeys] = KEYS) -> dict[str, Any]:
    entries = [private_keys.party_entry(party, party, ROLES[party], keys[party], SINCE) for party in ROLES]
    return {"format": "netral-parties/1", "serial": 1, "issued": SINCE.isoformat(), "parties": entries}


WATCHING = WitnessAssignment(trust.read_parties(parties()), institutions.watch)


def cosigners(log: str, at: datetime = NOW) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in WATCHING.cosigners_of(log, at):
        found.setdefault(each.part, []).append(each.party)
    return found


def test_supervisor_and_examiner_watch_every_log_but_their_own() -> None:
    assert cosigners("ppk-6202") == {Part.PEER: ["bawaslu", "bkn"]}
    assert cosigners("kemendagri") == {Part.PEER: ["bawaslu", "bkn"]}
    assert cosigners("bawaslu") == {Part.PEER: ["bkn"]}


def test_the_authorities_watch_the_examiner_s_log() -> None:
    assert cosigners("bkn") == {Part.PEER: ["bawaslu"], Part.CROWD: ["ppk-3204", "ppk-6202"]}


def test_a_role_that_passed_on_takes_its_witness_with_it() -> None:
    before = PASSED - timedelta(seconds=1)

    assert cosigners("ppk-6202", before) == {Part.PEER: ["bawaslu", "kasn"]}
    assert cosigners("ppk-6202", PASSED) == {Part.PEER: ["bawaslu", "bkn"]}
    assert cosigners("kasn") == {Part.PEER: ["bawaslu", "bkn"], Part.CROWD: ["ppk-3204", "ppk-6202"]}


def test_nobody_watches_the_log_of_who_is_no_party() -> None:
    assert cosigners("nobody") == {}


@pytest.mark.parametrize(
    ("witness", "origin", "watches"),
    [
        ("bawaslu", "netral/ppk-6202", True),
        ("bkn", "netral/bawaslu", True),
        ("ppk-6202", "netral/bkn", True),
        ("ppk-6202", "netral/bawaslu", False),
        ("ppk-6202", "netral/ppk-3204", False),
        ("kasn", "netral/ppk-6202", False),
        ("kemendagri", "netral/bkn", False),
        ("bawaslu", "netral/bawaslu", False),
        ("bawaslu", "netral/nobody", False),
        ("nobody", "netral/bkn", False),
        ("bawaslu", "bkn", False),
        ("bawaslu", "netral/netral/bkn", False),
    ],
)
def test_a_witness_trusts_the_keys_of_the_logs_that_it_watches(
    witness: str, origin: str, watches: bool
) -> None:
    keys = WATCHING.trusted(witness, origin, NOW)

    assert bool(keys) == watches
    assert all(key.name == origin for key in keys)


def test_a_party_cosigns_with_its_signing_key_and_with_its_second_one_if_it_has_one() -> None:
    kinds = {
        party: [type(key.verifier) for key in witness_config.cosigning_keys(party, KEYS[party])]
        for party in ("bawaslu", "ppk-6202")
    }

    assert kinds == {"bawaslu": [Ed25519Verifier, MlDsaVerifier], "ppk-6202": [Ed25519Verifier]}
    for party in ROLES:
        known = WATCHING.parties.parties[party]
        private = [key.verifier.vkey for key in witness_config.cosigning_keys(party, KEYS[party])]
        assert private == [key.vkey for key in witness_config.witness_keys(known, NOW)]


def test_the_policy_of_a_log_is_that_of_its_time() -> None:
    def members(at: datetime) -> set[str]:
        return {each.name.partition("/")[0] for each in WATCHING.policy("ppk-6202", at).witnesses}

    assert members(NOW) == {"bawaslu", "bkn"}
    assert members(PASSED - timedelta(days=1)) == {"bawaslu", "kasn"}
    text = policy.print_policy(WATCHING.policy("bkn", NOW))
    assert policy.parse(text) == WATCHING.policy("bkn", NOW)


# The second key


def test_a_second_key_is_written_and_read_with_the_others(tmp_path: Path) -> None:
    private_keys.write_private_keys(tmp_path, "bawaslu", KEYS["bawaslu"])

    read = private_keys.read_private_keys(tmp_path, "bawaslu")

    assert read.cosigning is not None and KEYS["bawaslu"].cosigning is not None
    assert read.cosigning.private_bytes_raw() == KEYS["bawaslu"].cosigning.private_bytes_raw()
    assert read.keyid == KEYS["bawaslu"].keyid


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kind": "ml-dsa-65"}, "another kind"),
        ({"raw": "AAAA"}, "not an ML-DSA-44 key"),
        ({"raw": 5}, "not base64"),
        ({"since": "2014-01-01"}, "zone"),
        ({"extra": 1}, "members"),
    ],
)
def test_a_second_key_is_read_strictly(change: dict[str, Any], fault: str) -> None:
    document = parties()
    document["parties"][0]["cosigning"][0].update(change)

    with pytest.raises(BadPartiesFile, match=fault):
        trust.read_parties(document)


def test_a_second_key_belongs_to_one_party() -> None:
    document = parties()
    document["parties"][1]["cosigning"] = document["parties"][0]["cosigning"]

    with pytest.raises(BadPartiesFile, match="stands twice"):
        trust.read_parties(document)


# From outside

AUDITOR = [ed25519("auditor.example/w", 91).verifier.vkey, ml_dsa("auditor.example/w", 92).verifier.vkey]


def a_file(folder: Path, **change: Any) -> Path:
    entry = {"vkeys": AUDITOR, "url": "https://auditor.example/witness/", "needed": False, "logs": ["bkn"]}
    path = folder / "witnesses.json"
    path.write_text(json.dumps({"format": "netral-witnesses/1", "witnesses": [entry | change]}))
    return path


def test_a_guest_joins_with_keys_and_a_url(tmp_path: Path) -> None:
    watching = WitnessAssignment(
        WATCHING.parties, institutions.watch, load_external_witnesses(a_file(tmp_path, needed=True))
    )

    guest = watching.cosigners_of("bkn", NOW)[-1]

    assert (guest.name, guest.part, guest.url) == (
        "auditor.example/w",
        Part.GUEST,
        "https://auditor.example/witness",
    )
    assert guest.needed and len(guest.keys) == 2
    assert all(each.part is not Part.GUEST for each in watching.cosigners_of("bawaslu", NOW))
    assert "guests" in {group.name for group in watching.policy("bkn", NOW).groups}


def test_no_file_is_no_guest() -> None:
    assert load_external_witnesses(None) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"vkeys": []}, "vkeys and logs"),
        ({"vkeys": "x"}, "vkeys and logs"),
        ({"vkeys": ["x"]}, "witness 1: A verifier key"),
        ({"vkeys": [AUDITOR[0], ed25519("other", 93).verifier.vkey]}, "different names"),
        ({"logs": [1]}, "vkeys and logs"),
        ({"url": "ftp://auditor.example"}, "http or https"),
        ({"url": "https:///x"}, "http or https"),
        ({"url": None}, "http or https"),
        ({"needed": "yes"}, "true or false"),
        ({"more": 1}, "members"),
    ],
)
def test_a_file_of_guests_is_read_strictly(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadWitnessesFile, match=fault):
        load_external_witnesses(a_file(tmp_path, **change))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": "x", "witnesses": []}', '{"format": "netral-witnesses/1", "witnesses": 1}'],
)
def test_what_is_no_file_of_guests_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "witnesses.json"
    path.write_text(text)

    with pytest.raises(BadWitnessesFile, match=r"witnesses\.json"):
        load_external_witnesses(path)
    with pytest.raises(BadWitnessesFile):
        load_external_witnesses(tmp_path / "absent.json")
