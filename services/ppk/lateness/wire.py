"""Protobuf ↔ the words of lateness at an authority, and nothing else."""

from typing import Any

from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.ppk.v1 import events_pb2, service_pb2
from ppk.lateness import domain

EVENTS: EventMessages[domain.Event] = EventMessages(
    {
        domain.Reminded: kasn_events_pb2.Reminded,
        domain.Reprimanded: kasn_events_pb2.Reprimanded,
        domain.SilenceClaimed: kasn_events_pb2.SilenceClaimed,
        domain.Escalated: kasn_events_pb2.Escalated,
        domain.SilenceRefuted: events_pb2.SilenceRefuted,
    },
    {
        domain.Reminded: ("due_rule", "receipt_digest", "silence"),
        domain.SilenceClaimed: ("custody_time", "due_rule", "receipt_digest", "sent_time", "statement_id"),
        domain.Reprimanded: ("receipt_digest", "silence"),
        domain.Escalated: ("letter_date", "receipt_digest", "silence"),
    },
)


def notice(row: Any) -> service_pb2.Notice:
    """Write the notices of lateness, for people."""
    return protobuf_mapping.to_message(
        row, service_pb2.Notice, name=f"institutions/{row.party}/matters/{row.id}"
    )
