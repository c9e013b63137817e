"""Protobuf ↔ the words of matters at the examiner's desk, and nothing else."""

from typing import Any

from google.protobuf.message import Message

from agreement.enforcement import sanctions
from agreement.parties import bawaslu_numbers
from cooperation.oversight import overseers
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_mapping import to_date
from exchange.statements.protobuf_time import instant, timestamp
from kasn.matters.domain import assignment, commands, events
from kasn.matters.domain.letters import LetterIssued
from kasn.matters.domain.matter import Matter, State
from netral.bawaslu.v1 import events_pb2 as bawaslu_events_pb2
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2, service_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import discipline_events_pb2
from netral.ppk.v1 import events_pb2 as ppk_events_pb2
from refusals import Malformed

EVENTS: EventMessages[events.Event] = EventMessages.by_name(
    events.Event,
    events_pb2,
    bawaslu_events_pb2,
    ppk_events_pb2,
    discipline_events_pb2,
    oversight_events_pb2,
    given={events.Opened: ppk_events_pb2.Opened},  # an overseer has one too
    leaves_out={
        events.Referred: ("origin", "plenary_number", "post_category"),
        events.Completed: ("post_category",),
        events.OffenceForwarded: ("due_calendar", "due_rule", "minutes_digest", "police_number"),
        events.OffenceProgressed: ("document_number", "due_calendar", "due_rule"),
        events.Acknowledged: ("register_number",),
        events.Decided: (
            "council_date",
            "council_number",
            "decided_by",
            "measure",
            "measure_amount",
            "measure_basis",
            "measure_months",
            "sanction_class",
        ),
        events.DecreeCorrected: ("former_date",),
        events.FollowedUp: ("decree_digest", "decree_number", "reason"),
        overseers.Blocked: ("office", "reason", "recommendation"),
        overseers.Unblocked: ("block_number", "office", "reason", "recommendation"),
        overseers.Warned: ("addressee", "recommendation"),
        overseers.DecreeAnnulled: ("coordination_number", "reason", "recommendation"),
        events.Appealed: ("kind", "letter_number", "sanction_class"),
    },
)
EVENTS.reading(
    discipline_events_pb2.ReleasedFromDuty,
    lambda said: events.Progressed("RELEASED_FROM_DUTY", to_date(said.start_date, "start_date")),
)
# What the letter says once for all of its items.
protobuf_mapping.pair(
    commands.Recommend,
    service_pb2.LetterItem,
    leaves_out=("name", "reasons", "addressee", "due_date", "due_rule", "letter_date", "letter_number"),
)
# A matter that is passed on: its name, its times and what was heard become the new examiner's own.
protobuf_mapping.pair(
    Matter,
    service_pb2.Matter,
    leaves_out=(
        "class_difference",
        "name",
        "create_time",
        "update_time",
        "derived_office",
        "derived_office_certainty",
        "created",
        "heard",
        "id",
        "party",
        "updated",
    ),
)


def letter(issued: LetterIssued) -> Message:
    """A letter on several matters as the message that is recorded; it changes no matter by itself."""
    return protobuf_mapping.to_message(issued, events_pb2.LetterIssued)


def of_letter(item: service_pb2.LetterItem, letter: service_pb2.RecommendLetterRequest) -> commands.Recommend:
    """The recommendation of an item, with what its letter says once for all."""
    given = {
        name: to_date(getattr(letter, name), name) if letter.HasField(name) else None
        for name in ("letter_date", "due_date")
    }
    return protobuf_mapping.to_dataclass(
        item,
        commands.Recommend,
        letter_number=letter.letter_number,
        addressee=letter.addressee,
        due_rule=letter.due_rule,
        **given,
    )


def identity(part: bytes) -> bytes:
    """Return what identifies the person of a personal part: NIP, else NIK; empty without a person or number."""
    person = person_pb2.PersonalPart.FromString(part).person
    return f"nip:{person.nip}".encode() if person.nip else f"nik:{person.nik}".encode() if person.nik else b""


def earlier(row: Any) -> service_pb2.EarlierRecommendation:
    """An earlier recommendation for people."""
    name = f"institutions/{row.party}/matters/{row.id}"
    return protobuf_mapping.to_message(row, service_pb2.EarlierRecommendation, matter=name)


def matter(row: Any) -> service_pb2.Matter:
    """A matter as it is kept, for people and for the next examiner; what is derived of it is left out."""
    return protobuf_mapping.to_message(
        row,
        service_pb2.Matter,
        name=f"institutions/{row.party}/matters/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
        class_difference=_class_difference(row.sanction, row.sanction_class),
        derived_office="",
        derived_office_certainty="",
    )


def shown(row: Any) -> service_pb2.Matter:
    """A matter for people, with the office that it falls to while it is assigned to none."""
    found = matter(row)
    found.supervisor_office = found.supervisor_office or bawaslu_numbers.office_of(row.report_number)
    line = None if row.office else assignment.derived_office(row.party, row.addressee, row.employer)
    if line is not None:
        found.derived_office, found.derived_office_certainty = line.code, line.certainty
    return found


def _class_difference(imposed: str, recommended: str) -> str:
    found = sanctions.sanctions().get(imposed)
    return sanctions.difference(recommended, found.sanction_class) if found and recommended else ""


def passed(seen: service_pb2.Matter) -> Matter:
    """A matter as the old examiner had it."""
    words = seen.name.split("/")
    if len(words) != 4 or seen.state not in set(State):
        raise Malformed("not a matter in a state of this desk", field="matter")
    return protobuf_mapping.to_dataclass(
        seen,
        Matter,
        party=words[1],
        id=words[3],
        state=State(seen.state),
        created=instant(seen.create_time),
        updated=instant(seen.update_time),
    )
