"""Body of one leaf, read strictly and checked by itself: the signature of its author, and that it belongs in the log."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from audit.completeness import sparse_map
from audit.formats.leaf import Kind, split_body
from audit.log import envelope
from audit.log.envelope import Envelope, Unreadable
from audit.log.events import RECEIPT_TYPES
from audit.log.unambiguous import read_unambiguous
from audit.verification.findings import Keys
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2

NO_TIME = datetime.min.replace(tzinfo=UTC)  # of a chain leaf: its checkpoint has one


@dataclass
class LeafBody:
    """The contents of a leaf. `matter` and `actor` are None where its bytes say nothing of them."""

    ref: str
    matter: str | None
    type: str
    actor: str | None
    author: str
    time: datetime
    statement: statement_pb2.Statement | None = None
    receipt: receipt_pb2.Receipt | None = None
    problems: list[str] = field(default_factory=list)


def read_leaf(party: str, body: bytes, keys: Keys) -> LeafBody:
    """Read one leaf of `party` by itself; `problems`: not signed by its author with a key valid then, or not of this log.

    Raises:
        Unreadable: the body is none of ours.
    """
    kind, kept = split_body(body)
    if sparse_map.root_in(body) is not None:
        return LeafBody("", "", sparse_map.TYPE, "", party, NO_TIME)
    if kind is Kind.STATEMENT:
        return _read_statement(party, keys, _opened(kept, envelope.STATEMENT))
    if kind is Kind.RECEIPT:
        return _read_receipt(party, keys, _opened(kept, envelope.RECEIPT))
    if kind is Kind.RECORD:
        record = read_unambiguous(record_pb2.Record, kept)
        said = LeafBody(
            record.id, record.matter, record.action, record.actor.id, record.party, instant(record.time)
        )
        if record.party != party:
            said.problems.append("it is a record of another party")
        return said
    raise Unreadable("the leaf is neither statement, receipt nor record")


def _read_statement(party: str, keys: Keys, opened: Envelope) -> LeafBody:
    said = read_unambiguous(statement_pb2.Statement, opened.payload)
    time = instant(said.time)
    body = LeafBody(said.id, said.subject, said.type, said.actor.id, said.sender, time, statement=said)
    _check_signature(keys, opened, body)
    if said.source != f"netral://{said.sender}":
        body.problems.append("its source is not its sender")
    if party not in (said.sender, said.recipient):
        body.problems.append("it is neither from nor to this party")
    return body


def _read_receipt(party: str, keys: Keys, opened: Envelope) -> LeafBody:
    said = read_unambiguous(receipt_pb2.Receipt, opened.payload)
    kind = RECEIPT_TYPES.get(said.stage)
    if kind is None:
        raise Unreadable("the receipt has no stage")
    instant(said.custody_time)
    body = LeafBody(said.statement_id, None, kind, None, said.recipient, instant(said.time), receipt=said)
    _check_signature(keys, opened, body)
    if party not in (said.sender, said.recipient):
        body.problems.append("it is neither from nor to this party")
    return body


def _check_signature(keys: Keys, opened: Envelope, body: LeafBody) -> None:
    key = keys.get(opened.keyid)
    if key is None or key.party != body.author:
        body.problems.append("it is not signed with a key of its author")
    elif not key.may_sign(body.time):
        body.problems.append("its key was not valid when it was signed")
    elif not opened.verified_by(key.public):
        body.problems.append("its signature does not verify")


def _opened(kept: bytes, payload_type: str) -> Envelope:
    """An envelope of this type, with exactly one signature, in the one encoding that is signed by our parties."""
    opened = envelope.read(kept)
    if opened.payload_type != payload_type:
        raise Unreadable("the envelope has another payload type than the leaf")
    return opened


def instant(stamp: Timestamp) -> datetime:
    """Read an instant (UTC)."""
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Unreadable("the time is not one of the years 1 to 9999") from None


def is_unsigned(body: bytes) -> bool:
    """True if leaves of this kind carry no signature."""
    return split_body(body)[0] in (Kind.RECORD, Kind.CHAINS)
