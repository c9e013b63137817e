"""Documents at rest: chunked AES-256-GCM under the matter's data key. No I/O.

    magic (8) ‖ salt (32) ‖ chunk 0 ‖ chunk 1 ‖ …      chunk = nonce (12) ‖ ciphertext ‖ tag (16)

Each chunk is 256 KiB of the document (the last one what is left), so that a document of any size passes through a quarter
of a megabyte of memory and is read from any offset. A document's key is derived from the matter's data key, its salt and its
whole name (party, matter, digest, size): destroying the data key erases it, and a file put in another's place does not open.
Each chunk is bound to its number and to whether it is the last one: chunks cannot be exchanged, nor the end cut off. Nonces are
random, since a draft that is gone on with may seal a chunk again, and with other bytes if its sender is at fault.
"""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 256 * 1024
_NONCE = 12
CHUNK_OVERHEAD = _NONCE + 16
"""Bytes that a chunk has at rest beyond those of the document."""
_MAGIC = b"NETRALD1"
_SALT = 32
HEADER = len(_MAGIC) + _SALT


class Damaged(ValueError):
    """A chunk does not open: it was changed, or its key is gone."""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """Reference of a document: `digest` is the SHA-256 of its content (lower-case hex), `size` its bytes (above zero)."""

    party: str
    matter: str
    digest: str
    size: int

    @property
    def path(self) -> str:
        return f"{self.party}/{self.matter}/{self.digest}"

    @property
    def chunks(self) -> int:
        return -(-self.size // CHUNK)

    def length(self, number: int) -> int:
        """Bytes of the document in a chunk."""
        return min(CHUNK, self.size - number * CHUNK)


class Sealer:
    """Seals and opens the chunks of one document."""

    def __init__(self, name: DocumentRef, data_key: bytes, header: bytes) -> None:
        if len(header) != HEADER or not header.startswith(_MAGIC):
            raise Damaged("not a document at rest")
        self._name = name
        info = f"netral document v1\n{name.path}\n{name.size}".encode()
        self._cipher = AESGCM(HKDF(hashes.SHA256(), 32, header[len(_MAGIC) :], info).derive(data_key))

    def seal(self, number: int, plain: bytes) -> bytes:
        """A chunk at rest."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, self._place(number))

    def open(self, number: int, sealed: bytes) -> bytes:
        """A chunk of the document.

        Raises:
            Damaged: it does not open.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._place(number))
        except (InvalidTag, ValueError) as error:  # ValueError: too short to be one
            raise Damaged("a chunk does not open") from error

    def _place(self, number: int) -> bytes:
        return number.to_bytes(8, "big") + bytes([number == self._name.chunks - 1])


def new_header() -> bytes:
    """The first bytes of a document at rest, with a fresh salt."""
    return _MAGIC + os.urandom(_SALT)


def place_of(number: int) -> int:
    """Offset of a chunk at rest."""
    return HEADER + number * (CHUNK + CHUNK_OVERHEAD)
