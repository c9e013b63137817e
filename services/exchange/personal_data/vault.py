"""Data keys, kept apart from the data: one AES-256 key per party and matter, in a database of its own.

Personal parts at rest are encrypted under their matter's key. Destroying the key erases them in this database, in
its backups and in the outbox at once (erasure is key destruction plus a statement). What stays of a destroyed key is that
it was destroyed: the matter gets no other. Keys are wrapped under the host's storage key (a file) together with the newest
wrapping key (another file, `exchange.personal_data.wrapping_keys`), which `renew` replaces after an erasure. The storage key also gives the
keys for digests of requests and persons.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import (
    ColumnElement,
    Executable,
    Index,
    Integer,
    LargeBinary,
    String,
    bindparam,
    column,
    func,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeEngine
from sqlmodel import Field

from exchange.personal_data import wrapping_keys
from exchange.personal_data.wrapping_keys import BadWrappingKeys, Generations
from storage.engines import Database
from storage.key_in import key_in, listed
from storage.protocols import Connection
from storage.types import FoundRow, Instant, TableModel, Values, table
from storage.upserts import insert_new, upsert

_NONCE = 12
# Keys wrapped anew before others get a turn.
_AT_ONCE = 500
# Another process may have destroyed a key a moment before its clock says so.
_SKEW = timedelta(minutes=5)
# How old what a host that only reads knows of erasures may be when it is called.
_FOLLOW = timedelta(seconds=1)
MatterOf = tuple[str, str]  # party, matter


class Erased(LookupError):
    """The data key of this matter is gone, and with it the personal parts."""


class BadStorageKey(ValueError):
    """The host's storage key cannot be used; the message says why."""


class VaultTable(TableModel, registry=registry()):
    """The registry of the vault's table."""


class DataKey(VaultTable, table=True):
    """A wrapped data key, or, with `destroyed` and nothing wrapped, what stays of one: the matter gets no other.

    `generation` is that of the wrapping key; 0: the storage key alone.
    """

    __tablename__ = "data_key"
    __table_args__ = (
        Index("data_key_destroyed", "destroyed"),
        Index("data_key_generation", "generation"),
    )

    party: str = Field(primary_key=True, max_length=40)
    matter: str = Field(primary_key=True, max_length=36)
    wrapped: bytes = Field(sa_type=LargeBinary)
    generation: int = 0
    destroyed: datetime | None = Field(default=None, sa_type=Instant)


