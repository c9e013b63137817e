"""A server that goes without a word (its machine, or the network to it) is away within seconds, also for who waits for its answer."""

import asyncio
import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import make_url, text

from storage import faults
from storage.engines import Database
from storage.faults import Fault
from support.postgres import PostgresServer
from support.undoing import undone_by
from support.waiting import until

# Carries bytes between a port and the server's socket, from within the network that is cut off.
CARRIER = """
import asyncio, sys
host, port, target = sys.argv[1:]
async def carry(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
async def connected(reader, writer):
    far_reader, far_writer = await asyncio.open_unix_connection(target)
    await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))
async def main():
    server = await asyncio.start_server(connected, host, int(port))
    print("listening", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@dataclass(frozen=True)
class Network:
    """A network of its own, with a cable to ours that can be pulled."""

    name: str
    subnet: int

    @property
    def here(self) -> str:
        return f"10.213.{self.subnet}.1"

    @property
    def there(self) -> str:
        return f"10.213.{self.subnet}.2"

    def lay(self) -> bool:
        """Make it; false where this user may not."""
        near, far = f"{self.name}a", f"{self.name}b"
        return all(
            ip(*words.split())
            for words in (
                f"netns add {self.name}",
                f"link add {near} type veth peer name {far} netns {self.name}",
                f"addr add {self.here}/30 dev {near}",
                f"link set {near} up",
                f"-n {self.name} addr add {self.there}/30 dev {far}",
                f"-n {self.name} link set {far} up",
            )
        )

    def pull(self) -> None:
        ip("-n", self.name, "link", "set", f"{self.name}b", "down")

    def plug(self) -> None:
        ip("-n", self.name, "link", "set", f"{self.name}b", "up")

    @property
    def removal(self) -> Sequence[Sequence[str]]:
        return ["ip", "link", "del", f"{self.name}a"], ["ip", "netns", "del", self.name]


def ip(*words: str) -> bool:
    try:
        return subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def network() -> Iterator[Network]:
    made = Network(f"nt{secrets.token_hex(3)}", secrets.randbelow(250))
    with undone_by(*made.removal):
        if os.geteuid() != 0 or not made.lay():
            pytest.skip("to cut off a network needs root and the command ip (Debian: apt install iproute2)")
        yield made


@pytest.fixture
def url(network: Network, postgres_server: PostgresServer, postgresql_url: str) -> Iterator[str]:
    """A database over that network."""
    words = [network.there, "5432", str(postgres_server.folder / ".s.PGSQL.5432")]
    within = ["ip", "netns", "exec", network.name, sys.executable, "-I", "-S", "-c", CARRIER, *words]
    with subprocess.Popen(within, stdout=subprocess.PIPE, text=True) as carrier:
        assert carrier.stdout is not None and carrier.stdout.readline() == "listening\n"
        yield f"postgresql://postgres@{network.there}/{make_url(postgresql_url).database}"
        carrier.terminate()


async def test_a_server_that_goes_without_a_word_is_away_within_seconds_and_comes_back(
    network: Network, url: str
) -> None:
    database = Database(url)
    try:
        async with database.read_latest() as connection:
            await connection.scalar(text("SELECT 1"))

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            waiting = group.create_task(fault_of(database, "SELECT pg_sleep(600)"))
            await asyncio.sleep(0.5)
            network.pull()
            asked = group.create_task(fault_of(database, "SELECT 1"))
        assert (waiting.result(), asked.result()) == (Fault.AWAY, Fault.AWAY)

        network.plug()
        await until(database.can_write)
        assert await fault_of(database, "SELECT 1") is None
    finally:
        with contextlib.suppress(Exception):
            await database.close()


async def fault_of(database: Database, statement: str) -> Fault | None:
    try:
        async with database.write() as connection:
            await connection.execute(text(statement))
    except Exception as error:
        return faults.sort(error)
    return None
