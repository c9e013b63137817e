"""Protobuf ↔ the overseers' words, and nothing else."""

from datetime import datetime

from cooperation.oversight.domain import matters, rules
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import timestamp
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2, service_pb2
from storage.types import FoundRow

EVENTS: EventMessages[matters.Event] = EventMessages.by_name(
    matters.Event,
    events_pb2,
    kasn_events_pb2,
    succession_pb2,
    leaves_out={
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
# A letter's command is run on each of its matters.
protobuf_mapping.pair(
    matters.WarnAuthority, service_pb2.WarnAuthorityRequest, leaves_out=("further_matters",)
)


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