@dataclass
class Vault:
    """The data keys of a host. Keys in use are remembered, at most `remember` of them.

    `keys_file` has the wrapping keys; without one, keys are wrapped under the storage key alone, and `renew` is refused.
    """

    database: Database
    storage_key: bytes = field(repr=False)  # keys in no log line and no traceback
    keys_file: Path | None = None
    remember: int = 20_000
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _known: dict[MatterOf, bytes] = field(default_factory=dict, repr=False)
    _gone: set[MatterOf] = field(default_factory=set, repr=False)
    _seen: datetime | None = None
    _generations: Generations = field(default_factory=dict, repr=False)
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _on_their_way: dict[asyncio.Task[dict[MatterOf, bytes]], frozenset[MatterOf]] = field(
        default_factory=dict
    )
    _follows: bool = False  # another process writes here, and may erase at any time

    def __post_init__(self) -> None:
        self._requests = self._derive(b"netral request digests v1")
        self._persons = self._derive(b"netral person index v1")

    def _derive(self, purpose: bytes, salt: bytes | None = None) -> bytes:
        return HKDF(hashes.SHA256(), 32, salt=salt, info=purpose).derive(self.storage_key)

    async def open(self, *, writes: bool = True) -> None:
        """Read what was destroyed and the wrapping keys; make the first, and end a renewal that broke off.

        Raises:
            BadWrappingKeys: the file of wrapping keys is missing, or older than the vault, or the vault is older than it.
        """
        await self.refresh()
        self._follows = not writes
        if self.keys_file is None:
            return
        self._generations = wrapping_keys.read(self.keys_file)
        async with self.database.read() as connection:
            keys = table(DataKey)
            query = select(keys.c.generation).where(func.length(keys.c.wrapped) > 0).distinct()
            used = {row.generation for row in await connection.execute(query)}
        self._check(used)
        if writes and (not self._generations or len(self._generations) > 1 or used - {self._newest}):
            await self._rewrap()

    def _check(self, used: set[int]) -> None:
        """Check that every key that rests here can be opened."""
        lost = used - {0} - set(self._generations)
        if not lost:
            return
        if not self._generations or max(lost) > self._newest:
            raise BadWrappingKeys(
                f"{self.keys_file} lacks generation {max(lost)}, under which keys of the vault are wrapped: put its newest copy back"
            )
        raise BadWrappingKeys(
            f"the vault is of generation {max(lost)} and {self.keys_file} of {self._newest}: it was restored from before an "
            "erasure; restore the vault from its newest backup"
        )

    @property
    def _newest(self) -> int:
        return max(self._generations, default=0)

    def request_digest(self, content: bytes) -> bytes:
        """Keyed digest of a request's content."""
        return _keyed(self._requests, content)

    def person_digest(self, content: bytes) -> bytes:
        """Keyed digest of what identifies a person, for an index that is local and can be erased."""
        return _keyed(self._persons, content)

    # --- keys ----------------------------------------------------------------------------------------------------

    async def keys(self, matters: Collection[MatterOf], *, make: bool) -> dict[MatterOf, bytes]:
        """The data keys of these matters. `make` creates the missing ones durably before it returns, but for those that
        were destroyed: they are missing for good.

        A key that was made for a commit that then fails is harmless: nothing is encrypted under it.
        """
        for looking in [
            task for task, wanted in self._on_their_way.items() if not wanted.isdisjoint(matters)
        ]:
            await asyncio.shield(looking)
        return await self._look_up(matters, make=make)

    @asynccontextmanager
    async def beside(self, matters: Collection[MatterOf]) -> AsyncIterator[None]:
        """Look up or make the keys of these matters while the caller does something else.

        Whoever asks for one of them meanwhile waits for it, and hears of what fails. At the end nothing is under way.
        """
        wanted = frozenset(matters).difference(self._gone, self._known, *self._on_their_way.values())
        if not wanted:
            yield
            return
        looking = asyncio.create_task(self._look_up(wanted, make=True), name="vault")
        self._on_their_way[looking] = wanted
        try:
            yield
        finally:
            with suppress(Exception):  # who needs the keys has asked for them, and heard of it
                await looking
            del self._on_their_way[looking]

    async def _look_up(self, matters: Collection[MatterOf], *, make: bool) -> dict[MatterOf, bytes]:
        if self._follows and (self._seen is None or self.now() - self._seen >= _FOLLOW):
            await self.refresh()
        wanted = set(matters) - self._gone
        found = {matter: self._known[matter] for matter in wanted if matter in self._known}
        if missing := wanted - found.keys():
            self._forget()
            found |= await (self._make(missing) if make else self._load(missing))
        return found

    def is_erased(self, party: str, matter: str) -> bool:
        """True if the matter's key was destroyed, as far as this process has heard (`refresh`)."""
        return (party, matter) in self._gone

    async def refresh(self) -> None:
        """Hear what other processes have destroyed, and forget the keys that are remembered of it."""
        keys, started = table(DataKey), self.now()
        since: ColumnElement[bool] = keys.c.destroyed.is_not(None)
        if self._seen is not None:
            since = keys.c.destroyed >= self._seen - _SKEW
        async with self.database.read_latest() as connection:
            rows = await connection.execute(select(keys.c.party, keys.c.matter).where(since))
            self._lose((row.party, row.matter) for row in rows)
        self._seen = started

    def _lose(self, matters: Iterable[MatterOf]) -> None:
        for matter in matters:
            self._gone.add(matter)
            self._known.pop(matter, None)

    def _remember(self, rows: Collection[FoundRow]) -> dict[MatterOf, bytes]:
        """Remember keys; a key that was destroyed, if only while it was being read, is neither remembered nor given."""
        self._lose((row.party, row.matter) for row in rows if not row.wrapped)
        still = {
            (row.party, row.matter): self._unwrap(row)
            for row in rows
            if (row.party, row.matter) not in self._gone
        }
        self._known |= still
        return still

    async def _load(self, missing: Collection[MatterOf]) -> dict[MatterOf, bytes]:
        async with self.database.read_latest() as connection:
            rows = list(await connection.execute(_OF_MATTERS, {"keys": listed(sorted(missing))}))
        return self._remember(rows)

    async def _make(self, missing: Collection[MatterOf]) -> dict[MatterOf, bytes]:
        """The keys that are there, and new ones where there is none."""
        async with self._alone() as connection:
            new = [self._row(party, matter, os.urandom(32)) for party, matter in sorted(missing)]
            given = {"keys": listed(sorted(missing))}
            if self.database.sqlite:
                await insert_new(connection, DataKey, new)
                rows = list(await connection.execute(_OF_MATTERS, given))
            else:
                arrays = {f"new_{name}": [row[name] for row in new] for name in _NEW}
                rows = list(await connection.execute(_MADE_OR_THERE, given | arrays))
        return self._remember(rows)

    async def destroy(self, matter: MatterOf) -> bool:
        """Destroy a matter's data key, for good: it gets no other. True if there was one.

        Copies of the wrapped key may rest in logs, dead rows and backups of the vault until `renew`.
        """
        keys = table(DataKey)
        here = (keys.c.party == matter[0], keys.c.matter == matter[1])
        self._lose([matter])
        async with self._alone() as connection:
            wrapped = await connection.scalar(select(keys.c.wrapped).where(*here))
            if wrapped == b"":
                return False
            await upsert(connection, DataKey, [_tombstone(matter, self.now())])
        return wrapped is not None

    async def renew(self) -> None:
        """Wrap all keys under a new wrapping key and destroy the old one: what else has them wrapped is then of no use.

        Raises:
            BadWrappingKeys: this vault has no file of wrapping keys.
        """
        if self.keys_file is None:
            raise BadWrappingKeys("this vault has no file of wrapping keys")
        async with self._renewing:
            await self._rewrap()

    async def _rewrap(self) -> None:
        """Both generations stand in the file until every key is wrapped under the new one; a crash on the way is made up for
        by doing it again."""
        path = self.keys_file
        assert path is not None
        async with self._alone() as connection:
            number = self._newest + 1
            if len(self._generations) > 1:
                number = self._newest  # begun before
            else:
                await asyncio.to_thread(
                    wrapping_keys.write, path, {**self._generations, number: os.urandom(32)}
                )
                self._generations = wrapping_keys.read(path)
            keys = table(DataKey)
            others = (keys.c.generation != number, func.length(keys.c.wrapped) > 0)
            query = select(keys).where(*others).limit(_AT_ONCE)
            while found := list(await connection.execute(query)):
                rows = [self._row(row.party, row.matter, self._unwrap(row)) for row in found]
                changes = [{f"new_{name}": row[name] for name in _CHANGED} for row in rows]
                await connection.execute(_REWRAP, changes)
                await asyncio.sleep(0)  # a desk answers meanwhile
        await asyncio.to_thread(wrapping_keys.write, path, {number: self._generations[number]})
        self._generations = wrapping_keys.read(path)
        await self.database.empty_write_ahead_log()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[Connection]:
        """A transaction in which nobody else makes, wraps or destroys keys; it knows the newest wrapping key."""
        async with self.database.write(only_writer_of=_KEYS.name) as connection:
            self._hear_of_renewal()
            yield connection

    def _forget(self) -> None:
        if len(self._known) > self.remember:
            self._known.clear()

    # --- wrapping ------------------------------------------------------------------------------------------------

    def _row(self, party: str, matter: str, key: bytes) -> Values:
        nonce, generation = os.urandom(_NONCE), self._newest
        sealed = self._cipher(generation).encrypt(nonce, key, f"{party}/{matter}".encode())
        return {
            "party": party,
            "matter": matter,
            "wrapped": nonce + sealed,
            "generation": generation,
            "destroyed": None,
        }

    def _unwrap(self, row: FoundRow) -> bytes:
        if row.generation and row.generation not in self._generations:
            self._hear_of_renewal()
            self._check({row.generation})
        try:
            return self._cipher(row.generation).decrypt(
                row.wrapped[:_NONCE], row.wrapped[_NONCE:], f"{row.party}/{row.matter}".encode()
            )
        except InvalidTag as error:
            raise ValueError("the storage key does not fit this vault") from error

    def _hear_of_renewal(self) -> None:
        """Another process may have renewed the wrapping key.

        Raises:
            BadWrappingKeys: the file went away.
        """
        if self.keys_file is None:
            return
        found = wrapping_keys.read(self.keys_file)
        if self._generations and not found:
            raise BadWrappingKeys(f"{self.keys_file} went away: put its newest copy back")
        self._generations = found

    def _cipher(self, generation: int) -> AESGCM:
        if generation == 0:
            return AESGCM(self._derive(b"netral data keys v1"))
        return AESGCM(self._derive(b"netral data keys v2", self._generations[generation]))


