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
from google.rpc import error_details_pb2
from grpc_status import rpc_status
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
from support.pgbouncer import Pooler
from support.postgres import EMPTY, PostgresServer
from support.waiting import HANGS, until

PARTIES = {"bawaslu": ["bawaslu"], "kasn": ["kasn"], "ppk": ["ppk-6202", "ppk-3204"]}
# The writing services of each desk.
STUBS: Mapping[str, Sequence[Any]] = {
    "bawaslu": (bawaslu.BawasluServiceStub,),
    "kasn": (kasn.KasnServiceStub,),
    "ppk": (ppk.PpkServiceStub, discipline.DisciplineServiceStub),
}
# Not answered, so that nobody knows whether it took effect.
UNKNOWN = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}
)
# Turned down, as long as what it needs has not arrived.
TOO_EARLY = frozenset({grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION})


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
    """The databases of a world: files in its folder (or in `folder`), or its own ones on a server, whose `role` has them."""

    state: Installation
    server: PostgresServer | None = None
    made: list[str] = field(default_factory=list)
    prefix: str = field(default_factory=lambda: f"test_{secrets.token_hex(8)}_")
    folder: Path | None = None
    role: str = "postgres"
    options: str = EMPTY
    pooler: Pooler | None = None

    @property
    def template(self) -> str:
        """For the manager; empty for its own default."""
        if self.pooler:
            return self.pooler.url(self.prefix + "{name}")
        if self.server:
            return self.server.url(self.prefix + "{name}", self.role)
        return f"sqlite:///{self.folder}/{{name}}.sqlite" if self.folder else ""

    def make(self) -> None:
        if self.server and not self.made:
            self.made = [self.prefix + name + kind for name in HOSTS for kind in ("", "_vault")]
            for name in self.made:
                self.server.sql(f'CREATE DATABASE "{name}" OWNER {self.role} {self.options}')

    def drop(self) -> None:
        for name in self.made:
            assert self.server is not None
            self.server.drop_database(name)

    def url(self, name: str) -> str:
        if self.template:
            return self.template.format(name=name)
        return f"sqlite:///{self.state.host(name).absolute() / name}.sqlite"


@dataclass
class Officers:
    """Callers of a world's desks: they repeat a call with the same request id until it is answered.

    `repeats`: the codes after which they do; by default all that leave open whether a call took effect. `delays`: after how
    many seconds the desks asked them to, 0 where they did not say.
    """

    manager: ProcessManager
    patience: float = HANGS
    deadline: float = 30.0
    repeats: frozenset[grpc.StatusCode] = UNKNOWN
    answered: int = 0
    repeated: int = 0
    delays: list[float] = field(default_factory=list)
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
                answer = await invoke(request, metadata=desks.Caller(party).metadata, timeout=self.deadline)
            except grpc.aio.AioRpcError as error:
                if error.code() not in self.repeats | TOO_EARLY:
                    error.add_note(f"{method} of {party}: {error.code()} {error.details()}")
                    raise
                if asyncio.get_running_loop().time() > deadline:
                    raise AssertionError(f"{method}: {error.code()} {error.details()}") from None
                delay = 0.0
                if error.code() in self.repeats:
                    self.repeated += 1
                    self.delays.append(delay := retry_delay(error))
                await asyncio.sleep(max(pause, delay))
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
                listed = await read.ListOutbox(request, metadata=desks.Caller(party).metadata, timeout=HANGS)
                count += len(listed.statements)
        return count


def retry_delay(error: grpc.aio.AioRpcError) -> float:
    """Seconds after which a desk asks its caller to try again (`RetryInfo`); 0 if it does not say."""
    status = rpc_status.from_call(error)
    info = error_details_pb2.RetryInfo()
    for detail in status.details if status else ():
        if detail.Unpack(info):
            return float(info.retry_delay.ToTimedelta().total_seconds())
    return 0.0


async def read_all(databases: Databases) -> list[HostTables]:
    """The books of all desks, as soon as every leaf has its place in a log."""
    books = []
    for name in HOSTS:
        database = Database(databases.url(name))
        try:
            await until(lambda database=database: sequenced(database))
            books.append(await read_host_tables(name, database))
        finally:
            await database.close()
    return books


async def sequenced(database: Database) -> bool:
    async with database.read() as connection:
        return not await connection.scalar(select(func.count()).select_from(table(PendingLeaf)))
