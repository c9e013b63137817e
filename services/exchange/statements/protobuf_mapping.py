"""Protobuf message ↔ frozen dataclass, field by field and by name. No I/O. Each desk's `wire` names the pairs.

The domain's words for the contract's: an enum value is its name without the prefix ("" when unspecified), a
`google.type.Date` is a `date`, bytes are lower-case hex, a repeated field is a tuple, a Timestamp is an instant (UTC).

A field that only one of the two has would be lost without a word. So it fails at the first use, unless it is given by
`more`, is one of a request that the edge reads itself, or is named where the pair is declared (`pair`, `pairs`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from agreement.clocks.written_dates import check_date
from exchange.statements.protobuf_time import instant, timestamp
from refusals import Malformed

D = TypeVar("D")
Dataclass = type[Any]
"""A frozen dataclass of the domain."""
Described = Any
"""A descriptor of a message or field: protobuf has two implementations of them, without a common type."""
Value = Any
"""A value of a field, in the words of either side."""
K = TypeVar("K", bound=Dataclass)
M = TypeVar("M", bound=Message)

Pair = tuple[Dataclass, str]
"""A dataclass and the full name of a message."""
EDGE = frozenset({"name", "parent", "request_id"})
"""Fields of a request that say where and by which id: the edge reads them itself."""
SEALED = frozenset(
    {
        "answer",
        "description",
        "person",
        "persons",
        "questions",
        "reasons",
        "remarks",
        "reporter",
        "stated_reason",
    }
)
"""Fields of a request that are personal: they go into a personal part, and never into a command."""
_declared: dict[Pair, frozenset[str]] = {}


class Incomplete(TypeError):
    """A pair leaves out a field that its declaration does not name: a mistake of the program, and no refusal."""


def pair(kind: Dataclass, message: type[Message], *, leaves_out: Collection[str] = ()) -> None:
    """Declare that a dataclass and a message stand for each other; `leaves_out` are the fields that only one has."""
    name = (kind, message.DESCRIPTOR.full_name)
    _declared[name] = _declared.get(name, frozenset()) | frozenset(leaves_out)


def pairs(
    table: Mapping[K, type[Message]], leaves_out: Mapping[K, Collection[str]] | None = None
) -> dict[K, type[Message]]:
    """Declare each pair of a table, and give the table back."""
    for kind, message in table.items():
        pair(kind, message, leaves_out=(leaves_out or {}).get(kind, ()))
    return dict(table)


def declared() -> dict[Pair, frozenset[str]]:
    """The pairs that were declared so far, each with the fields that it leaves out."""
    return dict(_declared)


def left_out(kind: Dataclass, descriptor: Described, given: Collection[str] = ()) -> set[str]:
    """The fields that only one of a pair has, without those that are given or read by the edge."""
    names, described = {field.name for field in fields(kind)}, set(descriptor.fields_by_name)
    exempt = EDGE | SEALED if descriptor.name.endswith("Request") else frozenset()
    return (names ^ described) - set(given) - (exempt - names)


def names_of(kind: Dataclass) -> set[str]:
    """The names of a dataclass's fields."""
    return {field.name for field in fields(kind)}


def to_dataclass(message: Message, kind: type[D], **more: Value) -> D:
    """Build `kind` from the fields of the message that it has; `more` gives or replaces some.

    Raises:
        Malformed: a date or instant that there is not, an enum value without a name.
        Incomplete: the two leave out a field.
    """
    shared = _shared(kind, message.DESCRIPTOR, frozenset(more))  # type: ignore[arg-type]
    values = {name: read(message) for name, read in shared if name not in more}
    return kind(**values, **more)


def to_message(value: Value, kind: type[M], **more: Value) -> M:
    """Build a message from the fields of a dataclass (or row); `more` gives or replaces some.

    What the message shows must be given; a row has more than it shows.

    Raises:
        Incomplete: a field of the message is not given.
    """
    message = kind(**more)
    for field in message.DESCRIPTOR.fields:
        if field.name in more:
            continue
        if hasattr(value, field.name):
            _write(message, field, getattr(value, field.name))
        else:
            _require(type(value), message.DESCRIPTOR, {field.name})
    return message


def _require(kind: Dataclass, descriptor: Described, missing: set[str]) -> None:
    lost = missing - _declared.get((kind, descriptor.full_name), frozenset())
    if lost:
        names = ", ".join(sorted(lost))
        raise Incomplete(
            f"{kind.__module__}.{kind.__qualname__} and {descriptor.full_name} leave out: {names}"
        )


@cache
def _shared(
    kind: Dataclass, descriptor: Described, given: frozenset[str]
) -> list[tuple[str, Callable[[Message], Value]]]:
    """The fields that a dataclass and a message have in common, each with what reads it."""
    _require(kind, descriptor, left_out(kind, descriptor, given))
    described = descriptor.fields_by_name
    return [
        (field.name, _field_reader(described[field.name]))
        for field in fields(kind)
        if field.name in described
    ]


def _field_reader(field: Described) -> Callable[[Message], Value]:
    name, one = field.name, _reader(field)
    if field.is_repeated:
        return lambda message: tuple(map(one, getattr(message, name)))
    if field.message_type is not None:
        return lambda message: one(getattr(message, name)) if message.HasField(name) else None
    return lambda message: one(getattr(message, name))


def _reader(field: Described) -> Callable[[Value], Value]:
    if field.enum_type is not None:
        return lambda number: enum_word(field, number)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return lambda data: data.hex()
    if field.message_type is not None and field.message_type.full_name == Date.DESCRIPTOR.full_name:
        return lambda day: to_date(day, field.name)
    if field.message_type is not None and field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
        return lambda stamp: to_instant(stamp, field.name)
    return lambda value: value


def _write(message: Message, field: Described, value: Value) -> None:
    if value is None or value == "" or value == ():
        return
    if field.is_repeated:
        items: Iterable[Value] = [_plain(field, item) for item in value]
        getattr(message, field.name).extend(items)
    elif field.message_type is not None:
        getattr(message, field.name).CopyFrom(_plain(field, value))
    else:
        setattr(message, field.name, _plain(field, value))


def _plain(field: Described, value: Value) -> Value:
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


def enum_word(field: Described, number: int) -> str:
    """The name of an enum value without its prefix; "" for the unspecified one."""
    if number == 0:
        return ""
    known = field.enum_type.values_by_number.get(number)
    if known is None:
        raise Malformed("an unknown value of a closed list", field=field.name)
    return str(known.name).removeprefix(_prefix(field))


@cache
def _prefix(field: Described) -> str:
    unspecified: str = field.enum_type.values_by_number[0].name
    return unspecified.removesuffix("UNSPECIFIED")


def to_date(day: Date, field: str) -> date:
    """A calendar date that can be right.

    Raises:
        Malformed: there is no such day, or it is in no year of which somebody writes.
    """
    try:
        return check_date(date(day.year, day.month, day.day), field=field)
    except ValueError as error:
        raise Malformed("not a day of the calendar", field=field) from error


def to_instant(stamp: Timestamp, field: str) -> datetime:
    """An instant (UTC).

    Raises:
        Malformed: there is no such instant.
    """
    try:
        return instant(stamp)
    except (ValueError, OverflowError) as error:
        raise Malformed("not an instant of the years 1 to 9999", field=field) from error
