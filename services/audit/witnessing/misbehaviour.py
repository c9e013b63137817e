"""Accusations of a party against a log, as a file that anyone checks with the log's public key alone. No I/O.

    netral-accusation/1
    kind fork
    observer netral/bawaslu/witness
    origin netral/kasn
    seen 2026-11-25T10:00:00+00:00
    detail two roots for size 5

    <the note that was cosigned or expected, base64 of its bytes, one line>
    <the note or the words that do not go with it, the same way>

The two notes are the evidence; what the observer says around them is its word. Keeping and collecting them is left to
`store` and `collector`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from audit.formats import checkpoint, note
from audit.formats.canonical import print_base64, read_base64
from audit.formats.note import KnownKey
from audit.witnessing.rules import FORK, ROLLBACK, Accusation

SILENT = "silent"
"""A cosigner that was asked and has not cosigned for longer than it may."""
STALLED = "stalled"
"""A log that was not shown to have grown though its party sent statements."""
KINDS = (FORK, ROLLBACK, SILENT, STALLED)

_FORMAT = "netral-accusation/1"
_LINE = re.compile(r"[^\x00-\x1f\x7f]{1,300}")


class BadAccusation(ValueError):
    """Not an accusation as the format has it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An accusation with who says so and since when (UTC, whole microseconds)."""

    accusation: Accusation
    observer: str
    at: datetime

    def text(self) -> str:
        """The file; the inverse of `parse`."""
        said = self.accusation
        lines = [
            _FORMAT,
            f"kind {said.kind}",
            f"observer {self.observer}",
            f"origin {said.origin}",
            f"seen {self.at.astimezone(UTC).isoformat()}",
            f"detail {said.detail}",
            "",
            print_base64(said.held.encode()),
            print_base64(said.offered.encode()),
        ]
        return "".join(line + "\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict on an accusation by its notes alone. `proven`: the log signed two trees that cannot both be its own."""

    proven: bool
    reason: str


def digest(accusation: Accusation) -> str:
    """Digest that tells accusations apart: the same thing seen again has the same one."""
    parts = (accusation.kind, accusation.origin, accusation.held, _text_of(accusation.offered))
    return sha256("\x00".join(parts).encode()).hexdigest()


def parse(text: str) -> Seen:
    """Read an accusation; printing it gives back the same text. Nothing is verified.

    Raises:
        BadAccusation: with what is wrong.
    """
    try:
        lines = text.split("\n")
        if len(lines) != 10:
            raise ValueError("not nine lines")
        head, kind, observer, origin, seen, detail, empty, held, offered, end = lines
        if head != _FORMAT or empty or end:
            raise ValueError(f"not a text of {_FORMAT}")
        words = [
            _after(word, line)
            for word, line in (
                ("kind ", kind),
                ("observer ", observer),
                ("origin ", origin),
                ("detail ", detail),
            )
        ]
        at = datetime.fromisoformat(_after("seen ", seen))
        if words[0] not in KINDS or at.utcoffset() is None:
            raise ValueError("an unknown kind, or an instant without a zone")
        both = [read_base64(each).decode() for each in (held, offered)]
        accusation = Accusation(words[0], words[2], both[0], both[1], False, words[3])
        found = Seen(accusation, words[1], at)
        if found.text() != text:
            raise ValueError("it would be printed differently")
    except ValueError as error:
        raise BadAccusation(f"not an accusation: {error}") from None
    return found


def judge(accusation: Accusation, keys: Iterable[KnownKey]) -> Verdict:
    """Judge what the two notes show to whoever has the log's keys."""
    known = [key for key in keys if key.name == accusation.origin]
    try:
        held, offered = (
            checkpoint.parse(note.open_note(each, known).text)
            for each in (accusation.held, accusation.offered)
        )
    except ValueError as error:
        return Verdict(False, f"the log has not signed both: {error}")
    if held.origin != accusation.origin or offered.origin != accusation.origin:
        return Verdict(False, "the notes are of another log")
    if held.size == offered.size and held.root != offered.root:
        return Verdict(True, f"the log signed two roots for size {held.size}")
    if held.size == offered.size:
        return Verdict(False, f"both are the same tree of size {held.size}")
    small, large = sorted((held.size, offered.size))
    return Verdict(
        False,
        f"the log signed sizes {small} and {large}; only a consistency proof tells whether they are one history, "
        "and the log must be able to give it",
    )


def _text_of(offered: str) -> str:
    """Text that was signed: Ed25519 signs the same text the same way, and other lines are anybody's."""
    return offered.rpartition("\n\n")[0] or offered


def _after(word: str, line: str) -> str:
    if not line.startswith(word) or not _LINE.fullmatch(line.removeprefix(word)):
        raise ValueError(f"no line {word.strip()}")
    return line.removeprefix(word)
