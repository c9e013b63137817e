"""Protobuf ↔ the supervisor's words, and nothing else."""

from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from bawaslu.early_information import domain as informed
from bawaslu.intake.domain import events
from bawaslu.matters.domain import rules as domain
from bawaslu.matters.domain.reported_person import Person
from bawaslu.silence import domain as silence
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from netral.bawaslu.v1 import events_pb2, intake_events_pb2, service_pb2
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record as Record
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.supervision.v1 import events_pb2 as supervision_events_pb2

_EVENTS: dict[type[domain.Event], type[Message]] = protobuf_mapping.pairs(
    {
        domain.Registered: events_pb2.Registered,
        domain.StudyConcluded: events_pb2.StudyConcluded,
        domain.Referred: events_pb2.Referred,
        domain.Completed: events_pb2.Completed,
        domain.Accepted: kasn_events_pb2.Accepted,
        domain.Returned: kasn_events_pb2.Returned,
        domain.CompletionRequested: kasn_events_pb2.CompletionRequested,
        domain.NotProven: kasn_events_pb2.NotProven,
        domain.Recommended: kasn_events_pb2.Recommended,
        domain.Corrected: kasn_events_pb2.Corrected,
        domain.DueDateMoved: kasn_events_pb2.DueDateMoved,
        domain.Withdrawn: kasn_events_pb2.Withdrawn,
        domain.Verified: kasn_events_pb2.Verified,
        domain.TookOver: succession_pb2.TookOver,
    },
    {
        domain.CompletionRequested: ("letter_date",),
        domain.Recommended: (
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
        domain.Corrected: ("corrects", "letter_date", "letter_number"),
        domain.DueDateMoved: (
            "calendar",
            "days_off",
            "due_rule",
            "former_calendar",
            "former_due_date",
            "working_days",
        ),
        domain.Withdrawn: ("addressee", "withdrawal_date", "withdrawal_number"),
        domain.Verified: ("verified_date",),
        domain.TookOver: ("letter_date", "letter_number", "reports_to", "rule", "state"),
    },
)
_SILENCE: dict[type[silence.Event], type[Message]] = protobuf_mapping.pairs(
    {
        silence.SilenceClaimed: events_pb2.SilenceClaimed,
        silence.SilenceRefuted: kasn_events_pb2.SilenceRefuted,
    }
)
# The edge reads whether the matter joins a case that is there.
protobuf_mapping.pair(domain.RegisterMatter, service_pb2.RegisterMatterRequest, leaves_out=("case_id",))
_BY_NAME = {message.DESCRIPTOR.full_name: (event, message) for event, message in _EVENTS.items()}


def facts(event: domain.Event) -> Message:
    """An event as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _EVENTS[type(event)])


def event(message: Message) -> domain.Event:
    """A message as the event that it is."""
    kind, _ = _BY_NAME[message.DESCRIPTOR.full_name]
    return protobuf_mapping.to_dataclass(message, kind)


def passed(message: Message) -> informed.Passed:
    """Read what an authority's team passed on."""
    return protobuf_mapping.to_dataclass(message, informed.Passed)


def answered(answer: informed.Answered) -> Message:
    """Write the answer to that team."""
    return protobuf_mapping.to_message(answer, supervision_events_pb2.InformationAnswered)


def intake_facts(event: events.InformationReceived) -> Message:
    """First information as the message that is recorded."""
    return protobuf_mapping.to_message(event, intake_events_pb2.InformationReceived)


def silence_facts(event: silence.Event) -> Message:
    """A claim of silence or its refutation as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _SILENCE[type(event)])


def silence_event(message: Message) -> Any:
    """A message as the claim or the refutation that it is."""
    kind = next(kind for kind, known in _SILENCE.items() if known.DESCRIPTOR is message.DESCRIPTOR)
    return protobuf_mapping.to_dataclass(message, kind)


def event_of(packed: AnyMessage) -> domain.Event | None:
    """The event in the facts of a leaf; None if they change no matter here."""
    name = packed.type_url.rpartition("/")[2]
    if name not in _BY_NAME:
        return None
    message = _BY_NAME[name][1]()
    packed.Unpack(message)
    return event(message)


def command(request: Message, kind: type[Any]) -> Any:
    """A request as the command of the same fields."""
    return protobuf_mapping.to_dataclass(request, kind)


def person(message: person_pb2.Person) -> Person:
    return protobuf_mapping.to_dataclass(message, Person)


def matter(row: Any) -> service_pb2.Matter:
    """A matter for people."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Matter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
    )


def silence_claim(known: silence.Silence) -> service_pb2.SilenceClaim:
    """Write a claim of silence for people."""
    name = f"institutions/{known.party}/matters/{known.id}"
    return protobuf_mapping.to_message(known, service_pb2.SilenceClaim, name=name)
