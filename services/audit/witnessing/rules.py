"""Decisions of a witness, C2SP tlog-witness. No I/O, no clock, no database.

A witness remembers the largest tree that it cosigned under each origin. Asked to cosign another, with a proof that this one
continues it, it either signs or says why not:

    404  it does not watch this origin
    403  no key of that log has signed the checkpoint, or a known key's signature is wrong
    400  the request is malformed, or its old size larger than the new one
    409  the old size is not what was cosigned last; the answer is that size
    422  the proof fails, or the same size has another root
    503  the witness's clock stands before its last cosignature

A log that asks for what an honest log never asks for gives itself away: the answer then carries an `Accusation`, to be kept.
Remembering is left to `store`, carrying requests to `http_api` and the host.

Every tree that was cosigned is kept, and not the last only: a fork is proven at any size, and an old checkpoint that
comes late is told from a rollback.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audit.formats import checkpoint, note, tlog
from audit.formats.canonical import print_base64, read_hash, read_number
from audit.formats.checkpoint import Checkpoint, CheckpointError
from audit.formats.cosignature import CosigningKey
from audit.formats.note import KnownKey, NoteError, SignatureError
from audit.formats.proof import MAX_HASHES
from audit.formats.tlog import ProofError

MAX_REQUEST_BYTES = 512 * 1024

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"

FORK = "fork"
"""Two trees under one origin of which neither continues the other."""
ROLLBACK = "rollback"
"""A tree smaller than the one that was cosigned, offered as the log's newest, and not one that was cosigned before."""


class BadRequest(ValueError):
    """Not a request as the format has it."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The request to cosign the checkpoint in `note`, which continues the tree of size `old`."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        """The body of the request; the inverse of `parse`."""
        lines = [f"old {self.old}", *map(print_base64, self.proof)]
        return "".join(line + "\n" for line in lines) + "\n" + self.note


@dataclass(frozen=True, slots=True)
class WitnessedState:
    """State that a witness cosigned last under an origin: the head, the note as the log signed it, and when (POSIX seconds)."""

    head: Checkpoint
    note: str
    at: int


@dataclass(frozen=True, slots=True)
class Accusation:
    """Act of a log that an honest log never does.

    `held` is the note that the witness has cosigned, `offered` the one that does not go with it, both signed by the log.
    `proven`: the two notes alone show it, to anyone who has the log's key. Otherwise they show that no proof was given that
    joins them, which the log can still refute by giving one.
    """

    kind: str
    origin: str
    held: str
    offered: str
    proven: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body as HTTP has them; `held` is the new state if the checkpoint was cosigned."""

    status: int
    body: str = ""
    content_type: str = TEXT
    held: WitnessedState | None = None
    accusation: Accusation | None = None


def parse(body: bytes) -> AddCheckpoint:
    """Read a request, so strictly that printing it gives back the same body. Nothing is verified but its form.

    Raises:
        BadRequest: with what is wrong.
    """
    if len(body) > MAX_REQUEST_BYTES:
        raise BadRequest(f"more than {MAX_REQUEST_BYTES} bytes")
    try:
        before, separator, signed = body.decode().partition("\n\n")
        if not separator or not before.startswith("old "):
            raise ValueError("not an old size, hashes, an empty line and a checkpoint")
        old, *lines = before.split("\n")
        if len(lines) > MAX_HASHES:
            raise ValueError(f"more than {MAX_HASHES} hashes")
        return AddCheckpoint(read_number(old.removeprefix("old ")), tuple(map(read_hash, lines)), signed)
    except ValueError as error:
        raise BadRequest(str(error)) from None


def origin_of(request: AddCheckpoint) -> str:
    """The origin that a request is about.

    Raises:
        BadRequest: what it carries is no checkpoint.
    """
    try:
        return checkpoint.parse(note.parse_note(request.note).text).origin
    except ValueError as error:
        raise BadRequest(str(error)) from None


