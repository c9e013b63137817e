"""The parties file is read strictly: what cannot be trusted stops the host."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from exchange.statements import private_keys, trust
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.trust import BadPartiesFile

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
LATER = datetime(2025, 6, 1, tzinfo=UTC)


def a_document(**keys: PrivateKeys) -> dict[str, Any]:
    keys = keys or {"anna": private_keys.new_keys(), "budi": private_keys.new_keys()}
    entries = [
        private_keys.party_entry(id, id, [("teller", SINCE, LATER)], own, SINCE) for id, own in keys.items()
    ]
    return {"format": "netral-parties/1", "serial": 3, "issued": SINCE.isoformat(), "parties": entries}


def test_a_parties_file_is_read(tmp_path: Path) -> None:
    anna = private_keys.new_keys()
    (tmp_path / "parties.json").write_text(json.dumps(a_document(anna=anna, budi=private_keys.new_keys())))

    parties = trust.load_parties(tmp_path / "parties.json")

    assert parties.serial == 3
    assert set(parties.parties) == {"anna", "budi"}
    signer = parties.signer(anna.keyid)
    assert signer is not None and signer[0].id == "anna"
    assert parties.holders("teller", SINCE) == ["anna", "budi"]


def test_a_role_is_held_from_its_first_instant_until_before_its_last() -> None:
    party = trust.read_parties(a_document()).parties["anna"]

    assert party.holds("teller", SINCE)
    assert not party.holds("teller", SINCE - timedelta(microseconds=1))
    assert party.holds("teller", LATER - timedelta(microseconds=1))
    assert not party.holds("teller", LATER)
    assert not party.holds("listener", SINCE)


def test_personal_parts_are_sealed_to_the_newest_key_that_is_valid() -> None:
    keys = private_keys.new_keys()
    newer = X25519PrivateKey.generate()
    document = a_document(anna=keys)
    old = document["parties"][0]["sealing"][0]
    (entry,) = private_keys.party_entry(
        "x", "x", [], PrivateKeys(keys.signing, keys.keyid, {_id(newer): newer}), LATER
    )["sealing"]
    document["parties"][0]["sealing"] = [entry, old]
    anna = trust.read_parties(document).parties["anna"]

    before, after = anna.sealing_key(LATER - timedelta(seconds=1)), anna.sealing_key(LATER)

    assert before is not None and before.key_id == old["key_id"]
    assert after is not None and after.key_id == entry["key_id"]
    assert anna.sealing_key(SINCE - timedelta(seconds=1)) is None


def _id(key: X25519PrivateKey) -> str:
    return sha256(key.public_key().public_bytes_raw()).hexdigest()


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Change the value at a path; the last word of it is the value."""

    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-2]:
            place = place[step]
        place[path[-2]] = path[-1]

    return change


def _swap_keyids(document: dict[str, Any]) -> None:
    first, second = (party["signing"][0] for party in document["parties"])
    first["keyid"], second["keyid"] = second["keyid"], first["keyid"]


def _share_signing(document: dict[str, Any]) -> None:
    document["parties"][1]["signing"] = document["parties"][0]["signing"]


def _share_sealing(document: dict[str, Any]) -> None:
    document["parties"][1]["sealing"] = document["parties"][0]["sealing"]


def _twice(document: dict[str, Any]) -> None:
    document["parties"][1]["id"] = "anna"


def _x25519_as_signing(document: dict[str, Any]) -> None:
    der = (
        X25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    document["parties"][0]["signing"][0]["spki"] = b64encode(der).decode()


def _loose_base64(document: dict[str, Any]) -> None:
    """The same bytes, with a stray bit in the last letter."""
    key = document["parties"][0]["sealing"][0]
    assert key["raw"].endswith("=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    key["raw"] = key["raw"][:-2] + letters[letters.index(key["raw"][-2]) + 1] + "="


def _base64_with_a_newline(document: dict[str, Any]) -> None:
    document["parties"][0]["sealing"][0]["raw"] += "\n"


ANNA = ("parties", 0)
CHANGES = {
    "another format": _set("format", "netral-parties/2"),
    "serial zero": _set("serial", 0),
    "serial text": _set("serial", "3"),
    "serial true": _set("serial", True),
    "serial fraction": _set("serial", 1.5),
    "unknown member": _set("comment", "hello"),
    "unknown member of a party": _set(*ANNA, "note", ""),
    "unknown member of a role": _set(*ANNA, "roles", 0, "note", ""),
    "unknown member of a signing key": _set(*ANNA, "signing", 0, "note", ""),
    "unknown member of a sealing key": _set(*ANNA, "sealing", 0, "note", ""),
    "issued without a zone": _set("issued", "2025-01-01T00:00:00"),
    "since without a zone": _set(*ANNA, "signing", 0, "since", "2025-01-01T00:00:00"),
    "since without time": _set(*ANNA, "roles", 0, "since", "2025-01-01"),
    "since a number": _set(*ANNA, "roles", 0, "since", 1735689600),
    "since nothing": _set(*ANNA, "roles", 0, "since", None),
    "until before since": _set(*ANNA, "roles", 0, "until", "2024-01-01T00:00:00+00:00"),
    "until equal to since": _set(*ANNA, "roles", 0, "until", SINCE.isoformat()),
    "until before since of a key": _set(*ANNA, "sealing", 0, "until", "2024-01-01T00:00:00+00:00"),
    "keyids exchanged": _swap_keyids,
    "keyid in capitals": lambda d: d["parties"][0]["signing"][0].update(
        keyid=d["parties"][0]["signing"][0]["keyid"].upper()
    ),
    "sealing key id wrong": _set(*ANNA, "sealing", 0, "key_id", "0" * 64),
    "one signing key for two": _share_signing,
    "one sealing key for two": _share_sealing,
    "a party twice": _twice,
    "a key of another kind": _x25519_as_signing,
    "spki unreadable": _set(*ANNA, "signing", 0, "spki", "AAAA"),
    "base64 with stray bits": _loose_base64,
    "base64 with a newline": _base64_with_a_newline,
    "base64 missing": _set(*ANNA, "sealing", 0, "raw", None),
    "parties no list": _set("parties", {"anna": {}}),
    "parties a number": _set("parties", 7),
    "a party no object": _set(*ANNA, "anna"),
    "roles nothing": _set(*ANNA, "roles", None),
    "role a list": _set(*ANNA, "roles", 0, "role", ["teller"]),
    "id a number": _set(*ANNA, "id", 7),
    "id not for a subject": _set(*ANNA, "id", "anna.budi"),
    "id with a star": _set(*ANNA, "id", "*"),
    "id empty": _set(*ANNA, "id", ""),
    "id too long": _set(*ANNA, "id", "a" * 41),
    "name a number": _set(*ANNA, "name", 7),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_file_with_a_fault_is_refused(change: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    document = a_document()
    trust.read_parties(document)
    change(document)
    (tmp_path / "parties.json").write_text(json.dumps(document))

    with pytest.raises(BadPartiesFile):
        trust.load_parties(tmp_path / "parties.json")


def test_a_member_that_stands_twice_is_refused(tmp_path: Path) -> None:
    text = json.dumps(a_document())
    (tmp_path / "parties.json").write_text('{"serial": 9, ' + text[1:])

    with pytest.raises(BadPartiesFile, match="twice"):
        trust.load_parties(tmp_path / "parties.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"a"', "\ufeff{}"])
def test_what_is_no_document_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "parties.json").write_text(text, "utf-8")

    with pytest.raises(BadPartiesFile):
        trust.load_parties(tmp_path / "parties.json")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPartiesFile):
        trust.load_parties(tmp_path / "parties.json")
