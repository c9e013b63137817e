"""Decoder of leaves: the typed messages in their bytes, and the audit event that they are. No I/O.

All that reads a leaf begins with `decode_leaf`. An audit event has the fields of NIST SP 800-53 AU-3: who, what, when,
where, from where, with which outcome; by them a leaf is found and chained (`audit.completeness.sparse_map`). Signatures are
checked in `audit.verification`; personal data are in no leaf.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, TypeVar

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from audit.formats.leaf import Kind, split_body
from audit.log import envelope
from audit.log.envelope import Envelope, Unreadable
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2

M = TypeVar("M", bound=Message)

_ACTORS = {
    statement_pb2.Actor.KIND_OFFICER: "person",
    statement_pb2.Actor.KIND_SERVICE: "service",
    statement_pb2.Actor.KIND_CLOCK: "clock",
}
RECEIPT_TYPES = {
    receipt_pb2.Receipt.STAGE_CUSTODY: "receipt.custody",
    receipt_pb2.Receipt.STAGE_OUTCOME: "receipt.outcome",
}
"""The type that the index gives a receipt, by its stage."""
OUTCOME_WORDS = {
    receipt_pb2.Receipt.OUTCOME_TAKEN_UP: "TAKEN_UP",
    receipt_pb2.Receipt.OUTCOME_REFUSED: "REFUSED",
}
"""Words for the outcomes of a receipt; a receipt of custody has none."""


@dataclass(frozen=True, slots=True)
class DecodedLeaf:
    """A leaf's kind (None: none of ours) and its kept bytes: a signed envelope, a record, or the root of the chains.

    The messages are read strictly: `Unreadable` is raised for bytes that are not of the kind, or not as we print them.
    """

    kind: Kind | None
    kept: bytes

    @property
    def word(self) -> str:
        """Name of the kind in file names and manifests."""
        if self.kind is None:
            raise Unreadable("the leaf is of no kind that there is")
        return self.kind.name.lower()

    @property
    def digest(self) -> bytes:
        """SHA-256 of the kept bytes: of the envelope, for a statement or receipt."""
        return sha256(self.kept).digest()

    def envelope(self) -> Envelope:
        """Read the envelope of a statement or receipt; it is not verified."""
        return envelope.read(self.kept)

    def statement(self) -> statement_pb2.Statement:
        """Read the statement in the envelope."""
        return parse_message(statement_pb2.Statement, self.envelope().payload)

    def receipt(self) -> receipt_pb2.Receipt:
        """Read the receipt in the envelope."""
        return read_receipt(self.envelope())

    def record(self) -> record_pb2.Record:
        """Read the record."""
        return parse_message(record_pb2.Record, self.kept)


def decode_leaf(body: bytes) -> DecodedLeaf:
    """Take a leaf's body apart."""
    return DecodedLeaf(*split_body(body))


def read_receipt(opened: Envelope) -> receipt_pb2.Receipt:
    """Read the receipt in an envelope; it has a stage, and the digest of what it is for.

    Raises:
        Unreadable: it has not, or is none.
    """
    return complete_receipt(parse_message(receipt_pb2.Receipt, opened.payload))


def complete_receipt(receipt: receipt_pb2.Receipt) -> receipt_pb2.Receipt:
    """Require that a receipt has a stage, and the digest of what it is for.

    Raises:
        Unreadable: it has not.
    """
    if receipt.stage not in RECEIPT_TYPES or len(receipt.envelope_digest) != 32:
        raise Unreadable("a receipt without stage or digest")
    return receipt


def parse_message(kind: type[M], data: bytes) -> M:
    """Read a message.

    Raises:
        Unreadable: the bytes are none.
    """
    try:
        return kind.FromString(data)
    except Exception as error:  # protobuf raises DecodeError, and others on hostile bytes
        raise Unreadable(f"not a {kind.DESCRIPTOR.name}") from error


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An audit event; a word is empty where the leaf's bytes say nothing.

    `matter` of a receipt is empty: its statement names it. `author` is the institution that made it, `counterpart` the
    other one: a statement's recipient, a receipt's sender of the statement. `actor_kind` is person, service or clock.
    `outcome` is the state of the matter after a recorded act, and what became of a statement for a receipt; `reason` says
    why it was refused or waits. `source` is `grpc`, `inbox` or `clock` for a record, and the author's URI otherwise.
    `region` is the code of the region that the facts name. `cause` is the statement that led to this one, `statements` are
    those that an act sent, `about` is SHA-256 of the envelope that a receipt is for. `time` is UTC.
    """

    kind: Kind
    ref: str
    type: str
    author: str
    time: datetime | None
    matter: str = ""
    case: str = ""
    counterpart: str = ""
    actor_kind: str = ""
    actor: str = ""
    role: str = ""
    outcome: str = ""
    reason: str = ""
    basis: str = ""
    region: str = ""
    source: str = ""
    request: str = ""
    cause: str = ""
    copy_of: str = ""
    statements: tuple[str, ...] = ()
    about: bytes = b""


def audit_event(body: bytes) -> AuditEvent | None:
    """The event that a leaf is; None if its bytes are none of ours.

    Not read strictly: bytes that a log has are indexed and chained as they are, and judged in `audit.verification`.
    """
    said = _said(body)
    return event_of(said) if said is not None else None


class ChainWords(NamedTuple):
    """The words of an event by which its leaf is chained, named as there."""

    kind: Kind
    author: str
    actor: str = ""
    matter: str = ""
    case: str = ""


def chain_words(body: bytes) -> ChainWords | None:
    """The words of `audit_event` by which a leaf is chained, in a fifth of the time; None for the same leaves."""
    said = _said(body)
    try:
        if isinstance(said, statement_pb2.Statement):
            _region(said.facts)
            return ChainWords(Kind.STATEMENT, said.sender, said.actor.id, said.subject, said.case_id)
        if isinstance(said, record_pb2.Record):
            _region(said.facts)
            return ChainWords(Kind.RECORD, said.party, said.actor.id, said.matter, said.case_id)
        return ChainWords(Kind.RECEIPT, said.recipient) if said is not None else None
    except Exception:  # as in `event_of`
        return None


def _said(body: bytes) -> "Said | None":
    """The message in a leaf's bytes; None if they are none of ours."""
    kind, kept = split_body(body)
    try:
        if kind is Kind.STATEMENT:
            return statement_pb2.Statement.FromString(statement_pb2.Envelope.FromString(kept).payload)
        if kind is Kind.RECEIPT:
            return receipt_pb2.Receipt.FromString(statement_pb2.Envelope.FromString(kept).payload)
        return record_pb2.Record.FromString(kept) if kind is Kind.RECORD else None
    except Exception:  # protobuf raises DecodeError, and others on hostile bytes
        return None


