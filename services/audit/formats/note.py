"""Signed text, C2SP signed-note v1.0.0, read strictly. No I/O.

    netral/bawaslu                                      the text: whole lines, and may itself hold empty lines
    3
    rra8/idL…                                           (the last empty line separates)

    — netral/bawaslu dGhpcyBp…                          em dash, key name, base64 of key id (4 bytes) and signature

Anyone may append a line, so a signature by an unknown key says nothing and is ignored; one by a known key must verify.
What a note says is left to `checkpoint`, which keys are known to the parties file. Other kinds of signature, such as
cosignatures (type 0x04), bring a `KnownKey` and a `SigningKey` of their own and share the rest.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.formats.canonical import read_base64

ED25519 = 0x01
MAX_SIGNATURES = 100

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_FIELD_PRIME = 2**255 - 19
# y of the eight points whose order divides 8 (the two of order 4 share y = 0): to such a key nearly any signature fits.
_ORDER_EIGHT_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_LOW_ORDER_YS = {0, 1, _FIELD_PRIME - 1, _ORDER_EIGHT_Y, _FIELD_PRIME - _ORDER_EIGHT_Y}


class NoteError(ValueError):
    """Not a note or key as the format has it."""


class SignatureError(NoteError):
    """A well-formed note that no known key has signed, or where a known key's signature is wrong."""


@dataclass(frozen=True)
class Signature:
    """One signature line; what the bytes hold depends on the type of the key."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_id) != 4 or not self.signature:
            raise NoteError("A signature is a key id of 4 bytes and at least one byte more.")


@dataclass(frozen=True)
class Note:
    """A note taken apart; nothing is verified."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class VerifiedNote:
    """A note that at least one known key has signed, and where no known key's signature is wrong."""

    text: str
    verified: tuple[Signature, ...]
    unverified: tuple[Signature, ...]

    @property
    def verified_names(self) -> frozenset[str]:
        """Names of those who signed, each once: a name that signed twice does not make a quorum."""
        return frozenset(signature.name for signature in self.verified)


class KnownKey(Protocol):
    """Key that may have signed, as `open_note` asks for it."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def verify(self, text: str, signature: bytes) -> bool: ...


class SigningKey(Protocol):
    """Key that signs, as `sign` asks for it."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def sign(self, text: str) -> bytes: ...


@dataclass(frozen=True)
class Verifier:
    """An Ed25519 public key (32 bytes, type 0x01) under a name. Refuses low-order and non-canonical points."""

    name: str
    public_key: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        check_point(self.public_key)
        object.__setattr__(self, "key_id", key_id(self.name, ED25519, self.public_key))

    def verify(self, text: str, signature: bytes) -> bool:
        """True if this key made `signature` over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """An Ed25519 private key under a name."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.private_key.public_key().public_bytes_raw())

    @property
    def key_id(self) -> bytes:
        return self.verifier.key_id

    def sign(self, text: str) -> bytes:
        """64 bytes, the same for the same text (RFC 8032)."""
        return self.private_key.sign(text.encode())


def sign(text: str, signers: Iterable[SigningKey]) -> str:
    """A note of this text, signed by each signer in turn."""
    _check_text(text)
    signatures = (Signature(signer.name, signer.key_id, signer.sign(text)) for signer in signers)
    return print_note(Note(text, tuple(signatures)))


def open_note(note: str | bytes, verifiers: Iterable[KnownKey]) -> VerifiedNote:
    """Read a note and check the signatures of known keys.

    Raises `NoteError` if it is malformed; `SignatureError` if a known key's signature fails or no known key signed.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    parsed = parse_note(note)
    verified: list[Signature] = []
    unverified: list[Signature] = []
    for signature in parsed.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            unverified.append(signature)
        elif verifier.verify(parsed.text, signature.signature):
            verified.append(signature)
        else:
            raise SignatureError(f"The signature of {signature.name} does not fit the text.")
    if not verified:
        raise SignatureError("No known key has signed this note.")
    return VerifiedNote(parsed.text, tuple(verified), tuple(unverified))


def parse_note(note: str | bytes) -> Note:
    """Take a note apart, so strictly that `print_note` gives back the same note."""
    return _parse_note(_as_text(note))


@lru_cache(maxsize=64)  # who checks a note looks at it from several sides
def _parse_note(whole: str) -> Note:
    _check_characters(whole)
    text, separator, lines = whole.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise NoteError("A note is text, an empty line and whole signature lines.")
    if lines.count("\n") > MAX_SIGNATURES:
        raise NoteError(f"A note has at most {MAX_SIGNATURES} signatures.")
    return Note(text + "\n", parse_signatures(lines))


def print_note(note: Note) -> str:
    """The note as it is exchanged; the inverse of `parse_note`."""
    _check_text(note.text)
    if not 1 <= len(note.signatures) <= MAX_SIGNATURES:
        raise NoteError(f"A note has 1 to {MAX_SIGNATURES} signatures.")
    return note.text + "\n" + print_signatures(note.signatures)


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Whole signature lines without a note, as a witness answers them."""
    _check_characters(lines)
    if not lines.endswith("\n") or lines.count("\n") > MAX_SIGNATURES:
        raise NoteError(f"1 to {MAX_SIGNATURES} whole signature lines are wanted.")
    return tuple(_parse_signature(line) for line in lines[:-1].split("\n"))


