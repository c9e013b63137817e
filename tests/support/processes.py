"""A small world of real processes under the manager, and officers who call it as an agency's system would.

Two personnel authorities instead of all 561: keys and logs of the others would only cost time.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from sqlalchemy import func, select

from audit.tables import PendingLeaf
from netral.bawaslu.v1 import service_pb2_grpc as bawaslu
from netral.exchange.v1 import service_pb2, service_pb2_grpc
from netral.kasn.v1 import service_pb2_grpc as kasn
from netral.ppk.v1 import discipline_service_pb2_grpc as discipline
from netral.ppk.v1 import service_pb2_grpc as ppk
from operations.local.installation import HOSTS, Installation
from operations.local.processes import ProcessManager
from operations.selfcheck.host_tables import HostTables, read_host_tables
from storage.engines import Database
from storage.types import table
from support import desks
from support.postgres import EMPTY, PostgresServer
from support.waiting import until

PARTIES = {"bawaslu": ["bawaslu"], "kasn": ["kasn"], "ppk": ["ppk-6202", "ppk-3204"]}
# The writing services of each desk.
STUBS: Mapping[str, Sequence[Any]] = {
    "bawaslu": (bawaslu.BawasluServiceStub,),
    "kasn": (kasn.KasnServiceStub,),
    "ppk": (ppk.PpkServiceStub, discipline.DisciplineServiceStub),
}
# Not answered, so that nobody knows whether it took effect.
UNKNOWN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}
# Turned down, as long as what it needs has not arrived.
TOO_EARLY = {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION}


def a_small_world(folder: Path) -> Installation:
    """A development world as `netral keys init` makes it, with few parties."""
    state = Installation(folder)
    hosts = folder / "hosts"
    hosts.mkdir(parents=True)
    examiner = {"kasn": [("examiner", desks.SINCE, None)]}
    desks.write_trust(hosts, PARTIES, examiner).rename(state.parties_file)
    state.nats.mkdir(mode=0o700)
    for path in [*(state.host(name) / "nats.password" for name in HOSTS), state.nats / "admin.password"]:
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return state


@dataclass
class Databases:
    """The databases of a world: files in its folder, or its own ones on a server."""

    state: Installation
    server: PostgresServer | None = None
    made: list[str] = field(default_factory=list)
    prefix: str = field(default_factory=lambda: f"test_{secrets.token_hex(8)}_")

    @property
    def template(self) -> str:
        """For the manager; empty for its own default."""
        return self.server.url(self.prefix + "{name}") if self.server else ""

    def make(self) -> None:
        if self.server and not self.made:
            self.made = [self.prefix + name + kind for name in HOSTS for kind in ("", "_vault")]
            for name in self.made:
                self.server.sql(f'CREATE DATABASE "{name}" {EMPTY}')

    def drop(self) -> None:
        for name in self.made:
            assert self.server is not None
            self.server.drop_database(name)

    def url(self, name: str) -> str:
        if self.server:
            return self.server.url(self.prefix + name)
        return f"sqlite:///{self.state.host(name).absolute() / name}.sqlite"


@dataclass
class Officers:
    """Callers of a world's desks: they repeat a call with the same request id until it is answered."""

    manager: ProcessManager
    patience: float = 60.0
    answered: int = 0
    repeated: int = 0
    channels: dict[str, grpc.aio.Channel] = field(default_factory=dict)

    async def __aenter__(self) -> "Officers":
        options = [("grpc.max_reconnect_backoff_ms", 1000), ("grpc.initial_reconnect_backoff_ms", 100)]
        for name in HOSTS:
            address = self.manager.addresses[name]
            self.channels[name] = grpc.aio.insecure_channel(address, options=options)
        return self

    async def __aexit__(self, *error: object) -> None:
        for channel in self.channels.values():
            await channel.close()

    async def call(self, party: str, method: str, request: Any) -> Any:
        """Call a desk's writing service for the party, again while it is not answered or too early."""
        desk = next(name for name, served in PARTIES.items() if party in served)
        stubs = [stub(self.channels[desk]) for stub in STUBS[desk]]
        invoke = next(getattr(stub, method) for stub in stubs if hasattr(stub, method))
        deadline = asyncio.get_running_loop().time() + self.patience
        pause = 0.02
        while True:
            try:
                answer = await invoke(request, metadata=desks.Caller(party).metadata, timeout=10)
            except grpc.aio.AioRpcError as error:
                if error.code() not in UNKNOWN | TOO_EARLY:
                    raise
                if asyncio.get_running_loop().time() > deadline:
                    raise AssertionError(f"{method}: {error.code()} {error.details()}") from None
                self.repeated += error.code() in UNKNOWN
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.5)
            else:
                self.answered += 1
                return answer

    async def on_their_way(self) -> int:
        """Number of statements of all parties that have no outcome yet, as the desks tell."""
        count = 0
        for desk, served in PARTIES.items():
            read = service_pb2_grpc.ExchangeReadServiceStub(self.channels[desk])
            for party in served:
                request = service_pb2.ListOutboxRequest(parent=f"institutions/{party}", page_size=1000)
                listed = await read.ListOutbox(request, metadata=desks.Caller(party).metadata, timeout=20)
                count += len(listed.statements)
        return count


async def read_all(databases: Databases) -> list[HostTables]:
    """The books of all desks, as soon as every leaf has its place in a log."""
    books = []
    for name in HOSTS:
        database = Database(databases.url(name))
        try:
            await until(lambda database=database: sequenced(database), within=60)
            books.append(await read_host_tables(name, database))
        finally:
            await database.close()
    return books


async def sequenced(database: Database) -> bool:
    async with database.read() as connection:
        return not await connection.scalar(select(func.count()).select_from(table(PendingLeaf)))
