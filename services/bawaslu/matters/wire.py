"""Protobuf ↔ the words of matters at the supervisor's desk, and nothing else."""

from google.protobuf.message import Message

from agreement.parties import bawaslu_numbers
from bawaslu.matters.domain import commands, events
from bawaslu.matters.domain.answers import Answered
from bawaslu.matters.domain.reported_person import Person
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import timestamp
from netral.bawaslu.v1 import events_pb2, service_pb2
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.supervision.v1 import events_pb2 as supervision_events_pb2
from storage.types import FoundRow

EVENTS: EventMessages[events.Event] = EventMessages(
    {
        events.Registered: events_pb2.Registered,
        events.StudyConcluded: events_pb2.StudyConcluded,
        events.PlenaryHeld: events_pb2.PlenaryHeld,
        events.Referred: events_pb2.Referred,
        events.Completed: events_pb2.Completed,
        events.OffenceForwarded: events_pb2.OffenceForwarded,
        events.OffenceProgressed: events_pb2.OffenceProgressed,
        events.Accepted: kasn_events_pb2.Accepted,
        events.Returned: kasn_events_pb2.Returned,
        events.CompletionRequested: kasn_events_pb2.CompletionRequested,
        events.NotProven: kasn_events_pb2.NotProven,
        events.Recommended: kasn_events_pb2.Recommended,
        events.Corrected: kasn_events_pb2.Corrected,
        events.DueDateMoved: kasn_events_pb2.DueDateMoved,
        events.Withdrawn: kasn_events_pb2.Withdrawn,
        events.Verified: kasn_events_pb2.Verified,
        events.DecreeAnnulled: oversight_events_pb2.DecreeAnnulled,
        events.TookOver: succession_pb2.TookOver,
    },
    {
        events.CompletionRequested: ("letter_date",),
        events.Recommended: (
            "due_calendar",
            "due_rule",
            "employment",
            "event_date",
            "letter_date",
            "readdressed_from",
            "reason_codes",
            "region",
            "report_number",
        ),
        events.Corrected: ("corrects", "letter_date", "letter_number"),
        events.DueDateMoved: (
            "calendar",
            "days_off",
            "due_rule",
            "former_calendar",
            "former_due_date",
            "working_days",
        ),
        events.Withdrawn: ("addressee", "withdrawal_date", "withdrawal_number"),
        events.Verified: ("decree_number", "verified_date"),
        events.DecreeAnnulled: ("coordination_number", "decree_number", "reason", "recommendation"),
        events.TookOver: ("letter_date", "letter_number", "reports_to", "rule", "state"),
    },
)
# The edge reads whether the matter joins a case that is there.
protobuf_mapping.pair(commands.RegisterMatter, service_pb2.RegisterMatterRequest, leaves_out=("case_id",))


def answered(answer: Answered) -> Message:
    """Write the answer to that team."""
    return protobuf_mapping.to_message(answer, supervision_events_pb2.InformationAnswered)


def person(message: person_pb2.Person) -> Person:
    return protobuf_mapping.to_dataclass(message, Person)


def matter(row: FoundRow) -> service_pb2.Matter:
    """A matter for people."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Matter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
        office=row.office or bawaslu_numbers.office_of(row.number),
    )