def decide(
    request: AddCheckpoint,
    keys: Sequence[KnownKey],
    held: WitnessedState | None,
    cosigned_before: Callable[[int], str | None],
    cosigners: Sequence[CosigningKey],
    now: int,
) -> Answer:
    """Decide whether to cosign. The caller must keep `held` of the answer, durably, before anybody sees the answer.

    `keys` are those that the witness trusts for the origin, none if it does not watch it; `held` what it cosigned last there;
    `cosigned_before` the note that it cosigned at an earlier size, if any; `now` POSIX seconds.
    """
    if not keys:
        return Answer(404, "this witness does not watch that log\n")
    try:
        head = checkpoint.parse(note.open_note(request.note, keys).text)
    except SignatureError as error:
        return Answer(403, f"{error}\n")
    except (NoteError, CheckpointError) as error:
        return Answer(400, f"{error}\n")
    if all(key.name != head.origin for key in keys):
        return Answer(403, "no key of that log has signed the checkpoint\n")
    if request.old > head.size:
        return Answer(400, "the old size is larger than the checkpoint's\n")
    accusation = _accuse(request, head, held, cosigned_before)
    size = held.head.size if held else 0
    if request.old != size:
        return Answer(409, f"{size}\n", SIZE, accusation=accusation)
    refusal = _unproven(request, head, held)
    if refusal:
        return Answer(422, f"{refusal}\n", accusation=accusation)
    if held and now < held.at:
        return Answer(503, "the clock of this witness stands before its last cosignature\n")
    return _cosign(head, request.note, cosigners, now)


def _cosign(head: Checkpoint, signed: str, cosigners: Sequence[CosigningKey], now: int) -> Answer:
    try:
        lines = note.print_signatures([cosigner.cosign(head, now) for cosigner in cosigners])
    except CheckpointError as error:
        return Answer(400, f"{error}\n")
    return Answer(200, lines, held=WitnessedState(head, _by_the_log(signed, head.origin), now))


def _unproven(request: AddCheckpoint, head: Checkpoint, held: WitnessedState | None) -> str:
    """Say why the offered head does not continue what was cosigned; empty if it does."""
    old_root = held.head.root if held else tlog.EMPTY_ROOT
    try:
        tlog.verify_consistency(request.old, head.size, request.proof, old_root, head.root)
    except ProofError as error:
        return str(error)
    return ""


def _accuse(
    request: AddCheckpoint,
    head: Checkpoint,
    held: WitnessedState | None,
    cosigned_before: Callable[[int], str | None],
) -> Accusation | None:
    """Accuse a log by the offered head beside what was cosigned. A head that was cosigned before says nothing new."""
    if held is None:
        return None
    earlier = held.note if head.size == held.head.size else cosigned_before(head.size)
    if earlier is not None:
        if checkpoint.parse(note.parse_note(earlier).text).root == head.root:
            return None
        detail = f"two roots for size {head.size}"
        return Accusation(FORK, head.origin, earlier, request.note, True, detail)
    if head.size < held.head.size:
        detail = f"size {head.size} offered after size {held.head.size} was cosigned"
        return Accusation(ROLLBACK, head.origin, held.note, request.note, False, detail)
    if request.old == held.head.size and _unproven(request, head, held):
        detail = f"no proof that size {head.size} continues size {request.old}"
        return Accusation(FORK, head.origin, held.note, request.note, False, detail)
    return None


def _by_the_log(signed: str, origin: str) -> str:
    """The note with the log's own signatures only: anyone may have appended lines."""
    parsed = note.parse_note(signed)
    own = tuple(each for each in parsed.signatures if each.name == origin)
    return note.print_note(note.Note(parsed.text, own))


# What a log makes of an answer


def read_cosignatures(head_text: str, body: str, known: Sequence[KnownKey]) -> tuple[note.Signature, ...]:
    """The cosignatures of known keys in a witness's answer; others are ignored.

    Raises:
        NoteError: the body is not of signature lines, no known key has signed, or a known key's signature is wrong.
    """
    lines = note.parse_signatures(body)
    return note.open_note(note.print_note(note.Note(head_text, lines)), known).verified


def read_size(body: str) -> int:
    """The size in a 409.

    Raises:
        BadRequest: it is none.
    """
    try:
        if not body.endswith("\n"):
            raise ValueError("no line feed at the end")
        return read_number(body[:-1])
    except ValueError as error:
        raise BadRequest(f"not a size: {error}") from None
