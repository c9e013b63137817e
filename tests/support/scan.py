"""Looks for plaintext in every byte of every store, as somebody would who has the files and every key that still exists.

Nothing is asked of the code under test: bytes are searched as they lie, and what may be encrypted is found by what stands
beside it (a matter's id, the name of a suite, a document's first bytes) and opened with each key. AES-GCM is undone without its
tag, so that what was cut or partly overwritten is found too. The keys are those in the key folders, and all data keys that lie
wrapped in any store under one of them.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SUITE_NAME = b"X25519-HKDF-SHA256-AES128GCM"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_WRAPPED, _NEAR, _WINDOW = 12 + 32 + 16, 64, 512
_MAGIC, _HEADER = b"NETRALD1", 40
_END = b"-----END PRIVATE KEY-----\n"


@dataclass(frozen=True)
class Found:
    """Find of a needle: its place, and how it could be read."""

    path: Path
    how: str  # plain, part, sealed, document
    needle: bytes


@dataclass(frozen=True)
class Document:
    """A document's whole name: what its key is derived from beside the data key."""

    party: str
    matter: str
    digest: str
    size: int


@dataclass
class Keys:
    """Every key in some folders of keys: what wraps data keys, and the private sealing keys."""

    wrapping: list[AESGCM] = field(default_factory=list)
    sealing: dict[str, X25519PrivateKey] = field(default_factory=dict)

    @classmethod
    def of(cls, folders: Iterable[Path]) -> "Keys":
        found = cls()
        for folder in folders:
            storage = bytes.fromhex((folder / "storage.key").read_text().strip())
            found.wrapping.append(_derived(storage, None, b"netral data keys v1"))
            for line in (folder / "vault.key").read_text().splitlines()[1:]:
                generation = bytes.fromhex(line.split()[1])
                found.wrapping.append(_derived(storage, generation, b"netral data keys v2"))
            for pem in folder.glob("*.pem"):
                for block in pem.read_bytes().split(_END):
                    key = load_pem_private_key(block + _END, None) if block.strip() else None
                    if isinstance(key, X25519PrivateKey):
                        found.sealing[sha256(key.public_key().public_bytes_raw()).hexdigest()] = key
        return found


def _derived(storage: bytes, salt: bytes | None, info: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=salt, info=info).derive(storage))


@dataclass
class Scan:
    """One look at some stores. `parties` and `matters` are whom and what they may be about; `envelopes` all signed bytes."""

    stores: Collection[Path]
    keys: Keys
    parties: Collection[str]
    matters: Collection[str]
    envelopes: Collection[bytes] = ()
    documents: Collection[Document] = ()
    data_keys: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._bytes: Mapping[Path, bytes] = {path: path.read_bytes() for path in self._files()}
        self.data_keys = {key for data in self._bytes.values() for key in self._unwrapped(data)}

    def _files(self) -> Iterator[Path]:
        for store in self.stores:
            yield from (path for path in store.rglob("*") if path.is_file())

    def look_for(self, *needles: bytes) -> list[Found]:
        """Everywhere that one of these can be read."""
        return [
            Found(path, how, needle)
            for path, data in self._bytes.items()
            for how, plain in self._readable(data)
            for needle in needles
            if needle in plain
        ]

    def holds(self, *secrets: bytes) -> list[Path]:
        """The files in which one of these keys lies as it is, or as hexadecimal digits."""
        forms = [form for each in secrets for form in (each, each.hex().encode())]
        return [path for path, data in self._bytes.items() if any(form in data for form in forms)]

    def _readable(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        yield "plain", data
        yield from (("part", plain) for plain in self._parts(data))
        yield from (("sealed", plain) for plain in self._sealed(data))
        yield from (("document", plain) for plain in self._documents(data))

    def _beside(self, data: bytes) -> Iterator[tuple[str, int]]:
        """Ends of a matter's id in some bytes."""
        for matter in self.matters:
            for at in re.finditer(re.escape(matter.encode()), data):
                yield matter, at.end()

    def _unwrapped(self, data: bytes) -> Iterator[bytes]:
        """Data keys that lie wrapped after a matter's id."""
        for matter, end in self._beside(data):
            before = data[max(0, end - 100) : end]
            for party in self.parties:
                if party.encode() not in before:
                    continue
                for start in range(end, end + 8):
                    yield from self._opened(data[start : start + _WRAPPED], f"{party}/{matter}".encode())

    def _opened(self, wrapped: bytes, bound_to: bytes) -> Iterator[bytes]:
        for cipher in self.keys.wrapping:
            try:
                yield cipher.decrypt(wrapped[:12], wrapped[12:], bound_to)
            except (InvalidTag, ValueError):
                continue

    def _parts(self, data: bytes) -> Iterator[bytes]:
        """Plain texts that lie encrypted under a data key within some bytes of a matter's id, whatever their length."""
        for _, end in self._beside(data):
            for start in range(end, min(end + _NEAR, len(data) - 28)):
                for key in self.data_keys:
                    yield _without_tag(key, data[start : start + 12], data[start + 12 : start + _WINDOW])

    def _sealed(self, data: bytes) -> Iterator[bytes]:
        """HPKE parts after the name of their suite: key id, then the sealed bytes, as protobuf has them."""
        for at in re.finditer(re.escape(SUITE_NAME) + rb"\x12\x40([0-9a-f]{64})\x1a", data):
            key = self.keys.sealing.get(at[1].decode())
            if key is None:
                continue
            length, start = _varint(data, at.end())
            for signed in self.envelopes:
                try:
                    yield _SUITE.decrypt(data[start : start + length], key, sha256(signed).digest())
                except (InvalidTag, ValueError):
                    continue

    def _documents(self, data: bytes) -> Iterator[bytes]:
        for at in re.finditer(_MAGIC, data):
            header, start = data[at.start() : at.start() + _HEADER], at.start() + _HEADER
            for document in self.documents:
                path = f"{document.party}/{document.matter}/{document.digest}"
                info = f"netral document v1\n{path}\n{document.size}".encode()
                for data_key in self.data_keys:
                    key = HKDF(hashes.SHA256(), 32, header[8:], info).derive(data_key)
                    yield _without_tag(key, data[start : start + 12], data[start + 12 : start + _WINDOW])


def _without_tag(key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    """AES-GCM is AES in counter mode from block 2 on, with a tag behind it."""
    decryptor = _decryptor(key)
    decryptor.reset_nonce(nonce + b"\x00\x00\x00\x02")
    return decryptor.update(sealed)


@cache
def _decryptor(key: bytes) -> CipherContext:
    """One for each key: to make one for each of a million places took most of a scan."""
    return Cipher(algorithms.AES(key), modes.CTR(bytes(16))).decryptor()


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            return value, at
