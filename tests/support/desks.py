"""Desks that run inside the test's process, started as their own `__main__` starts them, on free ports.

A folder holds everything: one parties file, keys per desk, a state folder per desk. Without a `nats_url` the desks serve
their callers and keep trying to reach a bus that is not there.
"""

import asyncio
import importlib
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from sqlalchemy import inspect, text

import agreement
from audit.formats.leaf import Kind
from exchange.context import HostContext
from exchange.settings import Settings
from exchange.statements import private_keys
from host.lifecycle import process
from host.lifecycle.process import HostProcess
from storage.engines import Database
from support import migrated
from support.waiting import HANGS

SINCE = datetime(2014, 1, 15, tzinfo=UTC)
NO_BUS = "nats://127.0.0.1:9"
SERVICES = Path(next(iter(agreement.__path__))).parent
ROLES = {"bawaslu": "supervisor", "kasn": "examiner", "ppk": "personnel_authority"}
# One party of the authorities' host oversees as well, and the examiner: roles are those of the parties file, not an
# institution's own.
OVERSEER = "prov-62"
PARTIES: Mapping[str, Sequence[str]] = {
    "bawaslu": ["bawaslu"],
    "kasn": ["bkn", "kasn"],
    "ppk": ["ppk-6202", "ppk-3204", OVERSEER],
}
# The examiner's role has passed: its desk serves the old holder too, which hands over and does nothing else.
FORMER: Mapping[str, str] = {"kasn": "former_examiner"}
BUILT = {name: parties for name, parties in PARTIES.items() if (SERVICES / name / "__main__.py").exists()}

Roles = Sequence[tuple[str, datetime, datetime | None]]


@dataclass(frozen=True)
class Caller:
    """The caller context that a call carries as metadata."""

    party: str
    role: str = "officer"
    officer: str = "officer-7"
    language: str = ""

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        who = (
            ("netral-party", self.party),
            ("netral-officer", self.officer),
            ("netral-role", self.role),
        )
        return (*who, ("accept-language", self.language)) if self.language else who


@dataclass(frozen=True)
class Refused:
    """A call that was turned down: all that its caller gets to see."""

    code: grpc.StatusCode
    message: str
    reason: str = ""
    fields: tuple[str, ...] = ()
    retry_after: float = 0.0
    metadata: Mapping[str, str] = field(default_factory=dict)
    seen: str = field(default="", repr=False)


@dataclass(frozen=True)
class Served:
    """A running desk and a channel to it."""

    name: str
    running: HostProcess
    channel: grpc.aio.Channel
    main: ModuleType

    @property
    def desk(self) -> HostContext:
        return self.running.desk

    @property
    def parties(self) -> list[str]:
        return sorted(self.desk.parties)

    async def call(
        self,
        method: str,
        request: Message | bytes | Sequence[Message],
        caller: Caller | None = None,
    ) -> bytes | Refused:
        """Call `/package.Service/Method`; the answer's bytes (of a stream: all of them), or the refusal.

        What takes a stream of requests is sent one, or as many as are given.
        """
        if isinstance(request, Sequence) and not isinstance(request, bytes):
            sent = [each.SerializeToString() for each in request]
        else:
            sent = [request if isinstance(request, bytes) else request.SerializeToString()]
        metadata = caller.metadata if caller else ()
        # Bytes go in and come out: grpc's types want serializers.
        channel: Any = self.channel
        try:
            if _method(method).client_streaming:
                return await self.send(method, sent, metadata)
            (data,) = sent
            if _method(method).server_streaming:
                stream = channel.unary_stream(method)(data, metadata=metadata, timeout=HANGS)
                return b"".join([answer async for answer in stream])
            answer: bytes = await channel.unary_unary(method)(data, metadata=metadata, timeout=HANGS)
        except grpc.RpcError as error:
            return refused(error)
        return answer

    async def send(self, method: str, sent: Sequence[bytes], metadata: Any) -> bytes:
        """Call what takes a stream of requests, from a thread: grpc.aio says INTERNAL instead of the desk's refusal if that
        comes while it still writes.

        Raises:
            grpc.RpcError: the desk's refusal.
        """

        def call() -> bytes:
            with grpc.insecure_channel(self.running.address) as channel:
                invoke: Any = channel.stream_unary(method)
                taken: bytes = invoke(iter(sent), metadata=metadata, timeout=HANGS)
                return taken

        return await asyncio.to_thread(call)

    async def rows(self) -> dict[str, list[str]]:
        """Every row of both databases, as text: what a call has changed is the difference.

        Left out is what the loops change on their own: the log's places, chains and heads, and attempts to deliver.
        """
        loops = {
            "pending_leaf",
            "leaf_index",
            "hash_tile",
            "chain_page",
            "checkpoint",
            "sequencer_lease",
            "delivery",
            "pair_in",
            "monitor_position",
            "monitor_case",
            "monitor_report",
            "monitor_tally",
            "monitor_feed",
            "disclosure_transfer",
        }
        found: dict[str, list[str]] = {}
        for database in (self.desk.database, self.desk.vault.database):
            found |= {name: rows for name, rows in (await _rows(database)).items() if name not in loops}
        return found


