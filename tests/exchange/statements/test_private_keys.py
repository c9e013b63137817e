"""Private keys rest in files that only their owner reads; sealing keys rotate, and those whose time is over are destroyed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exchange.statements import private_keys, trust
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.trust import BadPartiesFile

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
LATER = datetime(2025, 6, 1, tzinfo=UTC)


def test_private_keys_are_read_back_and_are_their_owners_only(tmp_path: Path) -> None:
    keys = private_keys.new_keys()
    private_keys.write_private_keys(tmp_path, "anna", keys)

    found = private_keys.read_private_keys(tmp_path, "anna")

    assert (tmp_path / "anna.pem").stat().st_mode & 0o777 == 0o600
    assert found.keyid == keys.keyid
    assert set(found.sealing) == set(keys.sealing)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_private_keys_that_others_can_read_are_refused(mode: int, tmp_path: Path) -> None:
    private_keys.write_private_keys(tmp_path, "anna", private_keys.new_keys())
    (tmp_path / "anna.pem").chmod(mode)

    with pytest.raises(BadPartiesFile, match="0600"):
        private_keys.read_private_keys(tmp_path, "anna")


@pytest.mark.parametrize(
    "text", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_private_keys_that_cannot_be_read_are_refused(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "anna.pem"
    path.touch(mode=0o600)
    path.write_bytes(text)

    with pytest.raises(BadPartiesFile):
        private_keys.read_private_keys(tmp_path, "anna")


def test_two_signing_keys_in_one_file_are_refused(tmp_path: Path) -> None:
    private_keys.write_private_keys(tmp_path, "anna", private_keys.new_keys())
    path = tmp_path / "anna.pem"
    path.write_bytes(path.read_bytes() * 2)

    with pytest.raises(BadPartiesFile, match="one Ed25519"):
        private_keys.read_private_keys(tmp_path, "anna")


def test_missing_private_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPartiesFile, match="no private keys"):
        private_keys.read_private_keys(tmp_path, "anna")


def some_keys(folder: Path) -> tuple[dict[str, Any], PrivateKeys]:
    """The parties file, and anna's private keys, which are in the folder."""
    anna = private_keys.new_keys()
    private_keys.write_private_keys(folder, "anna", anna)
    entries = [
        private_keys.party_entry(id, id, [("teller", SINCE, LATER)], keys, SINCE)
        for id, keys in (("anna", anna), ("budi", private_keys.new_keys()))
    ]
    document = {"format": "netral-parties/1", "serial": 3, "issued": SINCE.isoformat(), "parties": entries}
    return document, anna


def test_a_party_gets_a_new_sealing_key_and_opens_what_was_sealed_to_the_old_one(tmp_path: Path) -> None:
    document, before = some_keys(tmp_path)

    parties = trust.read_parties(private_keys.rotate_sealing(document, {"anna": tmp_path}, LATER))

    after = private_keys.read_private_keys(tmp_path, "anna")
    assert parties.serial == 4
    assert after.keyid == before.keyid
    assert len(after.sealing) == 2 and after.sealing.keys() > before.sealing.keys()
    (new,) = after.sealing.keys() - before.sealing.keys()
    for at, key_id in ((LATER - timedelta(seconds=1), *before.sealing), (LATER, new)):
        sealed_to = parties.parties["anna"].sealing_key(at)
        assert sealed_to is not None and sealed_to.key_id == key_id
    assert len(parties.parties["budi"].sealing) == 1


def test_a_sealing_key_is_destroyed_when_its_period_has_ended_long_enough(tmp_path: Path) -> None:
    document, before = some_keys(tmp_path)
    anna = trust.read_parties(private_keys.rotate_sealing(document, {"anna": tmp_path}, LATER)).parties[
        "anna"
    ]
    keys = private_keys.read_private_keys(tmp_path, "anna")

    assert private_keys.expired_sealing_keys(anna, keys, LATER - timedelta(seconds=1)) == set()
    gone = private_keys.expired_sealing_keys(anna, keys, LATER)
    assert gone == set(before.sealing)
    old = (tmp_path / "anna.pem").open("rb")
    private_keys.write_private_keys(tmp_path, "anna", private_keys.without_sealing_keys(keys, gone))

    assert not private_keys.read_private_keys(tmp_path, "anna").sealing.keys() & gone
    with old:
        assert set(old.read()) == {0}  # what was in the file is overwritten


def test_at_once_leaves_no_older_key(tmp_path: Path) -> None:
    document, before = some_keys(tmp_path)
    private_keys.rotate_sealing(document, {"anna": tmp_path}, LATER, at_once=True)

    (key_id,) = private_keys.read_private_keys(tmp_path, "anna").sealing
    assert key_id not in before.sealing
