"""A TCP proxy between two desks that cuts the link: a real socket that breaks in the middle of what it carries."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Carries bytes to `target` (`host:port`); breaks off after each of `cuts` bytes that came back from it."""

    target: str
    cuts: list[int]
    address: str = ""
    carried: int = 0
    broken: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self.target.rpartition(":")
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, far_writer))
                group.create_task(self._carry_back(far_reader, writer))
        except* (OSError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers -= both
            for each in both:
                each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        raise ConnectionError

    async def _carry_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.carried += len(data)
            if self.cuts and self.carried >= self.cuts[0]:
                self.cuts.pop(0)
                self.broken += 1
                raise ConnectionError
            writer.write(data)
            await writer.drain()
        raise ConnectionError


@asynccontextmanager
async def proxy(target: str, *cuts: int, on: str = "127.0.0.1") -> AsyncIterator[Proxy]:
    """A proxy to `target` on a free port of a host."""
    made = Proxy(target, list(cuts))
    server = await asyncio.start_server(made._connected, on, 0)
    host = f"[{on}]" if ":" in on else on
    made.address = f"{host}:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        for writer in list(made._writers):
            writer.transport.abort()
        with contextlib.suppress(Exception):
            await server.wait_closed()
