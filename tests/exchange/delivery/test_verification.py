"""Leaves that the inbox keeps are sound to the readers of logs, whatever bytes its peer signed."""

from collections.abc import Iterator
from pathlib import Path

from audit.formats.leaf import Kind, leaf_body
from audit.verification.leaf_body import read_leaf
from exchange.delivery import verification
from exchange.delivery.verification import VerifiedStatement
from exchange.statements.public_keys import author_keys
from netral.exchange.v1 import statement_pb2
from support.pair import Side, open_sides


def tag(number: int, wire: int) -> bytes:
    first = number << 3 | wire
    return bytes([first]) if first < 0x80 else bytes([first & 0x7F | 0x80, first >> 7])


def fields(number: int) -> Iterator[bytes]:
    """The field of this number in many ways: texts, messages, numbers, fixed bytes, a group."""
    for content in (
        b"",
        b"x",
        b"\xff",
        b"\x08\x01",
        b"\x08\x01\x08\x01",
        b"\x12\x01\xff",
        b"\x10" + b"\xff" * 9 + b"\x01",
    ):
        yield tag(number, 2) + bytes([len(content)]) + content
    for content in (b"\x00", b"\x01", b"\x81\x80\x80\x80\x10", b"\xff" * 9 + b"\x01", b"\x81\x00"):
        yield tag(number, 0) + content
    yield tag(number, 1) + bytes(8)
    yield tag(number, 5) + bytes(4)
    yield tag(number, 3) + tag(number, 4)


def payloads(sound: statement_pb2.Statement) -> Iterator[bytes]:
    """A statement with one field more, and with one field instead of its own."""
    described = sound.DESCRIPTOR.fields_by_number
    for number in [*described, 99]:
        without = statement_pb2.Statement()
        without.CopyFrom(sound)
        if number in described:
            without.ClearField(described[number].name)
        for field in fields(number):
            yield sound.SerializeToString(deterministic=True) + field
            yield without.SerializeToString(deterministic=True) + field


def kept(anna: Side, budi: Side, payload: bytes) -> bytes | None:
    """The leaf that Budi's inbox would make of what Anna signed; None if it is parked."""
    mail = anna.parcels(budi, statement_pb2.Parcel(envelope=anna.sign(payload)))
    (item,) = verification.verify_message(budi.desk, *mail.pair, budi.clock())
    return leaf_body(Kind.STATEMENT, item.envelope.data) if isinstance(item, VerifiedStatement) else None


async def test_what_a_peer_signs_is_parked_or_is_a_leaf_that_spoils_no_log(tmp_path: Path) -> None:
    urls = {name: f"sqlite:///{tmp_path / name}.sqlite" for name in ("anna", "budi")}
    async with open_sides(tmp_path, urls) as (anna, budi):
        keys = author_keys(budi.desk.trust)
        leaves = [kept(anna, budi, payload) for payload in payloads(anna.statement(budi))]

        found = [read_leaf("budi", body, keys).problems for body in leaves if body is not None]

    assert len(leaves) > 500 and len(found) > 20
    assert not any(found)
