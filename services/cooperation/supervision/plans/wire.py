"""Protobuf ↔ the words of joint supervision, and nothing else."""

from typing import TypeVar

from google.protobuf.message import Message as Message

from cooperation.supervision.plans import domain
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1.record_pb2 import Record as Record
from netral.supervision.v1 import plans_pb2
from storage.types import FoundRow

E = TypeVar("E")

_EVENTS: dict[type[domain.Event], type[Message]] = {
    domain.Proposed: plans_pb2.PlanProposed,
    domain.Agreed: plans_pb2.PlanAgreed,
    domain.Noted: plans_pb2.PlanNoted,
}
protobuf_mapping.pairs(_EVENTS)


def facts(event: domain.Event) -> Message:
    """An event as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _EVENTS[type(event)])


def event(message: Message, kind: type[E]) -> E:
    """A message as the event of this kind."""
    return protobuf_mapping.to_dataclass(message, kind)


def command(request: Message, kind: type[E]) -> E:
    """A request as the command of the same fields."""
    return protobuf_mapping.to_dataclass(request, kind)


def plan(row: FoundRow) -> plans_pb2.Plan:
    """A plan for people."""
    return protobuf_mapping.to_message(
        row,
        plans_pb2.Plan,
        name=f"institutions/{row.party}/plans/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
        notes=[protobuf_mapping.to_message(each, plans_pb2.FieldNote) for each in row.notes],
    )


def noted(request: plans_pb2.AddFieldNoteRequest) -> domain.Noted:
    """Read an officer's note; a matter by its id."""
    return protobuf_mapping.to_dataclass(request, domain.Noted, matter=request.matter.rpartition("/")[2])
