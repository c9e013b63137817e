"""Proof that an entry is in a log, as one text that is checked offline, C2SP tlog-proof@v1. No I/O.

    c2sp.org/tlog-proof@v1
    extra <base64>            optional, unauthenticated
    index 73894
    gSKyXo…                   the inclusion proof, from the leaf up

    netral/kasn               the checkpoint with its signatures and cosignatures, verbatim
    …

What the entry says, and whose keys count, is left to the verifier: it brings the leaf hash and the policy.
"""

from dataclasses import dataclass

from audit.formats import checkpoint, note, tlog
from audit.formats.canonical import MAX_NUMBER, print_base64, read_base64, read_hash, read_number
from audit.formats.policy import Accepted, Policy

MAX_HASHES = 63
_HEAD = "c2sp.org/tlog-proof@v1"


class ProofTextError(ValueError):
    """Not a tlog-proof as the format has it."""


@dataclass(frozen=True)
class TlogProof:
    """The place of an entry, its audit path, and the checkpoint (a signed note) that the path leads to.

    `extra` is whatever the writer added; nothing vouches for it.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: str
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_NUMBER:
            raise ProofTextError("The index of a proof is 0 to 2^63 - 1.")
        if len(self.hashes) > MAX_HASHES or any(len(each) != tlog.HASH_SIZE for each in self.hashes):
            raise ProofTextError(f"A proof has at most {MAX_HASHES} hashes of 32 bytes.")
        try:
            checkpoint.parse(note.parse_note(self.note).text)
        except ValueError as error:
            raise ProofTextError(f"The checkpoint of a proof is wrong: {error}") from None

    def text(self) -> str:
        """The proof as it is exchanged; the inverse of `parse`."""
        extra = [f"extra {print_base64(self.extra)}"] if self.extra else []
        lines = [_HEAD, *extra, f"index {self.index}", *map(print_base64, self.hashes)]
        return "".join(line + "\n" for line in lines) + "\n" + self.note

    def verify(self, leaf: bytes, policy: Policy) -> Accepted:
        """Check that the leaf hash `leaf` is in a log of the policy at this index, under a checkpoint that it accepts.

        Raises:
            NoteError, CheckpointError, NotAccepted: the checkpoint is not accepted, see `Policy.accept`.
            ProofError: the leaf is not there.
        """
        accepted = policy.accept(self.note)
        head = accepted.checkpoint
        tlog.verify_inclusion(leaf, self.index, head.size, self.hashes, head.root)
        return accepted


def parse(text: str | bytes) -> TlogProof:
    """Read a proof, so strictly that printing it gives back the same text. Nothing is verified.

    Raises:
        ProofTextError: with what is wrong.
    """
    try:
        whole = text.decode() if isinstance(text, bytes) else text
        before, separator, signed = whole.partition("\n\n")
        if not separator:
            raise ValueError("no empty line before the checkpoint")
        head, *lines = before.split("\n")
        if head != _HEAD:
            raise ValueError(f"the first line is not {_HEAD}")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = read_base64(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise ValueError("no index line")
        index = read_number(lines.pop(0).removeprefix("index "))
        if len(lines) > MAX_HASHES:
            raise ValueError(f"more than {MAX_HASHES} hashes")
        hashes = tuple(map(read_hash, lines))
    except ValueError as error:
        raise ProofTextError(f"Not a tlog-proof: {error}.") from None
    return TlogProof(index, hashes, signed, extra)
