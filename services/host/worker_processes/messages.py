"""Messages between a host and its workers: one line of JSON each, and large content in a file that both hold.

A host reads nothing but these lines and bytes from a worker, so that whoever takes over a worker (by a hostile document, say) has
not taken over the host.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import BinaryIO, Protocol

Ask = Callable[[str, bytes], bytes]
"""Asks the host, by a word and content; called before anything is written."""


class Job(Protocol):
    """Work for a worker: a value that can be pickled, whose class stands in an importable module."""

    def run(self, ask: Ask, output: BinaryIO) -> str:
        """Do the work: write what it makes to `output`, and give a short answer."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A worker asks: the word, and how many bytes of content stand in the file."""

    word: str
    size: int


@dataclass(frozen=True, slots=True)
class Done:
    """A worker is done: its answer, and in the file what it made."""

    answer: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A worker could not do it: type and place of the error. Its words may quote what nobody may log."""

    error: str
    where: str


Message = Asked | Done | Failed
_BY_NAME: dict[str, type[Asked] | type[Done] | type[Failed]] = {
    each.__name__: each for each in (Asked, Done, Failed)
}


def line(message: Message) -> bytes:
    """A message as it is sent."""
    return json.dumps([type(message).__name__, asdict(message)]).encode() + b"\n"


def read(sent: bytes) -> Message:
    """The message of a line.

    Raises:
        ValueError, TypeError: it is none.
    """
    name, fields = json.loads(sent)
    return _BY_NAME[name](**fields)
