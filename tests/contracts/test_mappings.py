"""A field that only one of a pair has is lost without a word: so none is left out that is not named."""

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from typing import Any

import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message
from sqlmodel import SQLModel

from exchange.delivery import entity_store
from exchange.statements import protobuf_mapping
from exchange.statements.event_messages import EventMessages
from exchange.statements.protobuf_mapping import Incomplete
from netral.exchange.v1 import person_pb2
from netral.oversight.v1 import events_pb2 as oversight_events_pb2
from netral.ppk.v1 import events_pb2
from ppk.recommendations.domain import events
from support.desks import BUILT
from support.pair import TallyRow

DESKS = [importlib.import_module(f"{name}.__main__") for name in BUILT]


def dataclasses() -> dict[str, type[Any]]:
    """Every dataclass of a desk's words, by module and name."""
    return {
        f"{module.__name__}.{name}": kind
        for module in list(sys.modules.values())
        for name, kind in vars(module).items()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
    }


def message_of(full_name: str) -> type[Message]:
    return message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(full_name))


def requests() -> dict[str, type[Message]]:
    """Every request, by the package of its contract and the name of the command that it asks for."""
    return {
        f"{value.DESCRIPTOR.file.package.split('.')[1]}.{name.removesuffix('Request')}": value
        for module in list(sys.modules.values())
        if module.__name__.startswith("netral.")
        for name, value in vars(module).items()
        if name.endswith("Request") and hasattr(value, "DESCRIPTOR")
    }


def commands() -> Iterator[Any]:
    """Each command with the request that has its name."""
    asked = requests()
    for name, kind in sorted(dataclasses().items()):
        for part in name.split(".")[:-1]:
            if request := asked.get(f"{part}.{kind.__name__}"):
                yield pytest.param(kind, request, id=name)


DECLARED = [
    pytest.param(kind, name, fields, id=f"{kind.__module__}.{kind.__name__}-{name}")
    for (kind, name), fields in protobuf_mapping.declared().items()
]
COMMANDS = list(commands())


@pytest.mark.parametrize(("kind", "name", "fields"), DECLARED)
def test_a_declared_pair_leaves_out_what_it_names_and_nothing_else(
    kind: type[Any], name: str, fields: frozenset[str]
) -> None:
    assert protobuf_mapping.left_out(kind, message_of(name).DESCRIPTOR) == fields


@pytest.mark.parametrize(("kind", "request_type"), COMMANDS)
def test_a_command_has_every_field_of_the_request_of_its_name(
    kind: type[Any], request_type: type[Message]
) -> None:
    named = protobuf_mapping.declared().get((kind, request_type.DESCRIPTOR.full_name), frozenset())

    assert protobuf_mapping.left_out(kind, request_type.DESCRIPTOR) == named


def test_pairs_and_commands_are_found_at_every_desk() -> None:
    of_pairs = {kind.__module__.split(".")[0] for kind, _ in protobuf_mapping.declared()}
    of_commands = {str(each.id).split(".")[0] for each in COMMANDS}

    assert {*BUILT} <= of_pairs
    assert {*BUILT} <= of_commands
    assert len(DECLARED) > 80 and len(COMMANDS) > 50


@dataclass(frozen=True)
class Short:
    """A person without most of what identifies one."""

    nip: str = ""
    nik: str = ""


@dataclass(frozen=True)
class Asked:
    nip: str = ""
    forgotten: str = ""


def test_a_dataclass_that_lacks_a_field_of_the_message_fails_at_first_use() -> None:
    with pytest.raises(Incomplete, match=r"Short and netral.exchange.v1.Person leave out: .*full_name"):
        protobuf_mapping.to_dataclass(person_pb2.Person(nip="1"), Short)


def test_a_message_that_lacks_a_field_of_the_dataclass_fails_at_first_use() -> None:
    with pytest.raises(Incomplete, match="forgotten"):
        protobuf_mapping.to_dataclass(person_pb2.Person(), Asked)


def test_a_message_with_a_field_that_nobody_gives_fails_at_first_use() -> None:
    with pytest.raises(Incomplete, match=r"Short and netral.exchange.v1.Person leave out: "):
        protobuf_mapping.to_message(Short("1"), person_pb2.Person)


def test_a_table_without_a_column_for_a_field_fails_before_it_is_used() -> None:
    with pytest.raises(TypeError, match=r"Short and TallyRow leave out: .*nik"):
        entity_store.check_columns(TallyRow, Short)


def test_a_text_without_a_length_makes_no_table() -> None:
    with pytest.raises(TypeError, match="nip: a text without a length"):
        entity_store.table_of(SQLModel, "short", Short)


def test_an_event_is_paired_with_the_one_message_of_its_name_or_the_host_does_not_start() -> None:
    with pytest.raises(TypeError, match="Opened: 2 messages"):
        EventMessages.by_name(events.Event, events_pb2, oversight_events_pb2)
    with pytest.raises(TypeError, match="Clarified: 0 messages"):
        EventMessages.by_name(events.Event, person_pb2)
