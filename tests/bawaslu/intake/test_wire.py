"""Nothing is lost between the contract's words and those of intake."""

from dataclasses import fields
from datetime import date
from typing import Any, get_args

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.type.date_pb2 import Date
from hypothesis import given
from hypothesis import strategies as st

from bawaslu.intake import commands as handlers
from bawaslu.intake import wire
from bawaslu.intake.domain import commands, events
from bawaslu.intake.domain.clarifications import Clarification
from bawaslu.intake.domain.state import Intake
from bawaslu.intake.tables import Clarifications, IntakeRow
from netral.bawaslu.v1 import intake_events_pb2, intake_pb2
from storage.types import table
from support import facts

EVENTS, COMMANDS = get_args(events.Event), get_args(commands.Command)
MESSAGES = intake_events_pb2.DESCRIPTOR.message_types_by_name
# What a request has besides: where it goes, and what concerns people.
BESIDES = {"name", "request_id", "parent", "persons", "reporter", "description", "remarks", "stated_reason"}


def test_every_event_has_its_message() -> None:
    assert {kind.__name__ for kind in EVENTS} == set(MESSAGES)


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_an_event_is_the_same_in_the_trail(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(facts.events(kind, MESSAGES[kind.__name__]))

    packed = AnyMessage()
    packed.Pack(wire.EVENTS.to_message(event))

    assert wire.EVENTS.from_any(packed) == event


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_what_happened_fills_every_field_of_the_contract(kind: type[Any]) -> None:
    assert {field.name for field in fields(kind)} == set(MESSAGES[kind.__name__].fields_by_name)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_has_every_field_of_its_request_but_the_name_and_the_persons(kind: type[Any]) -> None:
    request = getattr(intake_pb2, f"{kind.__name__}Request").DESCRIPTOR

    assert {field.name for field in fields(kind)} == {field.name for field in request.fields} - BESIDES


def test_the_persons_a_study_names_are_read() -> None:
    request = intake_pb2.ConcludeIntakeRequest(
        study_date=Date(year=2024, month=3, day=9),
        conclusions=[intake_pb2.MatterConclusion(matter="m-1", suspected_acts=["2022-DSB7"])],
    )

    command = wire.conclusion(request)

    assert command.conclusions == (commands.MatterConclusion("m-1", ("2022-DSB7",)),)


def test_facts_of_a_matter_change_no_intake() -> None:
    packed = AnyMessage()
    packed.Pack(intake_pb2.Intake())

    assert wire.EVENTS.from_any(packed) is None


def test_every_field_of_an_intake_is_kept_and_shown() -> None:
    intake = {field.name for field in fields(Intake)}
    shown = {field.name for field in intake_pb2.Intake.DESCRIPTOR.fields}

    assert intake == {column.name for column in table(IntakeRow).columns}
    assert intake - {"party", "id", "created", "updated"} == shown - {
        "name",
        "create_time",
        "update_time",
        "office_region",
        "running_clock",
    }


def test_a_clarification_is_the_same_from_the_table() -> None:
    kept = [
        Clarification("7/UND", date(2024, 3, 8), date(2024, 3, 9), "WITNESS"),
        Clarification(
            "8/UND",
            date(2024, 3, 8),
            date(2024, 3, 9),
            "REPORTED",
            "m-1",
            "HELD",
            date(2024, 3, 9),
            "ab" * 32,
        ),
    ]
    column: Any = Clarifications()

    assert column.process_result_value(column.process_bind_param(kept, None), None) == kept


def test_every_command_has_a_row_or_a_function() -> None:
    by_hand = {
        commands.ReceiveReport,
        commands.ReceiveInformation,
        commands.RecordSupervision,
        commands.RecordFinding,
        commands.RegisterIntake,
        commands.ConcludeIntake,
    }

    assert {*(row.command for row in handlers.ROWS), *by_hand} == set(COMMANDS)
