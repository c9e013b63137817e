"""Protobuf ↔ the personnel authority's words, and nothing else."""

from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record as Record
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import discipline_events_pb2 as steps_pb2
from netral.ppk.v1 import discipline_service_pb2, events_pb2, service_pb2
from ppk.discipline.domain import proceedings
from ppk.lateness import domain as notices
from ppk.recommendations.domain import overseers
from ppk.recommendations.domain import rules as domain

_EVENTS: dict[type[domain.Event], type[Message]] = protobuf_mapping.pairs(
    {
        domain.Clarified: events_pb2.Clarified,
        domain.Opened: events_pb2.Opened,
        domain.Acknowledged: events_pb2.Acknowledged,
        domain.Rejected: events_pb2.Rejected,
        domain.Objected: events_pb2.Objected,
        domain.Decided: events_pb2.Decided,
        domain.FollowedUp: events_pb2.FollowedUp,
        domain.ClarificationRequested: kasn_events_pb2.ClarificationRequested,
        domain.Appealed: steps_pb2.Appealed,
        domain.Recommended: kasn_events_pb2.Recommended,
        domain.Corrected: kasn_events_pb2.Corrected,
        domain.DueDateMoved: kasn_events_pb2.DueDateMoved,
        domain.Withdrawn: kasn_events_pb2.Withdrawn,
        domain.ObjectionAnswered: kasn_events_pb2.ObjectionAnswered,
        domain.Verified: kasn_events_pb2.Verified,
        domain.TookOver: succession_pb2.TookOver,
        overseers.Blocked: oversight_events_pb2.Blocked,
        overseers.Unblocked: oversight_events_pb2.Unblocked,
        overseers.Warned: oversight_events_pb2.Warned,
    },
    {
        domain.Recommended: ("due_calendar", "due_rule", "readdressed_from", "reason_codes"),
        domain.Corrected: ("letter_date",),
        domain.DueDateMoved: (
            "calendar",
            "days_off",
            "due_rule",
            "former_calendar",
            "former_due_date",
            "working_days",
        ),
        domain.Withdrawn: ("addressee", "withdrawal_date", "withdrawal_number"),
        domain.ObjectionAnswered: ("due_calendar", "paused_since", "paused_until"),
        domain.Verified: ("verified_date",),
        domain.TookOver: ("letter_date", "letter_number", "rule", "state"),
        overseers.Blocked: ("office", "reason", "recommendation"),
        overseers.Unblocked: ("block_number", "office", "reason", "recommendation"),
        overseers.Warned: ("addressee", "recommendation"),
    },
)
_STEPS: dict[type[proceedings.Event], type[Message]] = protobuf_mapping.pairs(
    {
        proceedings.EmployeeChecked: steps_pb2.EmployeeChecked,
        proceedings.TeamFormed: steps_pb2.TeamFormed,
        proceedings.Summoned: steps_pb2.Summoned,
        proceedings.Absent: steps_pb2.Absent,
        proceedings.Examined: steps_pb2.Examined,
        proceedings.ExaminationConcluded: steps_pb2.ExaminationConcluded,
        proceedings.Delivered: steps_pb2.Delivered,
        domain.Decided: events_pb2.Decided,
        domain.Appealed: steps_pb2.Appealed,
    }
)
_NOTICES: dict[type[notices.Event], type[Message]] = protobuf_mapping.pairs(
    {
        notices.Reminded: kasn_events_pb2.Reminded,
        notices.SilenceClaimed: kasn_events_pb2.SilenceClaimed,
        notices.Escalated: kasn_events_pb2.Escalated,
        notices.SilenceRefuted: events_pb2.SilenceRefuted,
    },
    {
        notices.Reminded: ("due_rule", "receipt_digest", "silence"),
        notices.SilenceClaimed: ("custody_time", "due_rule", "receipt_digest", "sent_time", "statement_id"),
        notices.Escalated: ("letter_date", "receipt_digest", "silence"),
    },
)
_BY_NAME = {message.DESCRIPTOR.full_name: (event, message) for event, message in _EVENTS.items()}


def facts(event: domain.Event) -> Message:
    """An event as the message that travels or is recorded."""
    return protobuf_mapping.to_message(event, _EVENTS[type(event)])


def notice_facts(event: notices.Event) -> Message:
    """An event of lateness as the message that travels."""
    return protobuf_mapping.to_message(event, _NOTICES[type(event)])


def notice_event(message: Message) -> Any:
    """A message as the event of lateness that it is."""
    kind = next(kind for kind, known in _NOTICES.items() if known.DESCRIPTOR is message.DESCRIPTOR)
    return protobuf_mapping.to_dataclass(message, kind)


def notice(row: Any) -> service_pb2.Notice:
    """What was said of lateness, for people."""
    return protobuf_mapping.to_message(
        row, service_pb2.Notice, name=f"institutions/{row.party}/matters/{row.id}"
    )


def event(message: Message) -> Any:
    """A message as the event that it is."""
    kind, _ = _BY_NAME[message.DESCRIPTOR.full_name]
    return protobuf_mapping.to_dataclass(message, kind)


def event_of(packed: AnyMessage) -> domain.Event | None:
    """The event in the facts of a leaf; None if they change no matter here."""
    name = packed.type_url.rpartition("/")[2]
    if name not in _BY_NAME:
        return None
    message = _BY_NAME[name][1]()
    packed.Unpack(message)
    found: domain.Event = event(message)
    return found


def step(event: proceedings.Step) -> Message:
    """A step of the procedure as the message that is recorded."""
    return protobuf_mapping.to_message(event, _STEPS[type(event)])


def progress(told: proceedings.Progressed) -> Message:
    """A step as the message that travels."""
    return protobuf_mapping.to_message(told, steps_pb2.Progressed)


def step_of(packed: AnyMessage) -> proceedings.Event | None:
    """The event in the facts of a record, if it changed the procedure."""
    name = packed.type_url.rpartition("/")[2]
    for kind, message_type in _STEPS.items():
        if message_type.DESCRIPTOR.full_name == name:
            message = message_type()
            packed.Unpack(message)
            found: proceedings.Event = protobuf_mapping.to_dataclass(message, kind)
            return found
    return None


def command(request: Message, kind: type[Any]) -> Any:
    """A request as the command of the same fields."""
    return protobuf_mapping.to_dataclass(request, kind)


def remarks(text: str) -> bytes:
    """Prose as a personal part; nothing if there is none."""
    return person_pb2.PersonalPart(text=text).SerializeToString() if text else b""


def matter(row: Any) -> service_pb2.Matter:
    """A matter for people."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Matter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
    )


def proceeding(kept: proceedings.Proceeding, due: proceedings.DueDates) -> discipline_service_pb2.Proceeding:
    """A matter's procedure for people, with the limits that follow from it."""
    return protobuf_mapping.to_message(
        kept,
        discipline_service_pb2.Proceeding,
        name=f"institutions/{kept.party}/matters/{kept.id}",
        **{name: protobuf_mapping.to_day(day) for name, day in vars(due).items()},
    )
