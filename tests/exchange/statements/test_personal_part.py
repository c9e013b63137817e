"""A personal part opens for its recipient, beside its own statement, and is what was committed to."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from exchange.statements import personal_part
from exchange.statements.personal_part import Damaged

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
ENVELOPE = sha256(b"an envelope").digest()
PLAIN = bytes(32) + b"a part"
SEALED = personal_part.seal(PLAIN, KEY.public_key(), ENVELOPE)


def test_what_was_sealed_opens() -> None:
    assert personal_part.unseal(SEALED, KEY, ENVELOPE, personal_part.commitment(PLAIN)) == PLAIN


def test_the_same_part_never_has_the_same_commitment() -> None:
    first, second = personal_part.salted(b"a part"), personal_part.salted(b"a part")

    assert first[32:] == second[32:] == b"a part"
    assert personal_part.commitment(first) != personal_part.commitment(second)


def test_a_part_does_not_open_beside_another_envelope() -> None:
    with pytest.raises(Damaged):
        personal_part.unseal(SEALED, KEY, sha256(b"another").digest(), personal_part.commitment(PLAIN))


def test_a_part_does_not_open_with_another_key() -> None:
    with pytest.raises(Damaged):
        personal_part.unseal(SEALED, X25519PrivateKey.generate(), ENVELOPE, personal_part.commitment(PLAIN))


def test_a_part_that_was_not_committed_to_is_damaged() -> None:
    with pytest.raises(Damaged, match="commits"):
        personal_part.unseal(SEALED, KEY, ENVELOPE, personal_part.commitment(PLAIN + b"."))


def test_a_plaintext_without_a_whole_salt_is_damaged() -> None:
    short = b"x" * 31
    sealed = personal_part.seal(short, KEY.public_key(), ENVELOPE)

    with pytest.raises(Damaged):
        personal_part.unseal(sealed, KEY, ENVELOPE, personal_part.commitment(short))


def test_the_longest_part_opens_and_a_longer_seal_is_refused() -> None:
    longest = personal_part.salted(bytes(personal_part.MAX_BYTES))
    sealed = personal_part.seal(longest, KEY.public_key(), ENVELOPE)
    assert personal_part.unseal(sealed, KEY, ENVELOPE, personal_part.commitment(longest)) == longest

    with pytest.raises(Damaged, match="512 KiB"):
        personal_part.unseal(sealed + bytes(1024), KEY, ENVELOPE, personal_part.commitment(longest))


@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_damage(place: int, bit: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit

    with pytest.raises(Damaged):
        personal_part.unseal(bytes(changed), KEY, ENVELOPE, personal_part.commitment(PLAIN))


@given(st.binary(max_size=120))
def test_random_bytes_are_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        personal_part.unseal(data, KEY, ENVELOPE, personal_part.commitment(PLAIN))


@pytest.mark.parametrize("point", [0, 1], ids=["zero", "one"])
def test_an_encapsulated_key_of_low_order_is_damaged(point: int) -> None:
    with pytest.raises(Damaged):
        personal_part.unseal(
            bytes([point]) + bytes(31) + SEALED[32:], KEY, ENVELOPE, personal_part.commitment(PLAIN)
        )
