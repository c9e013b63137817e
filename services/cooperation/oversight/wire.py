"""Protobuf ↔ the overseers' words, and nothing else."""

from datetime import datetime
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from cooperation.oversight import domain
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1.record_pb2 import Record as Record
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2, service_pb2

_EVENTS: dict[type[domain.Event], type[Message]] = protobuf_mapping.pairs(
    {
        domain.Opened: events_pb2.Opened,
        domain.Blocked: events_pb2.Blocked,
        domain.Unblocked: events_pb2.Unblocked,
        domain.Warned: events_pb2.Warned,
        domain.Recommended: kasn_events_pb2.Recommended,
        domain.Corrected: kasn_events_pb2.Corrected,
        domain.DueDateMoved: kasn_events_pb2.DueDateMoved,
        domain.Withdrawn: kasn_events_pb2.Withdrawn,
        domain.TookOver: succession_pb2.TookOver,
        domain.Verified: kasn_events_pb2.Verified,
    },
    {
        domain.Recommended: (
            "due_calendar",
            "due_rule",
            "employment",
            "event_date",
            "readdressed_from",
            "reason_codes",
        ),
        domain.Corrected: ("letter_date",),
        domain.DueDateMoved: (
            "calendar",
            "days_off",
            "due_rule",
            "former_calendar",
            "former_due_date",
            "working_days",
        ),
        domain.Withdrawn: ("addressee", "withdrawal_date", "withdrawal_number"),
        domain.TookOver: ("letter_date", "letter_number", "reports_to", "rule", "state"),
    },
)
# The edge runs the command on each of the matters.
protobuf_mapping.pair(domain.WarnAuthority, service_pb2.WarnAuthorityRequest, leaves_out=("further_matters",))
_BY_NAME = {message.DESCRIPTOR.full_name: (event, message) for event, message in _EVENTS.items()}


def facts(event: domain.Event) -> Message:
    """An event as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _EVENTS[type(event)])


def event(message: Message) -> Any:
    """A message as the event that it is."""
    kind, _ = _BY_NAME[message.DESCRIPTOR.full_name]
    return protobuf_mapping.to_dataclass(message, kind)


def event_of(packed: AnyMessage) -> domain.Event | None:
    """The event in the facts of a leaf; None if they change no watched matter."""
    name = packed.type_url.rpartition("/")[2]
    if name not in _BY_NAME:
        return None
    message = _BY_NAME[name][1]()
    packed.Unpack(message)
    found: domain.Event = event(message)
    return found


def command(request: Message, kind: type[Any]) -> Any:
    """A request as the command of the same fields."""
    return protobuf_mapping.to_dataclass(request, kind)


def watched(row: Any, now: datetime) -> service_pb2.WatchedMatter:
    """A watched matter for people, at `now` (UTC)."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.WatchedMatter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
        overdue=domain.is_overdue(row, now),
    )
