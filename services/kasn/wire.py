"""Protobuf ↔ the examiner's words, and nothing else."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from exchange import mapping
from exchange.refusals import Malformed
from exchange.transaction import instant, timestamp
from kasn.domain import matters as domain
from kasn.domain import succession
from netral.bawaslu.v1 import events_pb2 as bawaslu_events_pb2
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record as Record
from netral.kasn.v1 import events_pb2, service_pb2, succession_pb2
from netral.ppk.v1 import events_pb2 as ppk_events_pb2

_EVENTS: dict[type[Any], type[Message]] = {
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
    succession.Transferred: succession_pb2.Transferred,
    succession.TookOver: succession_pb2.TookOver,
    succession.Forwarded: succession_pb2.Forwarded,
}
_BY_NAME = {message.DESCRIPTOR.full_name: (event, message) for event, message in _EVENTS.items()}


def facts(event: succession.Event) -> Message:
    """An event as the message that travels or is recorded."""
    if isinstance(event, succession.Transferred):
        return mapping.to_message(event, succession_pb2.Transferred, matter=matter(event.matter))
    if isinstance(event, succession.Forwarded):
        said = facts(event.said)
        return forwarded(event.statement, event.sender, "", said)
    return mapping.to_message(event, _EVENTS[type(event)])


def event(message: Message) -> Any:
    """A message as the event that it is."""
    kind, _ = _BY_NAME[message.DESCRIPTOR.full_name]
    if isinstance(message, succession_pb2.Transferred):
        return mapping.to_dataclass(message, kind, matter=_passed(message.matter))
    if isinstance(message, succession_pb2.Forwarded):
        said = event_of(message.facts)
        if said is None:
            raise Malformed("nothing that this desk knows was forwarded", field="facts")
        return mapping.to_dataclass(message, kind, said=said)
    return mapping.to_dataclass(message, kind)


def event_of(packed: AnyMessage) -> succession.Event | None:
    """The event in the facts of a leaf; None if they change no matter here."""
    name = packed.type_url.rpartition("/")[2]
    if name not in _BY_NAME:
        return None
    message = _BY_NAME[name][1]()
    packed.Unpack(message)
    found: succession.Event = event(message)
    return found


def forwarded(statement: str, sender: str, type: str, said: Message) -> succession_pb2.Forwarded:
    """What another said, with its facts as they came."""
    message = succession_pb2.Forwarded(statement=statement, sender=sender, type=type)
    message.facts.Pack(said)
    return message


def transferred(successor: str, count: int) -> succession_pb2.MattersTransferred:
    """What one call handed over."""
    return succession_pb2.MattersTransferred(successor=successor, count=count)


def command(request: Message, kind: type[Any]) -> Any:
    """A request as the command of the same fields."""
    return mapping.to_dataclass(request, kind)


def part(person: person_pb2.Person | None, text: str) -> bytes:
    """A personal part: the person, if one goes along, and prose. Empty if there is neither."""
    message = person_pb2.PersonalPart(person=person, text=text)
    return message.SerializeToString()


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


def _passed(seen: service_pb2.Matter) -> domain.Matter:
    """A matter as the old examiner had it."""
    words = seen.name.split("/")
    if len(words) != 4 or seen.state not in set(domain.State):
        raise Malformed("not a matter in a state of this desk", field="matter")
    return mapping.to_dataclass(
        seen,
        domain.Matter,
        party=words[1],
        id=words[3],
        state=domain.State(seen.state),
        created=instant(seen.create_time),
        updated=instant(seen.update_time),
    )


def matter(row: Any) -> service_pb2.Matter:
    """A matter for people."""
    return mapping.to_message(
        row,
        service_pb2.Matter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
    )
