"""Protobuf ↔ the words of intake, and nothing else."""

from datetime import date
from typing import Any

from agreement.clocks.deadlines import Deadline
from agreement.parties import bawaslu_offices
from bawaslu.intake.domain import clocks, commands, events
from bawaslu.matters import wire
from bawaslu.matters.domain.reported_person import Person
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_time import timestamp
from netral.bawaslu.v1 import intake_events_pb2, intake_pb2
from netral.exchange.v1 import person_pb2

Reported = tuple[str, Person, bytes]
"""Employer, person, and the entry of the person's file."""

EVENTS: EventMessages[events.Event] = EventMessages.by_name(events.Event, intake_events_pb2)


def conclusion(request: intake_pb2.ConcludeIntakeRequest) -> commands.ConcludeIntake:
    """The study of the whole, with what it says of each person."""
    conclusions = tuple(
        protobuf_mapping.to_dataclass(each, commands.MatterConclusion) for each in request.conclusions
    )
    return protobuf_mapping.to_dataclass(request, commands.ConcludeIntake, conclusions=conclusions)


def reported(person: intake_pb2.ReportedPerson) -> Reported:
    """A reported person: employer, who it is, and the entry of the file."""
    entry = person_pb2.PersonalPart(person=person.person).SerializeToString()
    return person.employer, wire.person(person.person), entry


def intake(row: Any, today: date) -> intake_pb2.Intake:
    """An intake for people; its time limit as it is known on `today`, a legal date of the desk."""
    parent = f"institutions/{row.party}"
    running = clocks.running(row, today)
    return protobuf_mapping.to_message(
        row,
        intake_pb2.Intake,
        name=f"{parent}/intakes/{row.id}",
        create_time=timestamp(row.created),
        update_time=timestamp(row.updated),
        office_region=bawaslu_offices.region_of(row.office) or "",
        matters=[f"{parent}/matters/{matter}" for matter in row.matters],
        clarifications=[
            protobuf_mapping.to_message(each, intake_pb2.Clarification) for each in row.clarifications
        ],
        running_clock=_clock(running) if running else None,
    )


def _clock(running: Deadline) -> intake_pb2.RunningClock:
    return intake_pb2.RunningClock(
        rule=running.rule.id,
        start_date=protobuf_mapping.to_day(running.start.day),
        due_date=protobuf_mapping.to_day(running.due),
        calendar=running.calendar,
        confirmed=running.rule.confirmed,
    )
