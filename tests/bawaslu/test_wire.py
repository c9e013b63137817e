"""Nothing is lost between the contract's words and the supervisor's."""

from dataclasses import fields
from typing import Any, get_args

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from hypothesis import given
from hypothesis import strategies as st

from bawaslu.matters import wire
from bawaslu.matters.domain import commands, events
from bawaslu.matters.domain.matter import Matter
from bawaslu.matters.domain.reported_person import Person
from bawaslu.matters.tables import MatterRow
from netral.bawaslu.v1 import events_pb2, service_pb2
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events_pb2
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from storage.types import table
from support import facts

EVENTS = get_args(events.Event)
OWN = (
    events.Registered,
    events.StudyConcluded,
    events.PlenaryHeld,
    events.Referred,
    events.Completed,
    events.OffenceForwarded,
    events.OffenceProgressed,
)
MESSAGES = {
    **events_pb2.DESCRIPTOR.message_types_by_name,
    **kasn_events_pb2.DESCRIPTOR.message_types_by_name,
    **succession_pb2.DESCRIPTOR.message_types_by_name,
    "DecreeAnnulled": oversight_events_pb2.DESCRIPTOR.message_types_by_name["DecreeAnnulled"],
}
COMMANDS = {kind: getattr(service_pb2, f"{kind.__name__}Request") for kind in get_args(commands.Command)}
# What a request has besides: where it goes, and what concerns people.
BESIDES = {"name", "request_id", "parent", "case_id", "person", "reporter", "description", "remarks"}


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_an_event_is_the_same_after_it_travelled(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(facts.events(kind, MESSAGES[kind.__name__]))

    packed = AnyMessage()
    packed.Pack(wire.EVENTS.to_message(event))

    assert wire.EVENTS.from_message(wire.EVENTS.to_message(event)) == event
    assert wire.EVENTS.from_any(packed) == event


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_what_happened_here_fills_every_field_of_the_contract(kind: type[Any]) -> None:
    assert {field.name for field in fields(kind)} == set(MESSAGES[kind.__name__].fields_by_name)


def test_facts_of_another_desk_change_no_matter_here() -> None:
    packed = AnyMessage()
    packed.Pack(service_pb2.Matter())

    assert wire.EVENTS.from_any(packed) is None


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_has_every_field_of_its_request_but_the_name_and_the_person(kind: type[Any]) -> None:
    request = {field.name for field in COMMANDS[kind].DESCRIPTOR.fields}

    assert {field.name for field in fields(kind)} == request - BESIDES


def test_every_field_of_a_person_is_read() -> None:
    assert {field.name for field in fields(Person)} == set(person_pb2.Person.DESCRIPTOR.fields_by_name)
    assert wire.person(person_pb2.Person(employment=person_pb2.EMPLOYMENT_PPNPN)).employment == "PPNPN"


def test_every_field_of_a_matter_is_kept_and_shown() -> None:
    matter = {field.name for field in fields(Matter)}
    shown = {field.name for field in service_pb2.Matter.DESCRIPTOR.fields}

    assert matter == {column.name for column in table(MatterRow).columns}
    assert matter - {"party", "id", "created", "updated", "heard"} == shown - {
        "name",
        "create_time",
        "update_time",
    }