async def _rows(database: Database) -> dict[str, list[str]]:
    def rows_of(connection: Any, name: str) -> list[str]:
        rows = connection.execute(text(f'SELECT * FROM "{name}"'))
        return sorted(repr(tuple(row)) for row in rows if name != "leaf" or row.kind != Kind.CHAINS)

    # In one go: a query for each of the many tables, each in a thread, would cost more than what is tested.
    async with database.read() as connection:
        return await connection.run_sync(
            lambda sync: {name: rows_of(sync, name) for name in inspect(sync).get_table_names()}
        )


def _method(path: str) -> Any:
    """The contract's description of `/package.Service/Method`."""
    service, name = path.strip("/").split("/")
    return descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]


def request_fields(path: str) -> set[str]:
    """The fields of the request of `/package.Service/Method`."""
    return set(_method(path).input_type.fields_by_name)


def refused(error: Any) -> Refused:
    """An error as its caller sees it, taken apart."""
    reason, fields, seen = "", [], [error.details() or "", str(error.trailing_metadata())]
    known: dict[str, str] = {}
    retry = error_details_pb2.RetryInfo()
    status = rpc_status.from_call(error)
    for packed in status.details if status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if packed.Unpack(info):
            reason, known = info.reason, dict(info.metadata)
            seen.append(str(info))
        elif packed.Unpack(bad):
            fields += [violation.field for violation in bad.field_violations]
            seen.append(str(bad))
        else:
            packed.Unpack(retry)
    seconds = retry.retry_delay.ToMilliseconds() / 1000
    return Refused(
        error.code(), error.details() or "", reason, tuple(fields), seconds, known, "\n".join(seen)
    )


def write_trust(
    folder: Path, parties: Mapping[str, Sequence[str]] = PARTIES, roles: Mapping[str, Roles] | None = None
) -> Path:
    """Write the parties file, and per desk a folder `<desk>/keys`; gives the path of the parties file.

    A party has the role of its desk since 2014, the old examiner its own, unless `roles` says otherwise.
    """
    entries = []
    for desk, served in parties.items():
        keys_folder = folder / desk / "keys"
        keys_folder.mkdir(parents=True)
        storage_key = keys_folder / "storage.key"
        storage_key.touch(mode=0o600)
        storage_key.write_text(secrets.token_hex(32))
        for party in served:
            keys = private_keys.new_keys()
            private_keys.write_private_keys(keys_folder, party, keys)
            usual = [
                FORMER.get(party, ROLES[desk]),
                *(("data_holder", "warner") if party in (OVERSEER, "bkn") else ()),
            ]
            held = (roles or {}).get(party, [(role, SINCE, None) for role in usual])
            entries.append(private_keys.party_entry(party, party, held, keys, SINCE))
    path = folder / "parties.json"
    document = {
        "format": "netral-parties/1",
        "serial": 1,
        "issued": SINCE.isoformat(),
        "parties": entries,
    }
    path.write_text(json.dumps(document))
    return path


def settings(
    folder: Path,
    desk: str,
    *,
    database_url: str = "",
    nats_url: str = NO_BUS,
    nats_user: str = "",
    nats_password: str = "",
    **more: Any,
) -> Settings:
    """The settings of a desk whose keys `write_trust` wrote into this folder.

    Unless told otherwise its clock stands still, and it asks nobody to cosign.
    """
    state = folder / desk
    password_file = None
    if nats_password:
        password_file = state / "nats.password"
        password_file.touch(mode=0o600)
        password_file.write_text(nats_password)
    return Settings(
        parties_file=folder / "parties.json",
        keys_folder=state / "keys",
        database_url=database_url or f"sqlite:///{state / 'desk.sqlite'}",
        vault_url=f"sqlite:///{state / 'vault.sqlite'}",
        nats_url=nats_url,
        nats_user=nats_user,
        nats_password_file=password_file,
        state_folder=state,
        **(
            {"clock_seconds": 0, "witness_seconds": 0, "pairing_seconds": 0, "default_deadline": HANGS} | more
        ),
    )


@asynccontextmanager
async def serve(name: str, with_settings: Settings) -> AsyncIterator[Served]:
    """One desk, from open to stopped. It can be served again with the same settings."""
    main = importlib.import_module(f"{name}.__main__")
    await migrated.desk(name, main.HOST.migrations, with_settings.database_url, with_settings.vault_url)
    desk = await process.open_context(
        with_settings, name, main.HOST.store, main.HOST.rules, *main.HOST.migrations
    )
    clock, loops = main.HOST.clock, main.HOST.loops
    running = HostProcess(
        with_settings, desk, main.HOST.handlers, main.HOST.permissions, main.HOST.register, clock, loops
    )
    await running.start()
    try:
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        async with grpc.aio.insecure_channel(running.address, options=options) as channel:
            yield Served(name, running, channel, main)
    finally:
        await running.stop()
