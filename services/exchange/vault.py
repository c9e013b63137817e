"""Data keys, kept apart from the data: one AES-256 key per party and matter, in a database of its own.

Personal parts at rest are encrypted under their matter's key. Destroying the key erases them in this database, in
its backups and in the outbox at once (erasure is key destruction plus a statement). Keys are wrapped under the host's
storage key (a file); the same file gives the keys for digests of requests and persons.
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from audit.database import Connection
from audit.tables import table
from exchange.among import among
from exchange.database import Database, insert_new

_NONCE = 12
MatterOf = tuple[str, str]  # party, matter


class Erased(LookupError):
    """The data key of this matter is gone, and with it the personal parts."""


class VaultTable(SQLModel, registry=registry()):
    """The registry of the vault's table."""


class DataKey(VaultTable, table=True):
    """A wrapped data key."""

    __tablename__ = "data_key"

    party: str = Field(primary_key=True, max_length=40)
    matter: str = Field(primary_key=True, max_length=36)
    wrapped: bytes = Field(sa_type=LargeBinary)


@dataclass
class Vault:
    """The data keys of a host. Keys in use are remembered, at most `remember` of them."""

    database: Database
    storage_key: bytes = field(repr=False)  # keys in no log line and no traceback
    remember: int = 20_000
    _known: dict[MatterOf, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._wrap = AESGCM(self._derive(b"netral data keys v1"))
        self._requests = self._derive(b"netral request digests v1")
        self._persons = self._derive(b"netral person index v1")

    def _derive(self, purpose: bytes) -> bytes:
        return HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(self.storage_key)

    def request_digest(self, content: bytes) -> bytes:
        """Keyed digest of a request's content."""
        return _keyed(self._requests, content)

    def person_digest(self, content: bytes) -> bytes:
        """Keyed digest of what identifies a person, for an index that is local and can be erased."""
        return _keyed(self._persons, content)

    async def keys(self, matters: Collection[MatterOf], *, make: bool) -> dict[MatterOf, bytes]:
        """The data keys of these matters. `make` creates the missing ones durably before it returns.

        A key that was made for a commit that then fails is harmless: nothing is encrypted under it.
        """
        wanted = set(matters)
        found = {matter: self._known[matter] for matter in wanted if matter in self._known}
        if found.keys() < wanted:
            found |= await self._load(wanted - found.keys())
        if make and found.keys() < wanted:
            found |= await self._make(wanted - found.keys())
        return found

    async def _load(self, missing: Iterable[MatterOf]) -> dict[MatterOf, bytes]:
        self._forget()
        async with self.database.glance() as connection:
            found = await self._read(connection, missing)
        self._known |= found
        return found

    async def _read(self, connection: Connection, wanted: Iterable[MatterOf]) -> dict[MatterOf, bytes]:
        keys = table(DataKey)
        query = select(keys).where(among((keys.c.party, keys.c.matter), sorted(wanted)))
        return {
            (row.party, row.matter): self._unwrap(row.wrapped, row.party, row.matter)
            for row in await connection.execute(query)
        }

    async def _make(self, missing: Iterable[MatterOf]) -> dict[MatterOf, bytes]:
        rows = [
            {"party": p, "matter": m, "wrapped": self._wrapped(os.urandom(32), p, m)}
            for p, m in sorted(missing)
        ]
        async with self.database.write() as connection:
            await insert_new(connection, DataKey, rows)
            # Read back: another transaction may have made one of them first.
            found = await self._read(connection, missing)
        self._known |= found
        return found

    async def destroy(self, matter: MatterOf) -> bool:
        """Destroy a matter's data key. True if there was one."""
        keys = table(DataKey)
        async with self.database.write() as connection:
            done = await connection.execute(
                keys.delete().where(keys.c.party == matter[0], keys.c.matter == matter[1])
            )
        self._known.pop(matter, None)
        return bool(done.rowcount)

    def _forget(self) -> None:
        if len(self._known) > self.remember:
            self._known.clear()

    def _wrapped(self, key: bytes, party: str, matter: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._wrap.encrypt(nonce, key, f"{party}/{matter}".encode())

    def _unwrap(self, wrapped: bytes, party: str, matter: str) -> bytes:
        try:
            return self._wrap.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], f"{party}/{matter}".encode())
        except InvalidTag as error:
            raise ValueError("the storage key does not fit this vault") from error


def _keyed(key: bytes, content: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(content)
    return mac.finalize()


def encrypt(key: bytes, plain: bytes, source: str) -> bytes:
    """Encrypt a personal part under its matter's key, bound to the statement or record it belongs to."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, source.encode())


def decrypt(key: bytes, sealed: bytes, source: str) -> bytes:
    """Give back what `encrypt` was given.

    Raises:
        Erased: it was encrypted under another key: one that was destroyed before the matter got this one.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], source.encode())
    except InvalidTag as error:
        raise Erased("the data key of this part is gone") from error


def read_storage_key(path: Path) -> bytes:
    """The host's storage key: 32 bytes as hex in a file that only its owner can read."""
    if path.stat().st_mode & 0o077:
        raise ValueError(f"{path} can be read by others; make it 0600")
    key = bytes.fromhex(path.read_text("ascii").strip())
    if len(key) != 32:
        raise ValueError(f"{path}: not 32 bytes")
    return key
