"""No NIP or NIK gets into a text that travels in the open: every text of every writing request of every contract."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

import netral.exchange.v1
from host.calls import validation
from refusals import Malformed
from support import requests

PARTY = "ppk-6202"
SPELLINGS = (
    "199001012015031001",
    "19900101 201503 1 001",
    "NIP.19900101-201503-1-001",
    "a.199001012015031001@x.example",
    "6202014107900001",
    "62.02.01.410790.0001",
)
Chain = tuple[Any, ...]


def writing_methods() -> dict[str, Any]:
    """Every call of the contracts whose request changes something."""
    root = Path(netral.exchange.v1.__path__[0]).parents[1]
    modules = (
        importlib.import_module(f"netral.{path.parts[-3]}.v1.{path.stem}")
        for path in sorted(root.glob("*/v1/*_pb2.py"))
    )
    services = [name for each in modules for name in each.DESCRIPTOR.services_by_name.values()]
    methods = requests.methods([service.full_name for service in services])
    return {path: method for path, method in methods.items() if validation.is_writing(requests.empty(method))}


METHODS = writing_methods()


def texts_of(described: Any, before: Chain = ()) -> Iterator[Chain]:
    """Every text that a request of this kind can have, as the fields that lead to it."""
    for field in described.fields:
        if field.type == FieldDescriptor.TYPE_STRING:
            yield (*before, field)
        elif field.message_type is not None and field.message_type.full_name.startswith("netral."):
            yield from texts_of(field.message_type, (*before, field))


def with_text(method: Any, chain: Chain, text: str) -> tuple[Message, str]:
    """A well-formed request with this text in a field, and the path of that."""
    request = requests.well_formed(method, PARTY)
    at, path = request, []
    for field in chain:
        place = "[0]" if field.is_repeated else ""
        path.append(f"{field.name}{place}")
        if field is chain[-1]:
            break
        value = getattr(at, field.name)
        if field.is_repeated:
            at = value[0] if value else requests.filled(value.add(), PARTY)
        else:
            at = value if at.HasField(field.name) else requests.filled(value, PARTY)
    if chain[-1].is_repeated:
        del getattr(at, chain[-1].name)[:]
        getattr(at, chain[-1].name).append(text)
    else:
        setattr(at, chain[-1].name, text)
    return request, ".".join(path)


def is_sealed(chain: Chain) -> bool:
    return any(map(validation.is_sealed, chain))


OPEN = [
    (path, chain)
    for path, method in METHODS.items()
    for chain in texts_of(method.input_type)
    if not is_sealed(chain)
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_number_of_a_person_is_refused_in_every_open_text_of_every_writing_request(text: str) -> None:
    taken = []
    for path, chain in OPEN:
        request, field = with_text(METHODS[path], chain, text)
        try:
            validation.validate(request)
        except validation.Violations as refused:
            named = any(each == field or f"{each}[0]" == field for each, _ in refused.found)
        except Malformed as refused:
            named = refused.field == field and text not in str(refused)
        else:
            named = False
        if not named:
            taken.append((path, field))
    assert not taken


def test_a_number_of_a_person_is_taken_in_every_text_that_is_sealed() -> None:
    for method in METHODS.values():
        for chain in texts_of(method.input_type):
            if chain[-1].name in validation.PROSE:
                validation.validate(with_text(method, chain, "NIP 199001012015031001")[0])


def test_every_field_that_may_name_a_person_is_one_of_a_writing_request() -> None:
    met = {
        name
        for method in METHODS.values()
        for chain in texts_of(method.input_type)
        for field in chain
        for name in (field.name, field.full_name, field.message_type.full_name if field.message_type else "")
    }

    assert met >= validation.PROSE | validation.SEALED
    assert len(OPEN) > 150
