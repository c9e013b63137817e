"""Arriving statements as rows: the message of a type, the desk's own event, the handler, and the facts that it reads."""

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import Message

from exchange.delivery.entity_store import MATTER
from exchange.delivery.inbox.handlers import Handler, IncomingStatement
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping

M = TypeVar("M", bound=Message)
E = TypeVar("E")


def receives(
    message: type[Message],
    event: type[E],
    handle: Callable[[Transaction, IncomingStatement, E], None],
    *loads: str,
    ordered: bool = True,
) -> Handler:
    """A row whose event has the fields of the message. `loads` are the kinds of fact on the matter, the matter if not given."""
    return receives_as(
        message, lambda facts: protobuf_mapping.to_dataclass(facts, event), handle, *loads, ordered=ordered
    )


def receives_as(
    message: type[M],
    read: Callable[[M], E],
    handle: Callable[[Transaction, IncomingStatement, E], None],
    *loads: str,
    ordered: bool = True,
) -> Handler:
    """A row whose event is read by a function of its own."""

    def handler(tx: Transaction, received: IncomingStatement) -> None:
        if not isinstance(received.facts, message):
            raise TypeError(f"{received.type} does not carry {message.DESCRIPTOR.full_name}")
        handle(tx, received, read(received.facts))

    return Handler(message, handler, loads or (MATTER,), ordered)
