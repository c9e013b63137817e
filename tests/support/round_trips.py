"""Round trips to PostgreSQL, counted on the wire: whatever driver a desk uses, and however it joins its statements.

A proxy stands before the server's socket and reads along. A round trip is a message after which the client waits: Sync (of
prepared statements), Query (of plain text, as BEGIN and COMMIT are), or Flush, by which a statement is prepared. See "Message
Flow" in PostgreSQL's documentation, chapter "Frontend/Backend Protocol".
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"
_STARTUP = 3 << 16


@dataclass(frozen=True)
class RoundTrip:
    """One round trip: to which database, with which statements. `prepares`: it runs none of them."""

    database: str
    statements: tuple[str, ...]
    prepares: bool


@dataclass
class Wire:
    """A server's socket, read along. `url` is that of a database through it."""

    server: Path
    folder: Path
    trips: list[RoundTrip] = field(default_factory=list)

    def url(self, direct: str) -> str:
        """The URL of a database, through here instead of the server's own socket."""
        assert f"host={self.server}" in direct
        return direct.replace(f"host={self.server}", f"host={self.folder}")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, there = await asyncio.open_unix_connection(str(self.server / _SOCKET))
        carrying = asyncio.create_task(_carry(back, writer))
        try:
            await self._read_along(reader, there)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            there.close()
            await asyncio.gather(carrying, return_exceptions=True)

    async def _read_along(self, reader: asyncio.StreamReader, there: asyncio.StreamWriter) -> None:
        session = _Session()
        while True:
            kind = b"" if not session.database else await reader.readexactly(1)
            size = await reader.readexactly(4)
            body = await reader.readexactly(int.from_bytes(size) - 4)
            if trip := session.sent(kind, body):
                self.trips.append(trip)
            there.write(kind + size + body)
            await there.drain()


@dataclass
class _Session:
    """A session as the client's messages tell of it."""

    database: str = ""
    prepared: dict[bytes, str] = field(default_factory=dict)
    kinds: bytes = b""
    statements: list[str] = field(default_factory=list)

    def sent(self, kind: bytes, body: bytes) -> RoundTrip | None:
        """Take note of a message; gives the round trip that it ends."""
        if not self.database:
            if int.from_bytes(body[:4]) == _STARTUP:  # or it asks for encryption
                words = body[4:].split(b"\0")
                self.database = dict(zip(words[::2], words[1::2], strict=False))[b"database"].decode()
            return None
        self.kinds += kind
        if kind == b"P":
            name, text = body.split(b"\0", 2)[:2]
            self.prepared[name] = text.decode()
            self.statements.append(self.prepared[name])
        elif kind == b"B":
            name = body.split(b"\0", 2)[1]
            if self.prepared[name] not in self.statements:
                self.statements.append(self.prepared[name])
        elif kind == b"Q":
            self.statements.append(body.rstrip(b"\0").decode())
        if kind not in (b"S", b"Q", b"H"):
            return None
        prepares = kind != b"Q" and b"E" not in self.kinds  # it prepares statements, or closes them
        trip = RoundTrip(self.database, tuple(self.statements), prepares)
        self.kinds = b""
        self.statements.clear()
        return trip


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


@asynccontextmanager
async def wire_to(server: Path, folder: Path) -> AsyncIterator[Wire]:
    """A wire before the socket in a server's folder; its own socket is in `folder`, whose path must be short."""
    made = Wire(server, folder)
    listening = await asyncio.start_unix_server(made._connected, str(folder / _SOCKET))
    try:
        yield made
    finally:
        listening.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(listening.wait_closed(), 1)
