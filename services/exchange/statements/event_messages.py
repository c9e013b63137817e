"""Events of a topic and the messages that they travel or are recorded as, both ways. No I/O. Each topic's `wire` has its table."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from types import ModuleType, UnionType
from typing import Generic, Self, TypeVar, get_args

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from exchange.statements import protobuf_mapping

E = TypeVar("E")
M = TypeVar("M", bound=Message)


class EventMessages(Generic[E]):
    """A table of event types with their messages; `leaves_out` are the fields that only one of a pair has."""

    def __init__(
        self,
        table: Mapping[type[E], type[Message]],
        leaves_out: Mapping[type[E], Collection[str]] | None = None,
    ) -> None:
        self._messages = protobuf_mapping.pairs(table, leaves_out)
        self._read: dict[str, tuple[type[Message], Callable[[Message], E]]] = {}
        for kind, message in table.items():
            self.reading(message, partial(protobuf_mapping.to_dataclass, kind=kind))

    @classmethod
    def by_name(
        cls,
        events: UnionType,
        *modules: ModuleType,
        given: Mapping[type[E], type[Message]] | None = None,
        leaves_out: Mapping[type[E], Collection[str]] | None = None,
    ) -> Self:
        """A table that pairs each event of a union with the message of its name in the generated modules; `given` decides between two.

        Raises:
            TypeError: an event has no message of its name there, or more than one.
        """
        given = given or {}
        table = {event: given.get(event) or _named(event.__name__, modules) for event in get_args(events)}
        return cls(table, leaves_out)

    def reading(self, message: type[M], read: Callable[[M], E]) -> Self:
        """Add a message that a function of its own reads as an event of the table."""

        def checked(said: Message) -> E:
            if not isinstance(said, message):
                raise TypeError(f"{said.DESCRIPTOR.full_name} is not {message.DESCRIPTOR.full_name}")
            return read(said)

        self._read[message.DESCRIPTOR.full_name] = (message, checked)
        return self

    def to_message(self, event: E) -> Message:
        """An event as the message that travels or is recorded."""
        return protobuf_mapping.to_message(event, self._messages[type(event)])

    def from_message(self, message: Message) -> E:
        """A message as the event that it is."""
        _, read = self._read[message.DESCRIPTOR.full_name]
        return read(message)

    def from_any(self, packed: AnyMessage) -> E | None:
        """The event in the facts of a leaf; None if it is none of these."""
        kind, read = self._read.get(packed.type_url.rpartition("/")[2], (None, None))
        return read(kind.FromString(packed.value)) if kind and read else None


def _named(name: str, modules: Collection[ModuleType]) -> type[Message]:
    found: list[type[Message]] = [vars(module)[name] for module in modules if name in vars(module)]
    if len(found) != 1:
        raise TypeError(f"{name}: {len(found)} messages of that name in the modules given")
    return found[0]


def statement_type(role: str, event: type[E]) -> str:
    """The statement type by which a role announces an event: that of `FollowedUp` ends with `followed_up.v1`."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__).lower()
    return f"netral.{role}.{words}.v1"
