"""Protobuf ↔ the words of escalation, and nothing else."""

from typing import Any

from agreement.clocks.escalation import Next, rank
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from kasn.escalation import domain
from netral.exchange.v1 import statement_pb2
from netral.kasn.v1 import events_pb2, service_pb2
from netral.ppk.v1 import events_pb2 as ppk_events_pb2

EVENTS: EventMessages[domain.Event] = EventMessages(
    {
        domain.StepReached: events_pb2.StepReached,
        domain.Reminded: events_pb2.Reminded,
        domain.Reprimanded: events_pb2.Reprimanded,
        domain.Escalated: events_pb2.Escalated,
        domain.SilenceClaimed: events_pb2.SilenceClaimed,
        domain.SilenceRefuted: ppk_events_pb2.SilenceRefuted,
    }
)
KIND_CLOCK = statement_pb2.Actor.KIND_CLOCK


def standing(row: Any, known: domain.Ladder, following: Next | None) -> service_pb2.Ladder:
    """Write the step of a matter for people."""
    reached = domain.days(row, known)
    step = max(reached, key=rank, default="")
    return protobuf_mapping.to_message(
        known,
        service_pb2.Ladder,
        name=f"institutions/{row.party}/matters/{row.id}",
        due_date=protobuf_mapping.to_day(row.due_date),
        step=step,
        step_date=protobuf_mapping.to_day(reached.get(step)),
        silence_date=protobuf_mapping.to_day(known.silence_day),
        next_step=following.step if following else "",
        next_date=protobuf_mapping.to_day(following.day) if following else None,
        next_actor=following.by if following else "",
    )
