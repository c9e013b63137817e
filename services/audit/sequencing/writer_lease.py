"""Lease of the writer of a database's logs: one process at a time gives out indexes, and none that was pushed aside.

Two guards, because neither is enough alone:

- the *folder*: a process locks `writer` in its state folder for as long as it lives (flock), so a second one on the same
  folder ends at once, and one that follows a crash knows that the writer before it is dead and need not wait;
- the *lease*: a row in the database, locked in every transaction that signs. Each taking of it counts up its `epoch`
  (a fencing token). A writer whose epoch is no longer the row's signs nothing more, however late it wakes up.

All instants are UTC.
"""

import asyncio
import fcntl
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO
from uuid import uuid4

from sqlalchemy import select

from audit.tables import SequencerLease
from storage.protocols import Connection, Database
from storage.types import FoundRow, Query, table
from storage.upserts import insert_new

LENGTH = timedelta(seconds=10)
_NAME = "sequencer"


class AnotherWriter(Exception):
    """Another process writes these logs; the message says what to do."""


class Fenced(Exception):
    """This process wrote these logs until another one took over; it must not go on."""


@dataclass
class Folder(AbstractContextManager["Folder"]):
    """The state folder of a writer, locked until closed. `id` stays the same from start to start."""

    id: str
    _held: IO[str]

    @classmethod
    def claim(cls, path: Path) -> "Folder":
        """Lock a state folder.

        Raises:
            AnotherWriter: a running process has it.
        """
        held = (path / "writer").open("a+", encoding="ascii")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.close()
            raise AnotherWriter(
                f"another process works in {path}. Stop it, or serve reads only (NETRAL_READ_ONLY=true) from a folder of its own."
            ) from None
        held.seek(0)
        found = held.read().strip()
        if not found:
            found = str(uuid4())
            held.write(found)
            held.flush()
        return cls(found, held)

    def close(self) -> None:
        """Let others have it."""
        self._held.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Lease:
    """The right of `holder` to sign. Taken by the first `hold`, or by `acquire`, which waits for it."""

    def __init__(self, holder: str, now: Callable[[], datetime]) -> None:
        self._holder = holder
        self._now = now
        self._epoch: int | None = None
        self._renew_at: datetime | None = None

    @property
    def renew_at(self) -> datetime | None:
        """When it is to be renewed next; None while it is not held."""
        return self._renew_at

    async def acquire(self, database: Database, wait: float = LENGTH.total_seconds() + 2) -> None:
        """Take the lease, waiting at most `wait` seconds for that of another process to run out.

        Raises:
            AnotherWriter: it is being renewed, so the other process lives.
        """
        deadline = asyncio.get_running_loop().time() + wait
        while True:
            async with database.write() as connection:
                if await self._take(connection):
                    return
                held = (await connection.execute(select(table(SequencerLease)))).one()
            if asyncio.get_running_loop().time() >= deadline:
                raise AnotherWriter(
                    f"the logs in this database are written by another process (holder {held.holder}, until {held.until}). "
                    "Stop that one, or serve reads only (NETRAL_READ_ONLY=true)."
                )
            await asyncio.sleep(0.25)

    async def hold(self, connection: Connection) -> bool:
        """True if this process may sign in this transaction; the row stays locked until its end.

        Raises:
            Fenced: it could before, and another process took over.
        """
        if self._epoch is None:
            return await self._take(connection)
        held = await _locked(connection)
        if held is None or held.epoch != self._epoch:
            holder = held.holder if held else "nobody"
            raise Fenced(
                f"another process took over these logs (holder {holder}). Nothing more is signed here: stop this process, "
                "find out which of the two is the right one, and start only that."
            )
        await self._write(connection, held.epoch)
        return True

    async def renew(self, database: Database) -> None:
        """Keep the lease while nothing is signed; costs a transaction every few seconds.

        Raises:
            Fenced: see `hold`.
        """
        if self._renew_at is not None and self._now() >= self._renew_at:
            async with database.write() as connection:
                await self.hold(connection)

    async def release(self, database: Database) -> None:
        """Let the next process have it at once."""
        if self._epoch is None:
            return
        leases = table(SequencerLease)
        ours = leases.update().where(leases.c.epoch == self._epoch).values(until=self._now())
        async with database.write() as connection:
            await connection.execute(ours)
        self._epoch = self._renew_at = None

    async def _take(self, connection: Connection) -> bool:
        held = await _locked(connection)
        if held is None:
            row = {"name": _NAME, "holder": self._holder, "until": self._now(), "epoch": 0}
            await insert_new(connection, SequencerLease, [row])
            held = await _locked(connection)
            assert held is not None
        if held.holder != self._holder and held.until > self._now():
            return False
        self._epoch = held.epoch + 1
        await self._write(connection, self._epoch)
        return True

    async def _write(self, connection: Connection, epoch: int) -> None:
        now = self._now()
        row = {"holder": self._holder, "until": now + LENGTH, "epoch": epoch}
        await connection.execute(table(SequencerLease).update().values(row))
        self._renew_at = now + LENGTH / 2


async def _locked(connection: Connection) -> FoundRow | None:
    return (await connection.execute(_row_for_update())).one_or_none()


@cache
def _row_for_update() -> Query:
    return select(table(SequencerLease)).with_for_update()
