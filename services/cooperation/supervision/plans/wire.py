"""Protobuf ↔ the words of joint supervision, and nothing else."""

from cooperation.supervision.plans import domain
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import timestamp
from netral.supervision.v1 import plans_pb2
from storage.types import FoundRow

EVENTS: EventMessages[domain.Event] = EventMessages(
    {
        domain.Proposed: plans_pb2.PlanProposed,
        domain.Agreed: plans_pb2.PlanAgreed,
        domain.Noted: plans_pb2.PlanNoted,
    }
)


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
