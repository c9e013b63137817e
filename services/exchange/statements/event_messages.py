"""Events of a topic and the messages that they travel or are recorded as, both ways. No I/O. Each topic's `wire` has its table."""

from collections.abc import Collection, Mapping
from typing import Generic, TypeVar

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from exchange.statements import protobuf_mapping

E = TypeVar("E")


class EventMessages(Generic[E]):
    """A table of event types with their messages; `leaves_out` are the fields that only one of a pair has."""

    def __init__(
        self,
        table: Mapping[type[E], type[Message]],
        leaves_out: Mapping[type[E], Collection[str]] | None = None,
    ) -> None:
        self._messages = protobuf_mapping.pairs(table, leaves_out)
        self._events = {message.DESCRIPTOR.full_name: (kind, message) for kind, message in table.items()}

    def to_message(self, event: E) -> Message:
        """An event as the message that travels or is recorded."""
        return protobuf_mapping.to_message(event, self._messages[type(event)])

    def from_message(self, message: Message) -> E:
        """A message as the event that it is."""
        kind, _ = self._events[message.DESCRIPTOR.full_name]
        return protobuf_mapping.to_dataclass(message, kind)

    def from_any(self, packed: AnyMessage) -> E | None:
        """The event in the facts of a leaf; None if it is none of these."""
        known = self._events.get(packed.type_url.rpartition("/")[2])
        if known is None:
            return None
        message = known[1]()
        packed.Unpack(message)
        return self.from_message(message)
