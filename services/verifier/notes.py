"""Signed notes (C2SP signed-note), checkpoints (tlog-checkpoint), their keys and cosignatures (tlog-cosignature)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from verifier.strict import LARGEST_NUMBER, Bad, read_base64, read_number

# Types of keys: a log's Ed25519, a cosigner's Ed25519, and ML-DSA-44 of either.
LOG_KEY, COSIGNER_KEY, ML_DSA_KEY = 0x01, 0x04, 0x06
ML_DSA_KEY_BYTES, ML_DSA_SIGNATURE_BYTES = 1312, 2420
MOST_SIGNATURES = 100
LONGEST_NAME = 255

PRIME = 2**255 - 19
_ORDER_EIGHT_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
# To a key at one of these points nearly any signature fits: whoever wants then signs for it.
_LOW_ORDER_YS = {0, 1, PRIME - 1, _ORDER_EIGHT_Y, PRIME - _ORDER_EIGHT_Y}


@dataclass(frozen=True)
class NoteKey:
    """A key that signs notes: its name, its type (0x01, 0x04, 0x06) and its raw public key."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


class SignatureLine(NamedTuple):
    """A signature line of a note; which key it is of, name and key id only hint."""

    name: str
    key_id: bytes
    signature: bytes

    def is_of(self, key: NoteKey) -> bool:
        return (self.name, self.key_id) == (key.name, key.id)


class Note(NamedTuple):
    """The text of a note and its signature lines."""

    text: str
    signatures: list[SignatureLine]


class Checkpoint(NamedTuple):
    """The head of a log: its first `size` entries have this root."""

    origin: str
    size: int
    root: bytes
    extensions: list[str]
    text: str


# Keys


def read_vkey(text: str, kinds: Collection[int]) -> NoteKey:
    """Read a verifier key `name+id+base64` of one of these types.

    Raises:
        Bad: it is none, or a point that anybody can sign for.
    """
    found = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    if not found:
        raise Bad("a key of the policy is not name+id+base64")
    check_name(found[1])
    content = read_base64(found[3])
    key = NoteKey(found[1], content[0], content[1:])
    if key.id.hex() != found[2] or key.kind not in kinds:
        raise Bad(f"the key of {key.name} has another id, or is of a type that does not belong there")
    if key.kind != ML_DSA_KEY:
        check_point(key.public)
    elif len(key.public) != ML_DSA_KEY_BYTES or len(key.name.encode()) > LONGEST_NAME:
        raise Bad("an ML-DSA-44 key is 1,312 bytes, and its name at most 255")
    return key


def check_name(name: str) -> None:
    """Refuse a key name that is empty, or would break a signature line."""
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise Bad("a key name is empty, or has a space or a '+'")
    check_characters(name)


def check_characters(text: str) -> None:
    """Refuse control characters but line feeds, and what is no UTF-8."""
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise Bad("a control character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Bad("not UTF-8") from None


def check_point(public: bytes) -> None:
    """Refuse an Ed25519 public key that is not 32 bytes, or a low-order or non-canonical point."""
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    if len(public) != 32 or y >= PRIME or y in _LOW_ORDER_YS:
        raise Bad("an Ed25519 key is a point that anybody can sign for, or none")


# Notes


def read_note(data: bytes) -> Note:
    """Take a signed note apart.

    Raises:
        Bad: it is none.
    """
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Bad("a note is UTF-8") from None
    check_characters(whole)
    text, empty, lines = whole.rpartition("\n\n")
    if not empty or not lines.endswith("\n"):
        raise Bad("a note is text, an empty line and whole signature lines")
    if lines.count("\n") > MOST_SIGNATURES:
        raise Bad("a note has at most 100 signatures")
    return Note(text + "\n", [_signature_line(line) for line in lines[:-1].split("\n")])


def _signature_line(line: str) -> SignatureLine:
    words = line.split(" ")
    if len(words) != 3 or words[0] != "\u2014":
        raise Bad("a signature line is a dash, a name and base64")
    check_name(words[1])
    content = read_base64(words[2])
    if len(content) < 5:
        raise Bad("a signature is too short")
    return SignatureLine(words[1], content[:4], content[4:])


def read_checkpoint(text: str) -> Checkpoint:
    """Read origin, size and root, and the extension lines behind them.

    Raises:
        Bad: it is none.
    """
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or lines[-1]:
        raise Bad("a checkpoint is origin, size and root")
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise Bad("a checkpoint has no control characters")
    root = read_base64(lines[2])
    if len(root) != 32:
        raise Bad("a root is 32 bytes")
    return Checkpoint(lines[0], read_number(lines[1]), root, lines[3:-1], text)


# Signatures


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Check an Ed25519 signature by a raw public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_ml_dsa(public: bytes, signature: bytes, message: bytes) -> bool:
    """Check an ML-DSA-44 signature by a raw public key."""
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_by_log(key: NoteKey, signature: bytes, head: Checkpoint) -> bool:
    """Check a log's own signature under its checkpoint: Ed25519 (0x01), or ML-DSA-44 (0x06) with or without a time."""
    if key.kind == LOG_KEY:
        return is_signed(key.public, signature, head.text.encode())
    return _is_cosigned_ml_dsa(key, signature, head, untimed=True)


def is_cosigned(key: NoteKey, signature: bytes, head: Checkpoint) -> bool:
    """Check a cosignature of a checkpoint, of type 0x04 or 0x06."""
    if key.kind == ML_DSA_KEY:
        return _is_cosigned_ml_dsa(key, signature, head, untimed=False)
    seconds = cosigned_at(signature)
    if not 0 < seconds <= LARGEST_NUMBER:
        return False
    message = f"cosignature/v1\ntime {seconds}\n{head.text}".encode()
    return is_signed(key.public, signature[8:], message)


def cosigned_at(signature: bytes) -> int:
    """Give the time within a cosignature, in POSIX seconds."""
    return int.from_bytes(signature[:8], "big")


def _is_cosigned_ml_dsa(key: NoteKey, signature: bytes, head: Checkpoint, *, untimed: bool) -> bool:
    name, origin, seconds = key.name.encode(), head.origin.encode(), cosigned_at(signature)
    if seconds > LARGEST_NUMBER or not (seconds or untimed) or len(signature) != 8 + ML_DSA_SIGNATURE_BYTES:
        return False
    if head.extensions or len(origin) > LONGEST_NAME:  # what is signed has no place for them
        return False
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + signature[:8]
    message += bytes([len(origin)]) + origin + (0).to_bytes(8, "big") + head.size.to_bytes(8, "big")
    return is_signed_ml_dsa(key.public, signature[8:], message + head.root)
