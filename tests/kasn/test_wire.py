"""Nothing is lost between the contract's words and the examiner's."""

from dataclasses import fields
from datetime import date
from typing import Any, get_args

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.type.date_pb2 import Date
from hypothesis import given
from hypothesis import strategies as st

from host.command_rows import personal_part
from kasn.matters.domain import commands, events
from kasn.matters.domain.matter import Matter
from kasn.matters.tables import MatterRow
from kasn.matters.wire import EVENTS
from kasn.succession import wire as succession
from netral.bawaslu.v1 import events_pb2 as bawaslu_events_pb2
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2, service_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import discipline_events_pb2
from netral.ppk.v1 import events_pb2 as ppk_events_pb2
from storage.types import table
from support import facts

OWN, HEARD = get_args(events.OwnEvent), get_args(events.HeardEvent)
MESSAGES = {
    **oversight_events_pb2.DESCRIPTOR.message_types_by_name,
    **discipline_events_pb2.DESCRIPTOR.message_types_by_name,
    **ppk_events_pb2.DESCRIPTOR.message_types_by_name,
    **events_pb2.DESCRIPTOR.message_types_by_name,
    "Referred": bawaslu_events_pb2.Referred.DESCRIPTOR,
    "Completed": bawaslu_events_pb2.Completed.DESCRIPTOR,
    "OffenceForwarded": bawaslu_events_pb2.OffenceForwarded.DESCRIPTOR,
    "OffenceProgressed": bawaslu_events_pb2.OffenceProgressed.DESCRIPTOR,
}
COMMANDS = {kind: getattr(service_pb2, f"{kind.__name__}Request") for kind in get_args(commands.Command)}


@pytest.mark.parametrize("kind", OWN + HEARD, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_an_event_is_the_same_after_it_travelled(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(facts.events(kind, MESSAGES[kind.__name__]))

    packed = AnyMessage()
    packed.Pack(EVENTS.to_message(event))

    assert EVENTS.from_message(EVENTS.to_message(event)) == event
    assert EVENTS.from_any(packed) == event


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_what_this_desk_says_fills_every_field_of_the_contract(kind: type[Any]) -> None:
    assert {field.name for field in fields(kind)} == set(MESSAGES[kind.__name__].fields_by_name)


def test_a_release_from_duty_is_the_last_step_that_the_examiner_knows_of() -> None:
    said = discipline_events_pb2.ReleasedFromDuty(start_date=Date(year=2025, month=3, day=12))
    packed = AnyMessage()
    packed.Pack(said)
    late = succession.forwarded("id", "ppk-6202", "netral.personnel_authority.released_from_duty.v1", said)

    assert EVENTS.from_any(packed) == events.Progressed("RELEASED_FROM_DUTY", date(2025, 3, 12))
    assert succession.read_forwarded(late).said == EVENTS.from_any(packed)


def test_facts_of_another_desk_change_no_matter_here() -> None:
    packed = AnyMessage()
    packed.Pack(bawaslu_events_pb2.Registered())

    assert EVENTS.from_any(packed) is None


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_has_every_field_of_its_request_but_the_name_and_the_prose(kind: type[Any]) -> None:
    request = {field.name for field in COMMANDS[kind].DESCRIPTOR.fields}

    assert {field.name for field in fields(kind)} == request - {
        "name",
        "request_id",
        "remarks",
        "reasons",
        "questions",
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
        "class_difference",  # computed, as are those that are derived
        "derived_office",
        "derived_office_certainty",
    }


def test_remarks_that_are_empty_are_no_personal_part() -> None:
    assert personal_part("") == b""
    assert personal_part("Kurang") != b""


def test_a_person_goes_along_with_the_reasons() -> None:
    person = person_pb2.Person(full_name="Sri Wahyuni")

    part = person_pb2.PersonalPart.FromString(personal_part("Terbukti", person))

    assert (part.person, part.text) == (person, "Terbukti")
