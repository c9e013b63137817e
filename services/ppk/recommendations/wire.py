"""Protobuf ↔ the words of recommendations at an authority, and nothing else."""

from typing import Any

from cooperation.oversight import overseers
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import timestamp
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import discipline_events_pb2 as steps_pb2
from netral.ppk.v1 import events_pb2, service_pb2
from ppk.recommendations.domain import events

EVENTS: EventMessages[events.Event] = EventMessages.by_name(
    events.Event,
    events_pb2,
    steps_pb2,
    kasn_events_pb2,
    succession_pb2,
    oversight_events_pb2,
    given={events.Opened: events_pb2.Opened},  # an overseer has one too
    leaves_out={
        events.Recommended: ("due_calendar", "due_rule", "readdressed_from", "reason_codes"),
        events.Corrected: ("letter_date",),
        events.DueDateMoved: (
            "calendar",
            "days_off",
            "due_rule",
            "former_calendar",
            "former_due_date",
            "working_days",
        ),
        events.Withdrawn: ("addressee", "withdrawal_date", "withdrawal_number"),
        events.ObjectionAnswered: ("due_calendar", "paused_since", "paused_until"),
        events.Verified: ("decree_number", "verified_date"),
        events.TookOver: ("letter_date", "letter_number", "rule", "state"),
        overseers.Blocked: ("office", "reason", "recommendation"),
        overseers.Unblocked: ("block_number", "office", "reason", "recommendation"),
        overseers.Warned: ("addressee", "recommendation"),
        overseers.DecreeAnnulled: ("coordination_number", "reason", "recommendation"),
    },
)


def matter(row: Any) -> service_pb2.Matter:
    """A matter for people."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Matter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
    )
