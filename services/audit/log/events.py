"""What the bytes of a leaf say, in the trail's own words: who, what, when, where, from where, with which outcome. No I/O.

The content of an audit record by NIST SP 800-53 AU-3 for each kind of leaf, and the names under which a leaf is found and
chained (`chains`). Signatures are checked in `verify`; personal data are in no leaf.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message

from audit.formats.leaf import Kind
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2

_ACTORS = {
    statement_pb2.Actor.KIND_OFFICER: "person",
    statement_pb2.Actor.KIND_SERVICE: "service",
    statement_pb2.Actor.KIND_CLOCK: "clock",
}
_STAGES = {
    receipt_pb2.Receipt.STAGE_CUSTODY: "receipt.custody",
    receipt_pb2.Receipt.STAGE_OUTCOME: "receipt.outcome",
}
_OUTCOMES = {
    receipt_pb2.Receipt.OUTCOME_TAKEN_UP: "TAKEN_UP",
    receipt_pb2.Receipt.OUTCOME_REFUSED: "REFUSED",
}


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What a leaf's bytes say; a word is empty where they say nothing.

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


def decode_leaf(body: bytes) -> AuditEvent | None:
    """What the bytes of a leaf say; None if they are none of ours."""
    kind, kept = body[:1], body[1:]
    try:
        if kind == bytes([Kind.STATEMENT]):
            return _statement(statement_pb2.Envelope.FromString(kept).payload)
        if kind == bytes([Kind.RECEIPT]):
            return _receipt(statement_pb2.Envelope.FromString(kept).payload)
        if kind == bytes([Kind.RECORD]):
            return _record(kept)
    except Exception:  # protobuf raises DecodeError, and others on hostile bytes
        return None
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


def _packed(body: bytes) -> Any:
    if body[:1] == bytes([Kind.STATEMENT]):
        payload = statement_pb2.Envelope.FromString(body[1:]).payload
        return statement_pb2.Statement.FromString(payload).facts
    if body[:1] == bytes([Kind.RECORD]):
        return record_pb2.Record.FromString(body[1:]).facts
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


def _statement(payload: bytes) -> AuditEvent:
    said = statement_pb2.Statement.FromString(payload)
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


def _receipt(payload: bytes) -> AuditEvent:
    said = receipt_pb2.Receipt.FromString(payload)
    return AuditEvent(
        Kind.RECEIPT,
        ref=said.statement_id,
        type=_STAGES.get(said.stage, ""),
        author=said.recipient,
        time=_time(said.time),
        counterpart=said.sender,
        actor_kind="service",
        outcome=_OUTCOMES.get(said.outcome, "CUSTODY"),
        reason=said.reason,
        source=f"netral://{said.recipient}",
        cause=said.statement_id,
        about=said.envelope_digest,
    )


def _record(kept: bytes) -> AuditEvent:
    said = record_pb2.Record.FromString(kept)
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


def _time(stamp: Any) -> datetime | None:
    try:
        at: datetime = stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return at


def _region(packed: Any) -> str:
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
    public_facts: Any = kind.FromString(packed.value)
    return str(public_facts.region)[:20]


# By message type: whether it has a region. Types come from contracts, so there are few.
_REGIONS: dict[str, bool] = {}
