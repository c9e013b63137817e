"""The contents of leaves: statements and receipts in their signed envelopes (DSSE), records, and chain leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from verifier.notes import is_signed
from verifier.protobuf import (
    BYTES,
    EPOCH,
    NUMBER,
    TEXT,
    Contract,
    Fields,
    bytes_in,
    check_contract,
    code_in,
    number_in,
    print_field,
    read_message,
    text_in,
    time_in,
)
from verifier.strict import Bad
from verifier.trust import AuthorKey

STATEMENT_TYPE = "application/vnd.netral.statement.v1+protobuf"
RECEIPT_TYPE = "application/vnd.netral.receipt.v1+protobuf"
MOST_PAYLOAD_BYTES = 60 * 1024
# The contracts of what is signed or recorded, by the numbers of their fields.
_TIMESTAMP: Contract = {1: NUMBER, 2: NUMBER}
_ACTOR: Contract = {1: NUMBER, 2: TEXT, 3: TEXT}
_FACTS: Contract = {1: TEXT, 2: BYTES}
_POSITION: Contract = {1: TEXT, 2: NUMBER, 3: NUMBER, 4: BYTES}
STATEMENT: Contract = {
    **dict.fromkeys((1, 2, 3, 4, 6, 7, 9, 10, 11, 12, 13, 15), TEXT),
    **{5: _TIMESTAMP, 8: NUMBER, 14: _ACTOR, 16: BYTES, 17: _FACTS},
}
RECEIPT: Contract = {
    **dict.fromkeys((1, 3, 4, 8), TEXT),
    **{2: BYTES, 5: NUMBER, 6: NUMBER, 7: NUMBER, 9: _TIMESTAMP, 10: _TIMESTAMP, 11: BYTES, 12: _POSITION},
}
RECORD: Contract = {
    **dict.fromkeys((1, 2, 5, 6, 7, 8, 9, 10, 13, 14), TEXT),
    **{3: _TIMESTAMP, 4: _ACTOR, 11: _FACTS, 12: BYTES},
}
# The statements that an act sent, and the warnings that it went over.
MANY_IN_RECORD = (10, 14)
KINDS = {1: "statement", 2: "receipt", 3: "record", 4: "chains"}


@dataclass
class Leaf:
    """A leaf, read: `digest` is SHA-256 of the bytes kept, `about` what a receipt says of its statement.

    `matter` is None for a receipt, which names none. `problems`: what is wrong with its signature or place.
    """

    kind: str
    digest: bytes
    id: str
    matter: str | None
    author: str
    time: datetime
    sender: str = ""
    recipient: str = ""
    sequence: int = 0
    about: bytes = b""
    keyid: str = ""
    problems: list[str] = field(default_factory=list)
    file: str = ""
    index: int = 0


def read_leaf(party: str, body: bytes, authors: Mapping[str, AuthorKey]) -> Leaf:
    """Read the bytes of a leaf in the log of `party`.

    Raises:
        Bad: they are no leaf of ours.
    """
    kept = body[1:]
    kind = KINDS.get(body[0] if body else 0, "")
    if kind == "record":
        leaf = _record(kept)
        if leaf.author != party:
            leaf.problems.append("it is a record of another party")
        return leaf
    if kind == "statement":
        return _signed(party, kept, STATEMENT_TYPE, _statement, authors)
    if kind == "receipt":
        return _signed(party, kept, RECEIPT_TYPE, _receipt, authors)
    if kind == "chains" and len(body) == 34 and body[1] == 1:
        return Leaf(kind, sha256(kept).digest(), "", "", party, EPOCH, about=body[2:])
    raise Bad("the leaf is neither statement, receipt, record nor chains")


def pae(payload_type: str, payload: bytes) -> bytes:
    """Encode what a DSSE signature is over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _record(kept: bytes) -> Leaf:
    said = read_message(kept)
    check_contract(said, RECORD, MANY_IN_RECORD)
    return Leaf(
        kind="record",
        digest=sha256(kept).digest(),
        id=text_in(said, 1),
        matter=text_in(said, 6),
        author=text_in(said, 2),
        time=time_in(said, 3),
    )


def _signed(
    party: str,
    kept: bytes,
    payload_type: str,
    read: Callable[[Fields, bytes], Leaf],
    authors: Mapping[str, AuthorKey],
) -> Leaf:
    payload, keyid, signature = _envelope(kept, payload_type)
    leaf = read(read_message(payload), sha256(kept).digest())
    leaf.keyid = keyid
    key = authors.get(keyid)
    if key is None or key.party != leaf.author:
        leaf.problems.append("it is not signed with a key of its author")
    elif not key.period.covers(leaf.time):
        leaf.problems.append("its key was not valid when it was signed")
    elif not is_signed(key.public, signature, pae(payload_type, payload)):
        leaf.problems.append("its signature does not verify")
    if party not in (leaf.sender, leaf.recipient):
        leaf.problems.append("it is neither from nor to this party")
    return leaf


def _envelope(kept: bytes, payload_type: str) -> tuple[bytes, str, bytes]:
    """Take payload, keyid and signature out of an envelope in the one encoding that is signed."""
    outer = read_message(kept)
    payload, kind = bytes_in(outer, 1), text_in(outer, 2)
    if len(payload) > MOST_PAYLOAD_BYTES:
        raise Bad("what is signed is over 60 KiB")
    inner = read_message(bytes_in(outer, 3))
    signature, keyid = bytes_in(inner, 1), text_in(inner, 2)
    again = print_field(1, payload) + print_field(2, kind.encode())
    again += print_field(3, print_field(1, signature) + print_field(2, keyid.encode()))
    if kind != payload_type or again != kept:
        raise Bad("the envelope is not in the encoding that was signed")
    return payload, keyid, signature


def _statement(said: Fields, digest: bytes) -> Leaf:
    check_contract(said, STATEMENT)
    sender = text_in(said, 6)
    return Leaf(
        kind="statement",
        digest=digest,
        id=text_in(said, 1),
        matter=text_in(said, 4),
        author=sender,
        time=time_in(said, 5),
        sender=sender,
        recipient=text_in(said, 7),
        sequence=number_in(said, 8),
        problems=[] if text_in(said, 2) == f"netral://{sender}" else ["its source is not its sender"],
    )


def _receipt(said: Fields, digest: bytes) -> Leaf:
    check_contract(said, RECEIPT)
    if code_in(said, 6) not in (1, 2):
        raise Bad("the receipt has no stage")
    time_in(said, 9)
    return Leaf(
        kind="receipt",
        digest=digest,
        id=text_in(said, 1),
        matter=None,
        author=text_in(said, 4),
        time=time_in(said, 10),
        sender=text_in(said, 3),
        recipient=text_in(said, 4),
        sequence=number_in(said, 5),
        about=bytes_in(said, 2),
    )
