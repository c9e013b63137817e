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

EVENTS: EventMessages[events.Event] = EventMessages(
    {
        events.Clarified: events_pb2.Clarified,
        events.Opened: events_pb2.Opened,
        events.Acknowledged: events_pb2.Acknowledged,
        events.Rejected: events_pb2.Rejected,
        events.Objected: events_pb2.Objected,
        events.Decided: events_pb2.Decided,
        events.FollowedUp: events_pb2.FollowedUp,
        events.ClarificationRequested: kasn_events_pb2.ClarificationRequested,
        events.Appealed: steps_pb2.Appealed,
        events.Recommended: kasn_events_pb2.Recommended,
        events.Corrected: kasn_events_pb2.Corrected,
        events.DueDateMoved: kasn_events_pb2.DueDateMoved,
        events.Withdrawn: kasn_events_pb2.Withdrawn,
        events.ObjectionAnswered: kasn_events_pb2.ObjectionAnswered,
        events.Verified: kasn_events_pb2.Verified,
        events.TookOver: succession_pb2.TookOver,
        overseers.Blocked: oversight_events_pb2.Blocked,
        overseers.Unblocked: oversight_events_pb2.Unblocked,
        overseers.Warned: oversight_events_pb2.Warned,
    },
    {
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
        events.Verified: ("verified_date",),
        events.TookOver: ("letter_date", "letter_number", "rule", "state"),
        overseers.Blocked: ("office", "reason", "recommendation"),
        overseers.Unblocked: ("block_number", "office", "reason", "recommendation"),
        overseers.Warned: ("addressee", "recommendation"),
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
