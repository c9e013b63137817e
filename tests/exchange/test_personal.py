"""A personal part opens for its recipient, beside its own statement, and is what was committed to."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from exchange import personal
from exchange.personal import Damaged

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
ENVELOPE = sha256(b"an envelope").digest()
PLAIN = bytes(32) + b"a part"
SEALED = personal.seal(PLAIN, KEY.public_key(), ENVELOPE)


def test_what_was_sealed_opens() -> None:
    assert personal.unseal(SEALED, KEY, ENVELOPE, personal.commitment(PLAIN)) == PLAIN


def test_the_same_part_never_has_the_same_commitment() -> None:
    first, second = personal.salted(b"a part"), personal.salted(b"a part")

    assert first[32:] == second[32:] == b"a part"
    assert personal.commitment(first) != personal.commitment(second)


def test_a_part_does_not_open_beside_another_envelope() -> None:
    with pytest.raises(Damaged):
        personal.unseal(SEALED, KEY, sha256(b"another").digest(), personal.commitment(PLAIN))


def test_a_part_does_not_open_with_another_key() -> None:
    with pytest.raises(Damaged):
        personal.unseal(SEALED, X25519PrivateKey.generate(), ENVELOPE, personal.commitment(PLAIN))


def test_a_part_that_was_not_committed_to_is_damaged() -> None:
    with pytest.raises(Damaged, match="commits"):
        personal.unseal(SEALED, KEY, ENVELOPE, personal.commitment(PLAIN + b"."))


def test_a_plaintext_without_a_whole_salt_is_damaged() -> None:
    short = b"x" * 31
    sealed = personal.seal(short, KEY.public_key(), ENVELOPE)

    with pytest.raises(Damaged):
        personal.unseal(sealed, KEY, ENVELOPE, personal.commitment(short))


def test_the_longest_part_opens_and_a_longer_seal_is_refused() -> None:
    longest = personal.salted(bytes(personal.MAX_BYTES))
    sealed = personal.seal(longest, KEY.public_key(), ENVELOPE)
    assert personal.unseal(sealed, KEY, ENVELOPE, personal.commitment(longest)) == longest

    with pytest.raises(Damaged, match="512 KiB"):
        personal.unseal(sealed + bytes(1024), KEY, ENVELOPE, personal.commitment(longest))


@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_damage(place: int, bit: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit

    with pytest.raises(Damaged):
        personal.unseal(bytes(changed), KEY, ENVELOPE, personal.commitment(PLAIN))


@given(st.binary(max_size=120))
def test_random_bytes_are_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        personal.unseal(data, KEY, ENVELOPE, personal.commitment(PLAIN))


@pytest.mark.parametrize("point", [0, 1], ids=["zero", "one"])
def test_an_encapsulated_key_of_low_order_is_damaged(point: int) -> None:
    with pytest.raises(Damaged):
        personal.unseal(bytes([point]) + bytes(31) + SEALED[32:], KEY, ENVELOPE, personal.commitment(PLAIN))
