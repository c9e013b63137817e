"""Protobuf ↔ the words of erasures and holds, and nothing else."""

from datetime import datetime

from google.protobuf.message import DecodeError

from cooperation.erasure.domain import holds, orders
from exchange.statements import envelope, protobuf_mapping
from exchange.statements.envelope import Envelope
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import instant, timestamp
from netral.erasure.v1 import events_pb2, service_pb2
from netral.exchange.v1 import person_pb2, statement_pb2
from storage.types import FoundRow

Event = orders.Event | holds.Event
EVENTS: EventMessages[Event] = EventMessages.by_name(Event, events_pb2)
KIND_SERVICE = statement_pb2.Actor.KIND_SERVICE


class Claimed(ValueError):
    """A warrant is no statement of this kind."""


def warrant(data: bytes) -> tuple[Envelope, statement_pb2.Statement, Event]:
    """A warrant: its envelope, the statement (not verified yet), and the event that it says.

    Raises:
        Claimed: it is none.
    """
    try:
        opened = envelope.read(data)
        statement = statement_pb2.Statement.FromString(opened.payload)
    except (ValueError, DecodeError) as error:
        raise Claimed("not a signed statement") from error
    said = EVENTS.from_any(statement.facts)
    if opened.payload_type != envelope.STATEMENT or said is None:
        raise Claimed("not a statement of this kind")
    return opened, statement, said


def identities(part: bytes) -> set[str]:
    """List what identifies the persons that an entry of a file names, and those of the files that it brought along: NIP, NIK."""
    entry = person_pb2.PersonalPart.FromString(part)
    named = [entry.person, *(passed.part.person for passed in entry.passed_on)]
    return {
        f"{kind} {number}"
        for each in named
        for kind, number in (("NIP", each.nip), ("NIK", each.nik))
        if number
    }


def time_of(statement: statement_pb2.Statement) -> datetime:
    """The instant at which a statement was made (UTC)."""
    return instant(statement.time)


def erasure(known: FoundRow, index: int, held_by: list[str]) -> service_pb2.Erasure:
    """A row for people."""
    asked = zip(known.asked, known.answers, known.answer_times, strict=True)
    return protobuf_mapping.to_message(
        known,
        service_pb2.Erasure,
        name=f"institutions/{known.party}/matters/{known.id}",
        index=index,
        holds=held_by,
        holders=[_holder(*each) for each in asked],
        update_time=timestamp(known.updated),
    )


def _holder(party: str, outcome: str, at: str) -> service_pb2.Holder:
    """Holder that was asked to erase as well, with its answer if there is one; `at` is the instant of the answer as text."""
    if not outcome:
        return service_pb2.Holder(party=party)
    return service_pb2.Holder(
        party=party,
        outcome=events_pb2.Outcome.Value(f"OUTCOME_{outcome}"),
        answer_time=timestamp(datetime.fromisoformat(at)),
    )


def hold(known: FoundRow) -> service_pb2.Hold:
    """A hold for people."""
    target = f"institutions/{known.party}" + (f"/matters/{known.target}" if known.target else "")
    return protobuf_mapping.to_message(
        known, service_pb2.Hold, name=f"institutions/{known.party}/holds/{known.id}", target=target
    )
