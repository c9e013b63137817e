"""Protobuf message ↔ frozen dataclass, field by field and by name. No I/O. Each desk's `wire` names the pairs.

The domain's words for the contract's: an enum value is its name without the prefix ("" when unspecified), a
`google.type.Date` is a `date`, bytes are lower-case hex, a repeated field is a tuple, a Timestamp is an instant (UTC).
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from exchange.instants import instant, timestamp
from exchange.refusals import Malformed

D = TypeVar("D")
M = TypeVar("M", bound=Message)


def to_dataclass(message: Message, kind: type[D], **more: Any) -> D:
    """Build `kind` from the fields of the message that it has; `more` gives or replaces some.

    Raises:
        Malformed: a date that is not in the calendar, an enum value without a name.
    """
    shared = _shared(kind, message.DESCRIPTOR)  # type: ignore[arg-type]
    values = {name: read(message) for name, read in shared if name not in more}
    return kind(**values, **more)


def to_message(value: Any, kind: type[M], **more: Any) -> M:
    """Build a message from the fields of a dataclass (or row) that it has; `more` gives or replaces some."""
    message = kind(**more)
    for field in message.DESCRIPTOR.fields:
        if field.name not in more and hasattr(value, field.name):
            _write(message, field, getattr(value, field.name))
    return message


@cache
def _shared(kind: type[Any], descriptor: Any) -> list[tuple[str, Callable[[Message], Any]]]:
    """The fields that a dataclass and a message have in common, each with what reads it."""
    described = descriptor.fields_by_name
    return [
        (field.name, _field_reader(described[field.name]))
        for field in fields(kind)
        if field.name in described
    ]


def _field_reader(field: Any) -> Callable[[Message], Any]:
    name, one = field.name, _reader(field)
    if field.is_repeated:
        return lambda message: tuple(map(one, getattr(message, name)))
    if field.message_type is not None:
        return lambda message: one(getattr(message, name)) if message.HasField(name) else None
    return lambda message: one(getattr(message, name))


def _reader(field: Any) -> Callable[[Any], Any]:
    if field.enum_type is not None:
        return lambda number: enum_word(field, number)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return lambda data: data.hex()
    if field.message_type is not None and field.message_type.full_name == Date.DESCRIPTOR.full_name:
        return lambda day: to_date(day, field.name)
    if field.message_type is not None and field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
        return instant
    return lambda value: value


def _write(message: Message, field: Any, value: Any) -> None:
    if value is None or value == "" or value == ():
        return
    if field.is_repeated:
        items: Iterable[Any] = [_plain(field, item) for item in value]
        getattr(message, field.name).extend(items)
    elif field.message_type is not None:
        getattr(message, field.name).CopyFrom(_plain(field, value))
    else:
        setattr(message, field.name, _plain(field, value))


def _plain(field: Any, value: Any) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values_by_name[_prefix(field) + value].number
    if field.type == FieldDescriptor.TYPE_BYTES and isinstance(value, str):
        return bytes.fromhex(value)
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return Date(year=value.year, month=value.month, day=value.day)
    return value


def to_day(day: date | None) -> Date | None:
    """A calendar date of the contract; None for none."""
    return Date(year=day.year, month=day.month, day=day.day) if day else None


def enum_word(field: Any, number: int) -> str:
    """The name of an enum value without its prefix; "" for the unspecified one."""
    if number == 0:
        return ""
    known = field.enum_type.values_by_number.get(number)
    if known is None:
        raise Malformed("an unknown value of a closed list", field=field.name)
    return str(known.name).removeprefix(_prefix(field))


@cache
def _prefix(field: Any) -> str:
    unspecified: str = field.enum_type.values_by_number[0].name
    return unspecified.removesuffix("UNSPECIFIED")


def to_date(day: Date, field: str) -> date:
    """A calendar date.

    Raises:
        Malformed: there is no such day.
    """
    try:
        return date(day.year, day.month, day.day)
    except ValueError as error:
        raise Malformed("not a day of the calendar", field=field) from error
