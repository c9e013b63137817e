"""Findings of a verification, what was verified, and the keys that it trusts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.formats import note


@dataclass(frozen=True, slots=True)
class AuthorKey:
    """A party's Ed25519 public key and when it may sign: from `since` until, without, `until` (UTC; None: open)."""

    party: str
    public: Ed25519PublicKey
    since: datetime
    until: datetime | None = None

    def may_sign(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


Keys = Mapping[str, AuthorKey]
"""By keyid: lower-case hex SHA-256 of the SubjectPublicKeyInfo."""


@dataclass(frozen=True)
class LogKey(note.Verifier):
    """A key that signs a log's checkpoints, and when it may: from `since` until, without, `until` (UTC; None: open)."""

    since: datetime | None = None
    until: datetime | None = None

    def may_sign(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be.

    `index` is the leaf's place in the log of `party`, -1 if the finding is about none. `matter` is empty only for
    records that are about none, or if nothing that names one is left. `kind`:

    - `export`: indexes with gaps, items that are none, leaves that no checkpoint covers
    - `leaf`: bytes that do not have the hash that the tree holds
    - `checkpoint`: not signed by the log, or signed over another tree; one finding per matter it newly covers
    - `unreadable`: a body that is none of ours
    - `signature`: not signed by its author with a key valid then, or nothing that belongs in this log
    - `index`: the columns that queries use say something else than the bytes
    - `chains`: a chain leaf that does not commit to the leaves before it, or none where a batch ends
    - `sequence`: a number missing or given twice among the statements to one party
    - `receipt`: a receipt that fits no statement here
    - `other log`: what another party's log proves to be missing here
    """

    party: str
    index: int
    matter: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class HeldStatement:
    """A statement in a log. `digest` is SHA-256 of its envelope; two logs with equal digests have equal leaves."""

    index: int
    id: str
    matter: str
    digest: bytes
    sender: str
    recipient: str
    sequence: int
    time: datetime


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt in a log; `about` is the digest that it gives of the statement, `matter` what the index says."""

    index: int
    matter: str
    digest: bytes
    statement: str
    about: bytes
    sender: str
    recipient: str
    sequence: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """Result of the verification of one log; `findings` is empty if all is well."""

    party: str
    size: int
    findings: list[Finding]
    statements: list[HeldStatement]
    receipts: list[HeldReceipt]
