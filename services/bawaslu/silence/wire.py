"""Protobuf ↔ the words of claims of the examiner's silence, and nothing else."""

from bawaslu.silence import domain
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from netral.bawaslu.v1 import events_pb2, service_pb2
from netral.kasn.v1 import events_pb2 as kasn_events_pb2

EVENTS: EventMessages[domain.Event] = EventMessages(
    {
        domain.SilenceClaimed: events_pb2.SilenceClaimed,
        domain.SilenceRefuted: kasn_events_pb2.SilenceRefuted,
    }
)


def silence_claim(known: domain.Silence) -> service_pb2.SilenceClaim:
    """Write a claim of silence for people."""
    name = f"institutions/{known.party}/matters/{known.id}"
    return protobuf_mapping.to_message(known, service_pb2.SilenceClaim, name=name)
