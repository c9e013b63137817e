"""Requests made from the contract alone: what it allows, and what it does not. For tests that walk every call."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from google.api import field_behavior_pb2
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2
from netral.exchange.v1 import rules_pb2

Path = tuple[str, ...]

_FOLDERS = (
    "matters",
    "parked",
    "intakes",
    "figures",
    "campaigns",
    "pledgeLists",
    "disclosures",
    "indications",
    "plans",
    "holds",
    "records",
)


def methods(services: list[str]) -> dict[str, Any]:
    """The methods of services by `/package.Service/Method`, as the contract describes them."""
    pool = descriptor_pool.Default()
    return {
        f"/{name}/{method.name}": method
        for name in services
        for method in pool.FindServiceByName(name).methods
    }


def empty(method: Any) -> Message:
    """A request with nothing in it; what a stream begins with is there, empty."""
    request: Any = message_factory.GetMessageClass(method.input_type)()
    for header in _headers(method.input_type):
        getattr(request, header.name).SetInParent()
    return request  # type: ignore[no-any-return]


def _headers(described: Any) -> Iterator[Any]:
    """Of the fields that exclude each other, the first, if it is a message: what the first request of a stream has."""
    for oneof in described.oneofs:
        if oneof.fields[0].message_type is not None:
            yield oneof.fields[0]


def well_formed(method: Any, party: str) -> Message:
    """A request that keeps every declared rule and names a matter that nobody has."""
    request = empty(method)
    _fill(request, party)
    return request


def required(described: Any, before: Path = ()) -> Iterator[str]:
    """The paths of the fields that the contract calls REQUIRED, where the message above them is given."""
    for field in described.fields:
        if field_behavior_pb2.REQUIRED in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]:
            yield ".".join((*before, field.name))
    for header in _headers(described):
        yield from required(header.message_type, (*before, header.name))


def texts(request: Message, before: Path = ()) -> Iterator[tuple[str, Callable[[str], None]]]:
    """Every text of a well-formed request: its path, and a function that sets it."""
    for field in request.DESCRIPTOR.fields:
        path = (*before, field.name)
        if field.type == FieldDescriptor.TYPE_STRING and field.is_repeated:
            yield ".".join(path) + "[0]", _set_first(request, field.name)
        elif field.type == FieldDescriptor.TYPE_STRING:
            yield ".".join(path), _set(request, field.name)
        elif field.message_type is not None and field.is_repeated:
            for place, item in enumerate(getattr(request, field.name)):
                yield from texts(item, (*before, f"{field.name}[{place}]"))
        elif field.message_type is not None and request.HasField(field.name):
            yield from texts(getattr(request, field.name), path)


def _set(request: Message, name: str) -> Callable[[str], None]:
    return lambda value: setattr(request, name, value)


def _set_first(request: Message, name: str) -> Callable[[str], None]:
    def set_first(value: str) -> None:
        del getattr(request, name)[:]
        getattr(request, name).append(value)

    return set_first


def filled(message: Message, party: str) -> Message:
    """The same message with what its declared rules ask for."""
    _fill_message(message, party)
    return message


def _fill(request: Any, party: str) -> None:
    for field in request.DESCRIPTOR.fields:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        if field.containing_oneof is not None:
            # Of what excludes each other, the first.
            if field == field.containing_oneof.fields[0]:
                _fill_message(getattr(request, field.name), party)
        elif field.is_repeated:
            count, items = rules.repeated.min_items, rules.repeated.items
            if field.message_type is not None:
                for _ in range(count):
                    _fill_message(getattr(request, field.name).add(), party)
            else:
                getattr(request, field.name).extend(_value(field, items, party) for _ in range(count))
        elif field.message_type is not None:
            if rules.required:
                _fill_message(getattr(request, field.name), party)
        else:
            setattr(request, field.name, _value(field, rules, party))


def _fill_message(message: Any, party: str) -> None:
    message.SetInParent()
    if message.DESCRIPTOR.full_name == "google.type.Date":
        message.year, message.month, message.day = 2025, 3, 3
    else:
        _fill(message, party)


def _value(field: Any, rules: Any, party: str) -> Any:
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text(rules.string, party)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes(rules.bytes.len or rules.bytes.min_len)
    if field.enum_type is not None:
        return 1 if 0 in rules.enum.not_in else 0
    if field.type == FieldDescriptor.TYPE_INT64 and rules.int64.HasField("gt"):
        return rules.int64.gt + 1
    if field.type == FieldDescriptor.TYPE_INT32 and rules.int32.HasField("gte"):
        return max(0, rules.int32.gte)
    return field.default_value


def _text(rules: Any, party: str) -> str:
    if rules.uuid:
        return str(uuid4())
    if rules.Extensions[rules_pb2.number]:
        return "x"
    if rules.Extensions[rules_pb2.institution]:
        return f"institutions/{party}"
    if rules.Extensions[rules_pb2.matter]:
        return f"institutions/{party}/matters/{uuid4()}"
    if "/documents/" in rules.pattern:
        return f"institutions/{party}/matters/{uuid4()}/documents/{'0' * 64}"
    for folder in _FOLDERS:
        if f"/{folder}/" in rules.pattern or f"/({folder}|" in rules.pattern:
            return f"institutions/{party}/{folder}/{uuid4()}"
    if rules.pattern == "^[a-z][a-z0-9-]{1,38}$":
        return party
    if rules.pattern.startswith("^institutions/"):
        return f"institutions/{party}"
    return "x" * int(rules.min_len)
