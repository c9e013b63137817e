"""Protobuf ↔ the examiner's words, and nothing else."""

from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from exchange import mapping
from exchange.transaction import timestamp
from kasn.domain import matters as domain
from netral.bawaslu.v1 import events_pb2 as bawaslu_events_pb2
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record as Record
from netral.kasn.v1 import events_pb2, service_pb2
from netral.ppk.v1 import discipline_events_pb2
from netral.ppk.v1 import events_pb2 as ppk_events_pb2

_EVENTS: dict[type[domain.Event], type[Message]] = {
    domain.Referred: bawaslu_events_pb2.Referred,
    domain.Accepted: events_pb2.Accepted,
    domain.Returned: events_pb2.Returned,
    domain.NotProven: events_pb2.NotProven,
    domain.Recommended: events_pb2.Recommended,
    domain.Withdrawn: events_pb2.Withdrawn,
    domain.ObjectionAnswered: events_pb2.ObjectionAnswered,
    domain.Verified: events_pb2.Verified,
    domain.Opened: ppk_events_pb2.Opened,
    domain.Acknowledged: ppk_events_pb2.Acknowledged,
    domain.Rejected: ppk_events_pb2.Rejected,
    domain.Objected: ppk_events_pb2.Objected,
    domain.Decided: ppk_events_pb2.Decided,
    domain.FollowedUp: ppk_events_pb2.FollowedUp,
    domain.Progressed: discipline_events_pb2.Progressed,
    domain.Appealed: discipline_events_pb2.Appealed,
}
_BY_NAME = {message.DESCRIPTOR.full_name: (event, message) for event, message in _EVENTS.items()}


def facts(event: domain.Event) -> Message:
    """An event as the message that travels or is recorded."""
    return mapping.to_message(event, _EVENTS[type(event)])


def event(message: Message) -> Any:
    """A message as the event that it is."""
    kind, _ = _BY_NAME[message.DESCRIPTOR.full_name]
    return mapping.to_dataclass(message, kind)


def event_of(packed: AnyMessage) -> domain.Event | None:
    """The event in the facts of a leaf; None if they change no matter here."""
    name = packed.type_url.rpartition("/")[2]
    if name not in _BY_NAME:
        return None
    kind, message_type = _BY_NAME[name]
    message = message_type()
    packed.Unpack(message)
    return mapping.to_dataclass(message, kind)


def command(request: Message, kind: type[Any]) -> Any:
    """A request as the command of the same fields."""
    return mapping.to_dataclass(request, kind)


def part(person: person_pb2.Person | None, text: str) -> bytes:
    """A personal part: the person, if one goes along, and prose. Empty if there is neither."""
    message = person_pb2.PersonalPart(person=person, text=text)
    return message.SerializeToString()


def matter(row: Any) -> service_pb2.Matter:
    """A matter for people."""
    return mapping.to_message(
        row,
        service_pb2.Matter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
    )
