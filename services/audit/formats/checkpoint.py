"""The signed head of a log, C2SP tlog-checkpoint v1.0.0. No I/O.

    netral/bawaslu                                      origin: which log
    3                                                   size: how many entries
    rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=        root of the tree of this size, base64

Two checkpoints of one origin that no consistency proof joins are evidence that the log was rewritten. When to sign is
left to the sequencer, proofs to `tlog`, and the signature lines to `note`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from audit.formats import note as signed_note
from audit.formats.canonical import MAX_NUMBER, print_base64, read_base64, read_number
from audit.formats.note import KnownKey, SigningKey
from audit.formats.tlog import HASH_SIZE

MAX_SIZE = MAX_NUMBER
"""More than a log will ever hold."""

_CONTROL = re.compile(r"[\x00-\x1f]")


class CheckpointError(ValueError):
    """A note that is not a checkpoint, or one of another log than expected."""


@dataclass(frozen=True)
class Checkpoint:
    """Commitment of a log: its first `size` entries have the Merkle root `root` (32 bytes).

    Extension lines are kept, since signatures cover them, but mean nothing here.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or _CONTROL.search(line):
                raise CheckpointError("A line of a checkpoint is empty or holds a control character.")
        if not 0 <= self.size <= MAX_SIZE:
            raise CheckpointError("The size of a checkpoint is 0 to 2^63 - 1.")
        if len(self.root) != HASH_SIZE:
            raise CheckpointError("The root of a checkpoint is 32 bytes.")

    def text(self) -> str:
        """The text that is signed; the inverse of `parse`."""
        lines = (self.origin, str(self.size), print_base64(self.root), *self.extensions)
        return "".join(line + "\n" for line in lines)


def origin_of(institution: str) -> str:
    """The origin of an institution's log, which is also the name of the key that signs it."""
    return f"netral/{institution}"


@lru_cache(maxsize=64)
def parse(text: str) -> Checkpoint:
    """Read the text of a checkpoint, so strictly that printing it gives back the same text."""
    origin, size, encoded_root, *extensions, end = _lines(text)
    if end:
        raise CheckpointError("A checkpoint ends in a line feed.")
    try:
        number = read_number(size)
    except ValueError as error:
        raise CheckpointError(f"The size of a checkpoint is {error}.") from None
    return Checkpoint(origin, number, _root_from(encoded_root), tuple(extensions))


def sign(checkpoint: Checkpoint, signer: SigningKey) -> str:
    """The checkpoint as a note signed by its log, whose key has the name of the origin."""
    if signer.name != checkpoint.origin:
        raise CheckpointError(f"The key of {signer.name} does not sign for {checkpoint.origin}.")
    return signed_note.sign(checkpoint.text(), [signer])


def open(note: str | bytes, verifier: KnownKey) -> Checkpoint:
    """Read a checkpoint that the log's key `verifier` has signed; its origin is the name of that key.

    Signatures by other keys are ignored here; cosignatures are checked apart, against a policy. Raises `NoteError` if
    it is no note, `SignatureError` if the log has not signed it, `CheckpointError` if it is no checkpoint of this log.
    """
    checkpoint = parse(signed_note.open_note(note, [verifier]).text)
    if checkpoint.origin != verifier.name:
        raise CheckpointError(f"The key of {verifier.name} signed a checkpoint of {checkpoint.origin}.")
    return checkpoint


def _lines(text: str) -> list[str]:
    # Not splitlines(): it also splits at form feeds, U+0085 and U+2028.
    lines = text.split("\n")
    if len(lines) < 4:
        raise CheckpointError("A checkpoint has lines for origin, size and root.")
    return lines


def _root_from(encoded: str) -> bytes:
    try:
        return read_base64(encoded)
    except ValueError as error:
        raise CheckpointError(f"The root of a checkpoint is {error}.") from None
