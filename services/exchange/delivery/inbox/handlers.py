"""Handlers of arriving statements: how a desk or a room says what it does with a statement type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from google.protobuf.message import Message

from exchange.delivery.transaction import Transaction


@dataclass(frozen=True, slots=True)
class IncomingStatement:
    """A statement as a handler sees it. `facts` is the desk's own event; `part` the opened personal part; `envelope` the
    signed bytes.
    """

    id: str
    type: str
    sender: str
    recipient: str
    matter: str
    case_id: str
    time: datetime
    facts: Message
    part: bytes
    causation: str
    copy_of: str
    envelope: bytes = b""


@dataclass(frozen=True, slots=True)
class Handler:
    """Handler of a statement type: the message its facts must be, and a function that only buffers.

    `loads` are the first words of the facts on the matter that it changes. What does not wait takes effect though an earlier
    statement on the matter is not here: an order to erase must not wait for what is erased.
    """

    facts: type[Message]
    handle: Callable[[Transaction, IncomingStatement], None]
    loads: tuple[str, ...] = ("matter",)
    ordered: bool = True


Handlers = Mapping[str, Handler]
"""Handlers by statement type."""


class Failing(dict[str, Handler]):
    """A handler table in which every type fails, to park what could not be flushed."""

    def __init__(self, error: str) -> None:
        super().__init__()
        self.error = error