def print_signatures(signatures: Iterable[Signature]) -> str:
    """The inverse of `parse_signatures`."""
    return "".join(_print_signature(signature) for signature in signatures)


def _parse_signature(line: str) -> Signature:
    dash, *words = line.split(" ")
    if dash != "\u2014" or len(words) != 2:
        raise NoteError("A signature line is an em dash, a key name and base64, each after one space.")
    name, encoded = words
    content = _from_base64(encoded)
    return Signature(name, content[:4], content[4:])


def _print_signature(signature: Signature) -> str:
    return f"\u2014 {signature.name} {b64encode(signature.key_id + signature.signature).decode()}\n"


# Keys as text


def vkey(name: str, public: bytes) -> str:
    """An Ed25519 public key as text: name, key id and key, joined by '+'."""
    return join_vkey(name, ED25519, Verifier(name, public).public_key)


def parse_vkey(text: str) -> Verifier:
    """An Ed25519 public key from text; the inverse of `vkey`."""
    name, kind, public = split_vkey(text)
    if kind != ED25519:
        raise NoteError(f"A key of type 0x{kind:02x} is not an Ed25519 key of type 0x01.")
    return Verifier(name, public)


def join_vkey(name: str, kind: int, public: bytes) -> str:
    """A public key of any type as text; the inverse of `split_vkey`. The key itself is not checked."""
    check_name(name)
    encoded = b64encode(bytes([kind]) + public).decode()
    return f"{name}+{key_id(name, kind, public).hex()}+{encoded}"


def split_vkey(text: str) -> tuple[str, int, bytes]:
    """Name, type and public key of a vkey of any type; its key id is checked, the key itself is not."""
    found = _VKEY.fullmatch(text)
    if found is None:
        raise NoteError("A verifier key is name+hash+base64.")
    name, claimed_id, encoded = found.groups()
    check_name(name)
    content = _from_base64(encoded)
    kind, public = content[0], content[1:]
    if key_id(name, kind, public).hex() != claimed_id:
        raise NoteError(f"The key id {claimed_id} does not fit the name and the key.")
    return name, kind, public


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """4 bytes that tell the keys of one name apart; a hint, not an identity: others can make the same."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


# What is refused


def _as_text(note: str | bytes) -> str:
    try:
        return note.decode() if isinstance(note, bytes) else note
    except UnicodeDecodeError:
        raise NoteError("A note is UTF-8.") from None


def _check_text(text: str) -> None:
    _check_characters(text)
    if not text.endswith("\n"):
        raise NoteError("The text of a note ends in a line feed.")


def _check_characters(text: str) -> None:
    if _CONTROL.search(text):
        raise NoteError("A note has no control characters but line feeds.")
    try:
        text.encode()
    except UnicodeEncodeError:  # a Python string can hold lone surrogates, UTF-8 cannot
        raise NoteError("A note is UTF-8.") from None


def check_name(name: str) -> None:
    """Refuse a key name that is empty or would break a signature line."""
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise NoteError("A key name is not empty and has no space and no '+'.")
    _check_characters(name)


def check_point(public: bytes) -> None:
    """Refuse an Ed25519 public key that is not 32 bytes, or is a low-order or non-canonical point."""
    if len(public) != 32:
        raise NoteError("An Ed25519 public key is 32 bytes.")
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    if y >= _FIELD_PRIME or y in _LOW_ORDER_YS:
        raise NoteError("This Ed25519 public key is a low-order or non-canonical point.")


def _from_base64(encoded: str) -> bytes:
    try:
        return read_base64(encoded)
    except ValueError as error:
        raise NoteError(f"The base64 of a note is wrong: {error}.") from None