Said = statement_pb2.Statement | receipt_pb2.Receipt | record_pb2.Record
"""The message that a leaf keeps."""


def event_of(said: Said) -> AuditEvent | None:
    """The event that the leaf of a message is, as `audit_event` gives it; None if facts in it are no facts of their type."""
    try:
        if isinstance(said, statement_pb2.Statement):
            return _statement(said)
        return _receipt(said) if isinstance(said, receipt_pb2.Receipt) else _record(said)
    except Exception:  # as above
        return None


def public_facts(body: bytes) -> Message | None:
    """The public facts of a statement or record, codes and dates; None if it has none or they are of an unknown type."""
    try:
        packed = _packed(body)
        if packed is None or not packed.type_url:
            return None
        found = message_factory.GetMessageClass(
            descriptor_pool.Default().FindMessageTypeByName(packed.TypeName())
        )()
        return found if packed.Unpack(found) else None
    except Exception:
        return None


def searchable_words(body: bytes) -> list[str]:
    """Every text in the public facts of a leaf: codes, numbers of letters, ids. Empty if their type is unknown here."""
    found = public_facts(body)
    return list(_texts(found)) if found is not None else []


def _packed(body: bytes) -> AnyMessage | None:
    kind, kept = split_body(body)
    if kind is Kind.STATEMENT:
        payload = statement_pb2.Envelope.FromString(kept).payload
        return statement_pb2.Statement.FromString(payload).facts
    if kind is Kind.RECORD:
        return record_pb2.Record.FromString(kept).facts
    return None


def _texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        each = value if field.is_repeated else [value]
        if field.type == field.TYPE_STRING:
            yield from each
        elif field.enum_type is not None:
            yield from (field.enum_type.values_by_number[number].name for number in each)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for inner in each:
                yield from _texts(inner)


def _statement(said: statement_pb2.Statement) -> AuditEvent:
    return AuditEvent(
        Kind.STATEMENT,
        ref=said.id,
        type=said.type,
        author=said.sender,
        time=_time(said.time),
        matter=said.subject,
        case=said.case_id,
        counterpart=said.recipient,
        actor_kind=_ACTORS.get(said.actor.kind, ""),
        actor=said.actor.id,
        role=said.actor.role,
        basis=said.legal_basis,
        region=_region(said.facts),
        source=said.source,
        cause=said.causation,
        copy_of=said.copy_of,
    )


def _receipt(said: receipt_pb2.Receipt) -> AuditEvent:
    return AuditEvent(
        Kind.RECEIPT,
        ref=said.statement_id,
        type=RECEIPT_TYPES.get(said.stage, ""),
        author=said.recipient,
        time=_time(said.time),
        counterpart=said.sender,
        actor_kind="service",
        outcome=OUTCOME_WORDS.get(said.outcome, "CUSTODY"),
        reason=said.reason,
        source=f"netral://{said.recipient}",
        cause=said.statement_id,
        about=said.envelope_digest,
    )


def _record(said: record_pb2.Record) -> AuditEvent:
    return AuditEvent(
        Kind.RECORD,
        ref=said.id,
        type=said.action,
        author=said.party,
        time=_time(said.time),
        matter=said.matter,
        case=said.case_id,
        actor_kind=_ACTORS.get(said.actor.kind, ""),
        actor=said.actor.id,
        role=said.actor.role,
        outcome=said.state,
        region=_region(said.facts),
        source=said.source,
        request=said.request_id,
        statements=tuple(said.statements),
    )


def _time(stamp: Timestamp) -> datetime | None:
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _region(packed: AnyMessage) -> str:
    """The region that the facts name in a field of that name; empty if their type is not known to this process."""
    name = packed.TypeName()
    if not name:
        return ""
    place = _REGIONS.get(name)
    if place is None:
        try:
            descriptor = descriptor_pool.Default().FindMessageTypeByName(name)
        except KeyError:
            return ""
        field = descriptor.fields_by_name.get("region")
        place = field is not None and field.type == field.TYPE_STRING and not field.is_repeated
        _REGIONS[name] = place
    if not place:
        return ""
    kind = message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))
    return str(getattr(kind.FromString(packed.value), "region", ""))[:20]


# By message type: whether it has a region. Types come from contracts, so there are few.
_REGIONS: dict[str, bool] = {}
