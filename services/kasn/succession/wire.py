"""Protobuf ↔ the words of a succession, with those of the matters that pass, and nothing else."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import timestamp
from kasn.matters import wire
from kasn.matters.wire import EVENTS
from kasn.succession.domain import transfer
from netral.kasn.v1 import service_pb2, succession_pb2
from refusals import Malformed

protobuf_mapping.pair(transfer.Transferred, succession_pb2.Transferred)
protobuf_mapping.pair(transfer.Forwarded, succession_pb2.Forwarded, leaves_out=("facts", "said", "type"))
# The edge reads how many are handed over in one call.
protobuf_mapping.pair(transfer.TransferMatters, service_pb2.TransferMattersRequest, leaves_out=("limit",))


def facts(event: transfer.Event) -> Message:
    """An event as the message that travels or is recorded."""
    if isinstance(event, transfer.Transferred):
        told = [protobuf_mapping.to_message(each, succession_pb2.Told) for each in event.last_told]
        return protobuf_mapping.to_message(
            event, succession_pb2.Transferred, matter=wire.matter(event.matter), last_told=told
        )
    if isinstance(event, transfer.Forwarded):
        return forwarded(event.statement, event.sender, "", facts(event.said))
    return SUCCESSION.to_message(event) if isinstance(event, transfer.TookOver) else EVENTS.to_message(event)


def event_of(packed: AnyMessage) -> transfer.Event | None:
    """The event in the facts of a leaf; None if they change no matter here."""
    return SUCCESSION.from_any(packed) or EVENTS.from_any(packed)


def read_transferred(message: succession_pb2.Transferred) -> transfer.Transferred:
    """A matter that passes, as the old examiner had it."""
    told = tuple(protobuf_mapping.to_dataclass(each, transfer.Told) for each in message.last_told)
    return protobuf_mapping.to_dataclass(
        message, transfer.Transferred, matter=wire.passed(message.matter), last_told=told
    )


def read_forwarded(message: succession_pb2.Forwarded) -> transfer.Forwarded:
    """A statement that came to the old examiner."""
    said = EVENTS.from_any(message.facts)
    if said is None:
        raise Malformed("nothing that this desk knows was forwarded", field="facts")
    return protobuf_mapping.to_dataclass(message, transfer.Forwarded, said=said)


SUCCESSION: EventMessages[transfer.Event] = (
    EventMessages[transfer.Event]({transfer.TookOver: succession_pb2.TookOver})
    .reading(succession_pb2.Transferred, read_transferred)
    .reading(succession_pb2.Forwarded, read_forwarded)
)


def forwarded(statement: str, sender: str, type: str, said: Message) -> succession_pb2.Forwarded:
    """Pack a forwarded statement, with its facts as they came."""
    message = succession_pb2.Forwarded(statement=statement, sender=sender, type=type)
    message.facts.Pack(said)
    return message


def transferred(successor: str, count: int) -> succession_pb2.MattersTransferred:
    """Write what one call handed over."""
    return succession_pb2.MattersTransferred(successor=successor, count=count)


def handed_over(
    row: Any, transferred: Mapping[str, Any], took_over: Mapping[str, Any]
) -> service_pb2.HandedOver:
    """A line of the handover list; the mappings give what is known of either statement, by matter."""
    line = service_pb2.HandedOver(
        name=f"institutions/{row.party}/matters/{row.id}",
        state=row.state,
        predecessor=row.predecessor or row.party,
        successor=row.successor or row.party,
        passed_in=row.passed_in,
        rule=row.succession_rule,
        letter_number=row.letter_number,
    )
    if sent := transferred.get(row.id):
        line.transferred, line.transferred_outcome = sent.id, sent.outcome
        if sent.custody:
            line.transferred_custody_time.CopyFrom(timestamp(sent.custody))
    if sent := took_over.get(row.id):
        line.took_over, line.took_over_outcome = sent.id, sent.outcome
        if sent.custody:
            line.took_over_custody_time.CopyFrom(timestamp(sent.custody))
    return line
