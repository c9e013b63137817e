"""Protobuf ↔ the words of the discipline procedure, and nothing else."""

from cooperation.oversight.overseers import DecreeAnnulled
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import discipline_events_pb2 as steps_pb2
from netral.ppk.v1 import discipline_service_pb2, events_pb2
from ppk.discipline.domain import proceedings
from ppk.discipline.domain.due_dates import DueDates

STEPS: EventMessages[proceedings.Event] = EventMessages.by_name(
    proceedings.Event,
    steps_pb2,
    events_pb2,
    oversight_events_pb2,
    leaves_out={DecreeAnnulled: ("coordination_number", "reason", "recommendation")},
)


def progress(told: proceedings.Progressed) -> steps_pb2.Progressed:
    """A step as the message that travels."""
    return protobuf_mapping.to_message(told, steps_pb2.Progressed)


def proceeding(kept: proceedings.Proceeding, due: DueDates) -> discipline_service_pb2.Proceeding:
    """A matter's procedure for people, with the limits that follow from it."""
    return protobuf_mapping.to_message(
        kept,
        discipline_service_pb2.Proceeding,
        name=f"institutions/{kept.party}/matters/{kept.id}",
        **{name: protobuf_mapping.to_day(day) for name, day in vars(due).items()},
    )
