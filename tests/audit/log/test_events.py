import re
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.formats.leaf import Kind, leaf_body
from audit.log.envelope import Unreadable
from audit.log.events import audit_event, decode_leaf
from exchange.statements import envelope
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2

SERVICES = Path(__file__).parents[3] / "services"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def a_leaf(kind: Kind, message: statement_pb2.Statement | receipt_pb2.Receipt, type: str) -> bytes:
    return leaf_body(
        kind, envelope.sign(message.SerializeToString(), type, KEY, envelope.keyid_of(KEY.public_key()))
    )


def test_a_leaf_is_decoded_into_the_message_of_its_kind() -> None:
    statement = statement_pb2.Statement(id="one")
    receipt = receipt_pb2.Receipt(
        statement_id="one", stage=receipt_pb2.Receipt.STAGE_CUSTODY, envelope_digest=bytes(32)
    )
    record = record_pb2.Record(id="two")

    sent = decode_leaf(a_leaf(Kind.STATEMENT, statement, envelope.STATEMENT))
    answered = decode_leaf(a_leaf(Kind.RECEIPT, receipt, envelope.RECEIPT))
    kept = decode_leaf(leaf_body(Kind.RECORD, record.SerializeToString()))

    assert (sent.kind, sent.word, sent.statement()) == (Kind.STATEMENT, "statement", statement)
    assert (answered.kind, answered.receipt()) == (Kind.RECEIPT, receipt)
    assert (kept.kind, kept.record()) == (Kind.RECORD, record)
    assert sent.digest == sha256(sent.kept).digest() == sent.envelope().digest


def test_a_statement_in_another_encoding_than_was_signed_is_not_read() -> None:
    signed = envelope.sign(
        statement_pb2.Statement(id="one").SerializeToString(), envelope.STATEMENT, KEY, "key"
    )
    longer = statement_pb2.Envelope.FromString(signed).SerializeToString() + b"\x0a\x00"

    with pytest.raises(Unreadable):
        decode_leaf(leaf_body(Kind.STATEMENT, longer)).statement()


def test_a_receipt_without_stage_or_digest_is_not_read() -> None:
    bare = a_leaf(Kind.RECEIPT, receipt_pb2.Receipt(statement_id="one"), envelope.RECEIPT)

    with pytest.raises(Unreadable, match="without stage or digest"):
        decode_leaf(bare).receipt()


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x09rest"])
def test_bytes_of_no_kind_have_no_kind_no_word_and_no_event(body: bytes) -> None:
    assert decode_leaf(body).kind is None
    assert audit_event(body) is None
    with pytest.raises(Unreadable):
        _ = decode_leaf(body).word


def test_leaves_are_taken_apart_in_one_place() -> None:
    by_hand = re.compile(r"\bbody\[(0|1:|:1)\]")
    found = {
        path.relative_to(SERVICES).as_posix()
        for path in SERVICES.rglob("*.py")
        if by_hand.search(path.read_text()) and "verifier" not in path.parts
    }

    # The self-check compares the first byte of each leaf of a log with its column: the one place where speed counts.
    assert found == {"audit/formats/leaf.py", "operations/selfcheck/log.py"}
