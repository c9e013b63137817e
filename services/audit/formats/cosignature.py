"""Signatures of witnesses, C2SP tlog-cosignature: timestamped Ed25519 (0x04) and ML-DSA-44 (0x06). No I/O, no clock.

A cosignature says: at that time this was the largest consistent tree that the cosigner had seen under that origin. It does
not say that what the log holds is right.

    0x04   8 bytes time ‖ 64 bytes over "cosignature/v1\\ntime <time>\\n" and the checkpoint's text; the name is not covered,
           so a key belongs to one cosigner
    0x06   8 bytes time ‖ 2,420 bytes over name, time, origin, size and root (FIPS 204, empty context); extension lines are
           not covered, so a checkpoint that has some is neither signed nor accepted

Whether a checkpoint deserves one is left to `audit.witnessing.rules`, how many are needed to `policy`.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from audit.formats import checkpoint
from audit.formats.canonical import MAX_NUMBER
from audit.formats.checkpoint import Checkpoint, CheckpointError
from audit.formats.note import NoteError, Signature, check_name, check_point, join_vkey, key_id, split_vkey

ED25519 = 0x04
ML_DSA_44 = 0x06
ML_DSA_KEY_BYTES = 1312
ML_DSA_SIGNATURE_BYTES = 2420

_TIME_BYTES = 8
_SUBTREE_LABEL = b"subtree/v1\n\x00"
_LONGEST_NAME = 255


class CosignatureKey(Protocol):
    """A cosigner's public key: a `note.KnownKey` whose signatures carry a time."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    @property
    def public_key(self) -> bytes: ...
    @property
    def vkey(self) -> str: ...
    def verify(self, text: str, signature: bytes) -> bool: ...


class CosigningKey(Protocol):
    """A cosigner's private key."""

    @property
    def verifier(self) -> CosignatureKey: ...
    def cosign(self, head: Checkpoint, at: int) -> Signature: ...


@dataclass(frozen=True)
class Ed25519Verifier:
    """A cosigner's Ed25519 public key (32 bytes, type 0x04). Refuses low-order and non-canonical points."""

    name: str
    public_key: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        check_point(self.public_key)
        object.__setattr__(self, "key_id", key_id(self.name, ED25519, self.public_key))

    @property
    def vkey(self) -> str:
        return join_vkey(self.name, ED25519, self.public_key)

    def verify(self, text: str, signature: bytes) -> bool:
        """True if this key cosigned the checkpoint `text` at the time within `signature`; time 0 is none."""
        at = _time_in(signature)
        if not at:
            return False
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public_key)
            key.verify(signature[_TIME_BYTES:], _ed25519_message(text, at))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class MlDsaVerifier:
    """An ML-DSA-44 public key (1,312 bytes, type 0x06).

    A witness's cosignature has a time; a log that signs its own checkpoints may leave it at 0 (`untimed`).
    """

    name: str
    public_key: bytes
    untimed: bool = False
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.name.encode()) > _LONGEST_NAME:
            raise NoteError(f"A cosigner's name has at most {_LONGEST_NAME} bytes.")
        try:
            MLDSA44PublicKey.from_public_bytes(self.public_key)
        except ValueError:
            raise NoteError(f"An ML-DSA-44 public key is {ML_DSA_KEY_BYTES} bytes.") from None
        object.__setattr__(self, "key_id", key_id(self.name, ML_DSA_44, self.public_key))

    @property
    def vkey(self) -> str:
        return join_vkey(self.name, ML_DSA_44, self.public_key)

    def verify(self, text: str, signature: bytes) -> bool:
        """True if this key cosigned the checkpoint `text` at the time within `signature`."""
        at = _time_in(signature)
        if at is None or not (at or self.untimed):
            return False
        try:
            message = _ml_dsa_message(self.name, checkpoint.parse(text), at)
            key = MLDSA44PublicKey.from_public_bytes(self.public_key)
            key.verify(signature[_TIME_BYTES:], message)
        except (InvalidSignature, CheckpointError):
            return False
        return True