def _tombstone(matter: MatterOf, at: datetime) -> Values:
    return {"party": matter[0], "matter": matter[1], "wrapped": b"", "generation": 0, "destroyed": at}


_KEYS = table(DataKey)
_OF_MATTERS = select(_KEYS).where(key_in((_KEYS.c.party, _KEYS.c.matter)))
# Texts of any length: a cast would cut what is too long for its column, which refuses it.
_NEW: Mapping[str, TypeEngine[Any]] = {
    "party": String(),
    "matter": String(),
    "wrapped": LargeBinary(),
    "generation": Integer(),
}


def _made_or_there() -> Executable:
    """Make the keys that are not there, and give all of them, in one round trip to PostgreSQL.

    Nobody else makes one meanwhile (`Vault._alone`): what is not made here is there to be read.
    """
    columns = [column(name, type) for name, type in _NEW.items()]
    arrays = [bindparam(f"new_{one.name}", type_=ARRAY(one.type, dimensions=1)) for one in columns]
    new = func.unnest(*arrays).table_valued(*columns, name="new").render_derived()
    making = postgresql.insert(_KEYS).from_select(list(_NEW), select(*new.c)).on_conflict_do_nothing()
    made = making.returning(*_KEYS.c).cte("made")
    return union_all(select(*made.c), _OF_MATTERS)


_MADE_OR_THERE = _made_or_there()
_CHANGED = ("party", "matter", "wrapped", "generation")
_REWRAP = (
    table(DataKey)
    .update()
    .where(
        table(DataKey).c.party == bindparam("new_party"), table(DataKey).c.matter == bindparam("new_matter")
    )
    .values(wrapped=bindparam("new_wrapped"), generation=bindparam("new_generation"))
)


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
    """The host's storage key: 32 bytes as hex in a file that only its owner can read.

    Raises:
        BadStorageKey: it is not there, or others can read it, or it is none.
    """
    try:
        mode, key = path.stat().st_mode, bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise BadStorageKey(f"{path}: {error.strerror}") from error
    except ValueError:  # it may have the key in it
        raise BadStorageKey(f"{path}: not 32 bytes in hexadecimal digits") from None
    if mode & 0o077:
        raise BadStorageKey(f"{path} can be read by others; make it 0600")
    if len(key) != 32:
        raise BadStorageKey(f"{path}: not 32 bytes in hexadecimal digits")
    return key
