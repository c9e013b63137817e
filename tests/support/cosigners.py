"""Logs and witnesses for tests of cosigning: keys from seeds, trees of plain leaves, requests as a log makes them."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from audit.formats import checkpoint, tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.cosignature import Ed25519Cosigner, MlDsaCosigner
from audit.formats.note import Signer
from audit.witnessing.rules import AddCheckpoint

SPRING = 1_900_000_000
"""POSIX seconds: March 2030."""


def signer(name: str, seed: int = 1) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def ed25519(name: str, seed: int = 7) -> Ed25519Cosigner:
    return Ed25519Cosigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def ml_dsa(name: str, seed: int = 8) -> MlDsaCosigner:
    return MlDsaCosigner(name, MLDSA44PrivateKey.from_seed_bytes(bytes([seed]) * 32))


@dataclass
class SmallLog:
    """A log whose history is the list of its entries; change one, and history is rewritten."""

    signer: Signer
    entries: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, origin: str, size: int = 0, seed: int = 1) -> "SmallLog":
        return cls(signer(origin, seed), [b"%d" % number for number in range(size)])

    def grow(self, count: int = 1) -> "SmallLog":
        self.entries += [b"%d" % number for number in range(len(self.entries), len(self.entries) + count)]
        return self

    def rewrite(self, index: int) -> "SmallLog":
        self.entries[index] += b" rewritten"
        return self

    @property
    def hashes(self) -> list[bytes]:
        return [tlog.leaf_hash(entry) for entry in self.entries]

    def head(self, size: int | None = None) -> Checkpoint:
        hashes = self.hashes[:size]
        return Checkpoint(self.signer.name, len(hashes), tlog.root_of(hashes))

    def note(self, size: int | None = None) -> str:
        return checkpoint.sign(self.head(size), self.signer)

    def request(self, old: int, size: int | None = None) -> AddCheckpoint:
        hashes = self.hashes[:size]
        proof = (
            tlog.consistency_proof(old, len(hashes), tlog.extend(0, {}, hashes)) if old <= len(hashes) else []
        )
        return AddCheckpoint(old, tuple(proof), self.note(size))
