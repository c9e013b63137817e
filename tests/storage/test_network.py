"""PostgreSQL over the networks that people have: IPv6, names that resolve late, connections at rest behind a translator."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Connection, text

from storage import faults
from storage.engines import Database
from storage.faults import Fault, Unreachable
from storage.reachable import once_reachable
from support.late_names import NAME, LateName
from support.proxy import proxy
from support.waiting import until


@asynccontextmanager
async def over_tcp(url: str, host: str) -> AsyncIterator[str]:
    """The URL of a database on a server that listens on a socket file, reached through a port of this host."""
    parts = urlsplit(url)
    file = Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432"

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(str(file))
        await asyncio.gather(pour(reader, inner_writer), pour(inner_reader, writer))

    server = await asyncio.start_server(pass_on, host, 0)
    port = server.sockets[0].getsockname()[1]
    written = f"[{host}]" if ":" in host else host
    yield f"postgresql://postgres@{written}:{port}{parts.path}"
    server.close()


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


async def one(database: Database) -> int:
    async with database.read() as connection:
        return int(await connection.scalar(text("SELECT 1")))


@pytest.mark.parametrize("more", ["", "?sslmode=disable"])
async def test_a_server_is_reached_by_its_ipv6_address(postgresql_url: str, more: str) -> None:
    async with over_tcp(postgresql_url, "::1") as url, opened(url + more) as database:
        assert await one(database) == 1


async def test_connections_over_a_network_are_probed_before_a_translator_forgets_them(
    postgresql_url: str,
) -> None:
    async with (
        over_tcp(postgresql_url, "127.0.0.1") as url,
        opened(url) as database,
        database.read() as connection,
    ):
        used = await connection.run_sync(socket_of)

        assert used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert used.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) < 5 * 60


def socket_of(connection: Connection) -> socket.socket:
    """The socket beneath SQLAlchemy's connection and the driver's."""
    driver: Any = connection.connection.driver_connection
    beneath: socket.socket = driver._transport.get_extra_info("socket")
    return beneath


async def test_a_socket_file_needs_no_probes(postgresql_url: str) -> None:
    async with opened(postgresql_url) as database:
        assert await one(database) == 1


async def test_a_start_waits_for_a_name_that_resolves_late(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = LateName(monkeypatch)
    async with (
        over_tcp(postgresql_url, "127.0.0.1") as url,
        opened(url.replace("127.0.0.1", NAME)) as database,
    ):
        waiting = asyncio.create_task(once_reachable(lambda: one(database)))
        await until(lambda: name.asked >= 2)
        assert not waiting.done()

        name.known = True
        assert await waiting == 1


async def test_a_server_that_breaks_off_anywhere_as_a_session_begins_is_away(postgresql_url: str) -> None:
    said = []
    async with over_tcp(postgresql_url, "127.0.0.1") as url:
        parts = urlsplit(url)
        for cut in range(1, 1200, 60):
            async with (
                proxy(f"127.0.0.1:{parts.port}", cut) as between,
                opened(url.replace(str(parts.port), between.address.rpartition(":")[2])) as database,
            ):
                try:
                    await one(database)
                except Exception as error:
                    said.append(faults.sort(error))
                if between.broken:
                    assert await one(database) == 1

    assert set(said) == {Fault.AWAY} and len(said) > 10


async def test_a_server_that_stays_away_is_given_up_and_the_process_may_be_started_again() -> None:
    async with opened("postgresql://nobody@127.0.0.1:1/desk") as database:
        with pytest.raises(Unreachable):
            await once_reachable(lambda: one(database), patience=1.0)