@dataclass(frozen=True)
class Ed25519Cosigner:
    """A cosigner's Ed25519 private key under its name."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)

    @cached_property
    def verifier(self) -> Ed25519Verifier:
        return Ed25519Verifier(self.name, self.private_key.public_key().public_bytes_raw())

    def cosign(self, head: Checkpoint, at: int) -> Signature:
        """The cosignature of a checkpoint at a POSIX time in seconds, 1 to 2^63 - 1."""
        stamp = _stamp(at)
        signed = self.private_key.sign(_ed25519_message(head.text(), at))
        return Signature(self.name, self.verifier.key_id, stamp + signed)


@dataclass(frozen=True)
class MlDsaCosigner:
    """A cosigner's ML-DSA-44 private key under its name."""

    name: str
    private_key: MLDSA44PrivateKey = field(repr=False)

    @cached_property
    def verifier(self) -> MlDsaVerifier:
        return MlDsaVerifier(self.name, self.private_key.public_key().public_bytes_raw())

    def cosign(self, head: Checkpoint, at: int) -> Signature:
        """The cosignature of a checkpoint at a POSIX time in seconds, 1 to 2^63 - 1.

        Raises:
            CheckpointError: the checkpoint has extension lines, or an origin of more than 255 bytes.
        """
        stamp = _stamp(at)
        signed = self.private_key.sign(_ml_dsa_message(self.name, head, at))
        return Signature(self.name, self.verifier.key_id, stamp + signed)


def time_of(signature: Signature) -> int:
    """When a cosignature of either type was made: POSIX seconds.

    Raises:
        NoteError: the bytes are not those of a cosignature.
    """
    at = _time_in(signature.signature)
    if at is None or len(signature.signature) not in (_TIME_BYTES + 64, _TIME_BYTES + ML_DSA_SIGNATURE_BYTES):
        raise NoteError("A cosignature is a time of 8 bytes and an Ed25519 or ML-DSA-44 signature.")
    return at


def parse_vkey(text: str) -> Ed25519Verifier | MlDsaVerifier:
    """A cosigner's public key from text (type 0x04 or 0x06); the inverse of `vkey`.

    Raises:
        NoteError: it is no vkey, one of another type, or its key is refused.
    """
    name, kind, public = split_vkey(text)
    if kind == ED25519:
        return Ed25519Verifier(name, public)
    if kind == ML_DSA_44:
        return MlDsaVerifier(name, public)
    raise NoteError(
        f"A key of type 0x{kind:02x} is not a cosigner's: those are 0x04 (Ed25519) and 0x06 (ML-DSA-44)."
    )


def _stamp(at: int) -> bytes:
    if not 0 < at <= MAX_NUMBER:
        raise ValueError("The time of a cosignature is 1 to 2^63 - 1 seconds.")
    return at.to_bytes(_TIME_BYTES, "big")


def _time_in(signature: bytes) -> int | None:
    if len(signature) <= _TIME_BYTES:
        return None
    at = int.from_bytes(signature[:_TIME_BYTES], "big")
    return at if at <= MAX_NUMBER else None


def _ed25519_message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _ml_dsa_message(name: str, head: Checkpoint, at: int) -> bytes:
    """The structure `cosigned_message`, for the tree from entry 0 on."""
    if head.extensions:
        raise CheckpointError(
            "An ML-DSA-44 cosignature would not cover the extension lines of this checkpoint."
        )
    time, start, end = (number.to_bytes(8, "big") for number in (at, 0, head.size))
    return b"".join((_SUBTREE_LABEL, _short(name), time, _short(head.origin), start, end, head.root))


def _short(text: str) -> bytes:
    encoded = text.encode()
    if not 0 < len(encoded) <= _LONGEST_NAME:
        raise CheckpointError(f"A name or origin in an ML-DSA-44 cosignature has 1 to {_LONGEST_NAME} bytes.")
    return bytes([len(encoded)]) + encoded
