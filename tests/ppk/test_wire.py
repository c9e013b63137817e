"""Nothing is lost between the contract's words and the personnel authority's."""

from dataclasses import fields
from typing import Any, get_args

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from hypothesis import given
from hypothesis import strategies as st

from host.command_rows import personal_part
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import discipline_events_pb2, discipline_service_pb2, events_pb2, service_pb2
from ppk.discipline.domain import due_dates, proceedings, rules
from ppk.discipline.tables import ProceedingRow
from ppk.discipline.wire import STEPS as PROCEDURE
from ppk.recommendations.domain import commands, events
from ppk.recommendations.domain.matter import Matter
from ppk.recommendations.tables import MatterRow
from ppk.recommendations.wire import EVENTS as WIRE
from storage.types import table
from support import facts

EVENTS = get_args(events.OwnEvent) + get_args(events.HeardEvent)
MESSAGES = {
    **oversight_events_pb2.DESCRIPTOR.message_types_by_name,
    **events_pb2.DESCRIPTOR.message_types_by_name,
    **kasn_events_pb2.DESCRIPTOR.message_types_by_name,
    **succession_pb2.DESCRIPTOR.message_types_by_name,
    **discipline_events_pb2.DESCRIPTOR.message_types_by_name,
}
STEPS = {
    kind: getattr(discipline_service_pb2, f"{possible.act}Request")
    for kind, possible in rules.POSSIBLE.items()
    if kind is not commands.ImposeSanction
}
COMMANDS = {kind: getattr(service_pb2, f"{kind.__name__}Request") for kind in get_args(commands.Command)}


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_an_event_is_the_same_after_it_travelled(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(facts.events(kind, MESSAGES[kind.__name__]))

    packed = AnyMessage()
    packed.Pack(WIRE.to_message(event))

    assert WIRE.from_message(WIRE.to_message(event)) == event
    assert WIRE.from_any(packed) == event


def test_facts_of_another_desk_change_no_matter_here() -> None:
    packed = AnyMessage()
    packed.Pack(service_pb2.Matter())

    assert WIRE.from_any(packed) is None


@pytest.mark.parametrize("kind", get_args(proceedings.Step), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_a_step_of_the_procedure_is_the_same_when_its_record_is_read(
    kind: type[Any], data: st.DataObject
) -> None:
    event = data.draw(facts.events(kind, MESSAGES[kind.__name__]))

    packed = AnyMessage()
    packed.Pack(PROCEDURE.to_message(event))

    assert PROCEDURE.from_any(packed) == event
    assert WIRE.from_any(packed) is None


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.__name__)
def test_a_step_has_every_field_of_its_request_but_the_name_and_the_prose(kind: type[Any]) -> None:
    request = {field.name for field in STEPS[kind].DESCRIPTOR.fields}

    assert {field.name for field in fields(kind)} == request - {
        "name",
        "request_id",
        "remarks",
        "stated_reason",
    }


def test_every_field_of_a_procedure_is_kept_and_shown() -> None:
    proceeding = {field.name for field in fields(proceedings.Proceeding)}
    due = {field.name for field in fields(due_dates.DueDates)}
    shown = {field.name for field in discipline_service_pb2.Proceeding.DESCRIPTOR.fields}

    assert proceeding == {column.name for column in table(ProceedingRow).columns}
    assert proceeding - {"party", "id"} == shown - due - {"name"}


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_has_every_field_of_its_request_but_the_name_and_the_prose(kind: type[Any]) -> None:
    request = {field.name for field in COMMANDS[kind].DESCRIPTOR.fields}

    assert {field.name for field in fields(kind)} == request - {
        "name",
        "request_id",
        "remarks",
        "reasons",
        "answer",
        "stated_reason",
    }


def test_every_field_of_a_matter_is_kept_and_shown() -> None:
    matter = {field.name for field in fields(Matter)}
    shown = {field.name for field in service_pb2.Matter.DESCRIPTOR.fields}

    assert matter == {column.name for column in table(MatterRow).columns}
    assert matter - {"party", "id", "created", "updated", "heard"} == shown - {
        "name",
        "create_time",
        "update_time",
    }


def test_remarks_that_are_empty_are_no_personal_part() -> None:
    assert personal_part("") == b""
    assert personal_part("Pindah") != b""
