"""An envelope has one set of bytes, and a changed byte is seen."""

from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.formats.dsse import pae
from exchange.statements import envelope
from exchange.statements.envelope import Unreadable
from netral.exchange.v1 import statement_pb2

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYID = envelope.keyid_of(KEY.public_key())
SIGNED = envelope.sign(b"payload", envelope.STATEMENT, KEY, KEYID)


def test_the_signed_bytes_are_those_of_the_dsse_specification() -> None:
    """The example of the DSSE 1.0 protocol document."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_in_the_signed_bytes_count_bytes_and_not_letters() -> None:
    assert pae("é", "ü".encode()) == b"DSSEv1 2 \xc3\xa9 2 \xc3\xbc"


def test_an_envelope_gives_back_what_was_signed() -> None:
    opened = envelope.read(SIGNED)

    assert (opened.payload, opened.payload_type, opened.keyid) == (b"payload", envelope.STATEMENT, KEYID)
    assert opened.data == SIGNED
    assert opened.verified_by(KEY.public_key())


def test_signing_the_same_twice_gives_the_same_bytes() -> None:
    assert envelope.sign(b"payload", envelope.STATEMENT, KEY, KEYID) == SIGNED


def test_another_key_does_not_verify() -> None:
    assert not envelope.read(SIGNED).verified_by(Ed25519PrivateKey.generate().public_key())


def test_a_signature_for_another_payload_type_does_not_verify() -> None:
    message = statement_pb2.Envelope.FromString(SIGNED)
    message.payload_type = envelope.RECEIPT

    assert not envelope.read(message.SerializeToString()).verified_by(KEY.public_key())


@given(place=st.integers(0, len(SIGNED) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_is_unreadable_or_does_not_verify(place: int, bit: int) -> None:
    changed = bytearray(SIGNED)
    changed[place] ^= 1 << bit

    try:
        opened = envelope.read(bytes(changed))
    except Unreadable:
        return
    assert opened.keyid != KEYID or not opened.verified_by(KEY.public_key())


@given(st.binary(max_size=200))
def test_random_bytes_are_unreadable_or_print_the_same(data: bytes) -> None:
    with suppress(Unreadable):
        assert envelope.read(data).data == data


def test_the_same_fields_in_another_order_are_unreadable() -> None:
    message = statement_pb2.Envelope.FromString(SIGNED)
    payload = statement_pb2.Envelope(payload=message.payload).SerializeToString()
    rest = statement_pb2.Envelope(payload_type=message.payload_type, signatures=message.signatures)
    reordered = rest.SerializeToString() + payload
    assert statement_pb2.Envelope.FromString(reordered) == message

    with pytest.raises(Unreadable):
        envelope.read(reordered)


def test_an_overlong_length_is_unreadable() -> None:
    assert SIGNED[:2] == b"\x0a\x07"

    with pytest.raises(Unreadable):
        envelope.read(b"\x0a\x87\x00" + SIGNED[2:])


@pytest.mark.parametrize(
    "extra", [b"\x20\x01", b"\x0a\x00", b"\x7a\x01x"], ids=["field 4", "empty payload", "15"]
)
def test_a_field_more_is_unreadable(extra: bytes) -> None:
    with pytest.raises(Unreadable):
        envelope.read(SIGNED + extra)


@pytest.mark.parametrize("count", [0, 2])
def test_no_signature_or_two_are_unreadable(count: int) -> None:
    message = statement_pb2.Envelope.FromString(SIGNED)
    signature = message.signatures[0]
    del message.signatures[:]
    message.signatures.extend([signature] * count)

    with pytest.raises(Unreadable, match="exactly one signature"):
        envelope.read(message.SerializeToString())


def test_a_field_more_inside_the_signature_is_unreadable() -> None:
    message = statement_pb2.Envelope.FromString(SIGNED)
    message.signatures[0].MergeFromString(b"\x20\x01")

    with pytest.raises(Unreadable):
        envelope.read(message.SerializeToString())


def test_a_payload_over_60_kib_is_unreadable() -> None:
    longest = b"x" * envelope.MAX_BYTES
    assert envelope.read(envelope.sign(longest, envelope.STATEMENT, KEY, KEYID)).payload == longest

    with pytest.raises(Unreadable, match="60 KiB"):
        envelope.read(envelope.sign(longest + b"x", envelope.STATEMENT, KEY, KEYID))


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_does_not_verify(length: int) -> None:
    message = statement_pb2.Envelope.FromString(SIGNED)
    message.signatures[0].sig = bytes(length)

    assert not envelope.read(message.SerializeToString()).verified_by(KEY.public_key())
