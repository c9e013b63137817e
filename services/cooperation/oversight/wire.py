"""Protobuf ↔ the overseers' words, and nothing else."""

from datetime import datetime
from typing import TypeVar

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from cooperation.oversight.domain import matters, rules
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1.record_pb2 import Record as Record
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2, service_pb2
from storage.types import FoundRow

C = TypeVar("C")

_EVENTS: dict[type[matters.Event], type[Message]] = protobuf_mapping.pairs(
    {
        matters.Opened: events_pb2.Opened,
        matters.Blocked: events_pb2.Blocked,
        matters.Unblocked: events_pb2.Unblocked,
        matters.Warned: events_pb2.Warned,
        matters.Recommended: kasn_events_pb2.Recommended,
        matters.Corrected: kasn_events_pb2.Corrected,
        matters.DueDateMoved: kasn_events_pb2.DueDateMoved,
        matters.Withdrawn: kasn_events_pb2.Withdrawn,
        matters.TookOver: succession_pb2.TookOver,
        matters.Verified: kasn_events_pb2.Verified,
    },
    {
        matters.Recommended: (
            "due_calendar",
            "due_rule",
            "employment",
            "event_date",
            "readdressed_from",
            "reason_codes",
        ),
        matters.Corrected: ("letter_date",),
        matters.DueDateMoved: (
            "calendar",
            "days_off",
            "due_rule",
            "former_calendar",
            "former_due_date",
            "working_days",
        ),
        matters.Withdrawn: ("addressee", "withdrawal_date", "withdrawal_number"),
        matters.TookOver: ("letter_date", "letter_number", "reports_to", "rule", "state"),
    },
)
# The edge runs the command on each of the matters.
protobuf_mapping.pair(
    matters.WarnAuthority, service_pb2.WarnAuthorityRequest, leaves_out=("further_matters",)
)
_BY_NAME = {message.DESCRIPTOR.full_name: (event, message) for event, message in _EVENTS.items()}


def facts(event: matters.Event) -> Message:
    """An event as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _EVENTS[type(event)])


def event(message: Message) -> matters.Event:
    """A message as the event that it is."""
    kind, _ = _BY_NAME[message.DESCRIPTOR.full_name]
    return protobuf_mapping.to_dataclass(message, kind)


def event_of(packed: AnyMessage) -> matters.Event | None:
    """The event in the facts of a leaf; None if they change no watched matter."""
    name = packed.type_url.rpartition("/")[2]
    if name not in _BY_NAME:
        return None
    message = _BY_NAME[name][1]()
    packed.Unpack(message)
    return event(message)


def command(request: Message, kind: type[C]) -> C:
    """A request as the command of the same fields."""
    return protobuf_mapping.to_dataclass(request, kind)


def watched(row: FoundRow, now: datetime) -> service_pb2.WatchedMatter:
    """A watched matter for people, at `now` (UTC)."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.WatchedMatter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
        overdue=rules.is_overdue(row.state, row.due_date, row.addressee, now),
    )
