"""Messages that every reader reads alike. No I/O.

The exchange takes no other from a peer, and the readers of logs and packs find every other: whoever signed one could later say
that it says something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from audit.log.envelope import Unreadable
from audit.log.events import parse_message

M = TypeVar("M", bound=Message)

# The wire type of a group, which no contract here has.
_GROUP = 3


def read_unambiguous(kind: type[M], data: bytes) -> M:
    """A message that every reader reads alike, and the messages in it: no field stands twice, or as another kind of field.

    Of a field that stands twice, some readers take the first and some the last; one of another kind some leave out.

    Raises:
        Unreadable: the bytes are none, or can be read in two ways.
    """
    if (printed := _as_we_print_it(kind, data)) is not None:
        return printed
    found, contract = parse_message(kind, data), _contract_of(kind.DESCRIPTOR)
    fields = UnknownFieldSet(parse_message(Empty, data))  # which knows no field: these are all
    standing: set[int] = set()
    for at in range(len(fields)):
        number = fields[at].field_number
        if fields[at].wire_type == _GROUP or (number in standing and number in contract.single):
            raise Unreadable("a field stands twice, or is a group")
        standing.add(number)
    unknown = UnknownFieldSet(found)
    if contract.numbers & {unknown[at].field_number for at in range(len(unknown))}:
        raise Unreadable("a field is of another kind")
    for at in range(len(fields)):
        if inner := contract.messages.get(fields[at].field_number):
            read_unambiguous(inner, fields[at].data)
    return found


def _as_we_print_it(kind: type[M], data: bytes) -> M | None:
    """The message in bytes that we would print ourselves, without a field that the contract does not know; else None.

    Such bytes have each field once, and of its kind. Nearly all are so, and to print them costs a tenth of looking at each field.
    """
    found = parse_message(kind, data)
    found.DiscardUnknownFields()
    return found if found.SerializeToString(deterministic=True) == data else None


@dataclass(frozen=True)
class _Contract:
    """The numbers of a message's fields: all, those that stand at most once, and the kinds of messages in it."""

    numbers: frozenset[int]
    single: frozenset[int]
    messages: Mapping[int, type[Message]]


@cache
def _contract_of(described: Descriptor) -> _Contract:
    fields = described.fields
    return _Contract(
        frozenset(field.number for field in fields),
        frozenset(field.number for field in fields if not field.is_repeated),
        {
            field.number: message_factory.GetMessageClass(field.message_type)
            for field in fields
            if field.message_type is not None
        },
    )
