"""Protobuf ↔ the words of claims of this examiner's silence, and nothing else."""

from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from kasn.silence import domain
from netral.bawaslu.v1 import events_pb2 as bawaslu_events_pb2
from netral.kasn.v1 import events_pb2, service_pb2

EVENTS: EventMessages[domain.Event] = EventMessages(
    {
        domain.SilenceClaimed: bawaslu_events_pb2.SilenceClaimed,
        domain.SilenceRefuted: events_pb2.SilenceRefuted,
    },
    {
        domain.SilenceClaimed: ("custody_time", "due_date", "receipt_digest", "sent_time", "statement_id"),
    },
)


def silence_claim(known: domain.Claim) -> service_pb2.SilenceClaim:
    """Write a claim of silence for people."""
    name = f"institutions/{known.party}/matters/{known.id}"
    return protobuf_mapping.to_message(known, service_pb2.SilenceClaim, name=name)
