"""A world of three desks in one process over a real NATS, moved step by step, so that the n-th call can be made to fail.

No loop runs by itself: `settle` relays, takes in, answers and sequences until nothing is left to do. `Faults` counts every
database statement, commit, publish and ack of all desks, and fails the one it was told to, before or after it took effect.
After a fault the desks are thrown away as a crash would, and opened again from what is on disk.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import nats
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from audit.formats import note
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from bawaslu import __main__ as bawaslu_main
from exchange.bus import subjects
from exchange.context import HostContext
from exchange.delivery import commands, relay
from exchange.delivery.commands import Command
from exchange.delivery.inbox.process import process_messages
from exchange.reconciliation import reports
from exchange.settings import Settings
from exchange.tables import Delivery
from host import front_door
from host.command_rows import CallContext, Service
from host.lifecycle import process
from host.streams import TakesStream
from kasn import __main__ as kasn_main
from netral.exchange.v1 import record_pb2
from ppk import __main__ as ppk_main
from refusals import Refusal
from storage.engines import Database
from storage.types import table
from support import migrated
from support.waiting import HANGS, until

MODULES: Mapping[str, ModuleType] = {"bawaslu": bawaslu_main, "kasn": kasn_main, "ppk": ppk_main}
_AT_ONCE = 200
_RESEND_SECONDS = 0.1
"""After this the relay sends what went out from memory and has no receipt."""
LASTING = ("commit", "publish", "ack")


class Injected(OperationalError):
    """The fault that a test asked for, in the shape of a database that went away."""

    def __init__(self) -> None:
        super().__init__("injected", None, Exception("injected"), connection_invalidated=True)


@dataclass
class Faults:
    """Fails one call, once: the `fail_at`-th (from 1) before it took effect; or `after` it did.

    A statement has effect by its transaction's commit only, so that failing after it is failing before the next call:
    `after` counts commits, publishes and acks. `seen` has every call since the last `arm`.
    """

    fail_at: int = 0
    after: bool = False
    seen: list[str] = field(default_factory=list)
    failed: str = ""

    def arm(self, fail_at: int, *, after: bool = False) -> None:
        """Count from here on, and fail that call; 0: none."""
        self.fail_at, self.after, self.failed = fail_at, after, ""
        self.seen.clear()

    @property
    def lasting(self) -> list[str]:
        """The calls that have effect by themselves."""
        return [call for call in self.seen if call.startswith(LASTING)]

    def before(self, call: str) -> int:
        """Count a call; gives its number among those that last, for `done`."""
        self.seen.append(call)
        if not self.after and len(self.seen) == self.fail_at:
            self._fail(call)
        return len(self.lasting)

    def done(self, call: str, number: int) -> None:
        if self.after and number == self.fail_at:
            self._fail(call)

    def _fail(self, call: str) -> None:
        self.fail_at, self.failed = 0, call
        raise Injected


@dataclass(frozen=True)
class Place:
    """Place of a world: its folder, its NATS, and a database URL for each name."""

    folder: Path
    nats_url: str
    database: Callable[[str], str]


@dataclass
class World:
    """Three desks, stepped by hand."""

    place: Place
    faults: Faults = field(default_factory=Faults)
    duplicate_window: float = 120
    ack_wait: float = 30  # as in production; less where what was not acknowledged is to come again at once
    now: Callable[[], datetime] | None = None  # the clock of all desks; the machine's if there is none
    settles_within: float = HANGS
    # Commits leave their statements in memory, from where each step hands them over; else the relay reads them all.
    from_memory: bool = False
    desks: dict[str, HostContext] = field(default_factory=dict)
    together: dict[str, commands.Commands] = field(default_factory=dict)
    # Further hosts, each with the desk that it serves: `{"away": "ppk"}`.
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def modules(self) -> Mapping[str, ModuleType]:
        """Every host, with the start-up steps of its desk."""
        return {**MODULES, **{name: MODULES[desk] for name, desk in self.more.items()}}

    async def __aenter__(self) -> Self:
        self._client = await nats.connect(self.place.nats_url)
        self._js = self._client.jetstream()
        for name, module in self.modules.items():
            folder = self.place.folder
            settings = Settings(
                parties_file=folder / "parties.json",
                keys_folder=folder / name,
                database_url=self.place.database(name),
                vault_url=self.place.database(f"{name}_vault"),
                state_folder=folder,
                resend_seconds=_RESEND_SECONDS,
            )
            await migrated.desk(name, module.HOST.migrations, settings.database_url, settings.vault_url)
            desk = await process.open_context(
                settings, name, module.HOST.store, module.HOST.rules, *module.HOST.migrations
            )
            desk.now = self.now or desk.now
            desk.outgoing.stream_takes = lambda: self.from_memory
            self.desks[name] = desk
            (folder / f"{name}-witnessed").mkdir(exist_ok=True)
            for database in (desk.database, desk.vault.database):
                _count(database, self.faults)
        await self._provision()
        self._inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(self._inbox)
        self._sequencers = {
            name: Sequencer(
                desk.database,
                {party: note.Signer(f"netral/{party}", keys.signing) for party, keys in desk.keys.items()},
                desk.now,
                Lease(f"{name}-1", desk.now),
                self.place.folder / f"{name}-witnessed",
            )
            for name, desk in self.desks.items()
        }
        return self

    async def __aexit__(self, *error: object) -> None:
        for desk in self.desks.values():
            await desk.database.close()
            await desk.vault.database.close()
        await self._client.close()

    async def _provision(self) -> None:
        stream = StreamConfig(
            name=subjects.STREAM, subjects=subjects.IN_STREAM, duplicate_window=self.duplicate_window
        )
        await self._js.add_stream(stream)
        for name, desk in self.desks.items():
            consumer = ConsumerConfig(
                durable_name=name,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self.ack_wait,
                filter_subjects=[subjects.to_party(party) for party in sorted(desk.parties)],
            )
            await self._js.add_consumer(subjects.STREAM, consumer)

    async def purge(self) -> None:
        """Purge the stream, as an administrator, a full disk or a lost server can."""
        await self._js.purge_stream(subjects.STREAM)

    async def hand_over(self, desk: HostContext, *, again: bool = False) -> None:
        """Hand over what waits in memory, or else what is due; with `again`, what was handed over before too."""
        if again:
            async with desk.database.write() as connection:
                await connection.execute(table(Delivery).update().values(due=desk.now()))
        if not await relay.relay_from_memory(desk, self._publish) or again:
            await relay.relay_once(desk, self._publish, relay.RetryPolicy(first=0.2))

    async def window_passed(self) -> None:
        """Wait until the stream takes an id again that it has seen."""
        id = {"Nats-Msg-Id": os.urandom(8).hex()}
        await self._js.publish("netral.v1.nobody.nobody.ask", b"", headers=dict(id))

        async def taken_again() -> bool:
            return not (
                await self._js.publish("netral.v1.nobody.nobody.ask", b"", headers=dict(id))
            ).duplicate

        await until(taken_again)

    # --- what an officer does ---------------------------------------------------------------------------------

    async def call(self, party: str, method: str, request: Any) -> Any:
        """One call at the desk that serves the party, through its own translation of the request."""
        desk = self.desk_of(party)
        front_door.set_caller(front_door.Caller(party, "officer-1", "officer"))
        runs = self.together.get(desk.name) or Alone(desk)
        serves = service_of(self.more.get(desk.name, desk.name), method)
        return await answer(serves, desk, runs, method, request)

    def desk_of(self, party: str) -> HostContext:
        return next(desk for desk in self.desks.values() if party in desk.parties)

    async def ask(self, party: str, servicer: Any, method: str, request: Any) -> Any:
        """One reading call of a party's officer at the desk that serves the party."""
        front_door.set_caller(front_door.Caller(party, "officer-1", "officer"))
        return await answer(servicer, self.desk_of(party), None, method, request)

    @asynccontextmanager
    async def many_at_once(self) -> AsyncIterator[None]:
        """Inside, calls that are made at the same time share a commit, as in a running desk."""
        self.together = {name: commands.Commands(desk) for name, desk in self.desks.items()}
        serving = [asyncio.create_task(each.serve()) for each in self.together.values()]
        try:
            yield
        finally:
            self.together = {}
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    # --- what the loops do --------------------------------------------------------------------------------------

    async def settle(self, resend: float = 0.2) -> None:
        """Relay, take in and sequence until every statement has its outcome. What is lost is sent again."""
        deadline = time.monotonic() + self.settles_within
        while await self._once(relay.RetryPolicy(first=resend)) or await self._on_its_way():
            assert time.monotonic() < deadline, "the world does not settle"

    async def take_in(self, name: str) -> None:
        """Only this desk takes in what was published for it, which may take a moment to arrive."""
        deadline = time.monotonic() + self.settles_within
        while not await self._take(name):
            assert time.monotonic() < deadline, f"nothing arrives at {name}"

    async def move(self, *names: str) -> None:
        """Let these desks alone relay and take in, until they have nothing to do; the others are away."""
        while await self._once(relay.RetryPolicy(first=60), names):
            pass

    async def _once(self, patience: relay.RetryPolicy, names: Collection[str] = ()) -> int:
        done = 0
        names = names or self.desks.keys()
        for desk in (desk for name, desk in self.desks.items() if name in names):
            done += await relay.relay_from_memory(desk, self._publish)
            done += await relay.relay_once(desk, self._publish, patience)
            done += await relay.ask_for_gaps(desk, self._publish, patience)
        for name in self.desks:
            done += await self._take(name) if name in names else 0
        for sequencer in self._sequencers.values():
            done += await sequencer.run_once()
        return done

    async def _on_its_way(self) -> int:
        count = 0
        for desk in self.desks.values():
            async with desk.database.read() as connection:
                count += await connection.scalar(select(func.count()).select_from(table(Delivery))) or 0
        return count

    async def _take(self, name: str) -> int:
        messages = await self._pull(name)
        if messages:
            desk, handlers = self.desks[name], self.modules[name].HOST.handlers
            result = await process_messages(
                desk, handlers, [(message.subject, message.data) for message in messages], reports.compare
            )
            await relay.publish_replies(self._publish, result.replies)
            for message in messages:
                await self._counted("ack", partial(message.ack_sync, timeout=HANGS))
        return len(messages)

    async def _pull(self, name: str) -> list[Any]:
        request = json.dumps({"batch": _AT_ONCE, "no_wait": True}).encode()
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{subjects.STREAM}.{subjects.consumer(name)}",
            request,
            reply=self._inbox,
        )
        messages = []
        while len(messages) < _AT_ONCE:  # a full batch has no word at its end
            message = await self._subscription.next_msg(timeout=HANGS)
            if (message.headers or {}).get("Status"):
                break
            messages.append(message)
        return messages

    async def _publish(self, subject: subjects.Subject, data: bytes, headers: dict[str, str]) -> None:
        async def publish() -> None:
            await self._js.publish(str(subject), data, HANGS, headers=dict(headers) or None)

        await self._counted(f"publish {subject.kind}", publish)

    async def _counted(self, name: str, call: Callable[[], Awaitable[Any]]) -> None:
        number = self.faults.before(name)
        await call()
        self.faults.done(name, number)


def service_of(name: str, method: str) -> Service:
    """The service of a desk that has the method."""
    services: Sequence[Service] = MODULES[name].HOST.services
    return next(each for each in services if method in each.contract.methods_by_name)


async def answer(serves: Any, desk: HostContext, runs: Any, method: str, request: Any) -> Any:
    """One call of a service of rows and functions, or of a servicer; `request` may be a stream."""
    if not isinstance(serves, Service):
        servicer = serves(desk) if runs is None else serves(desk, runs)
        return await getattr(servicer, method)(request, None)
    context = CallContext(desk, runs)
    if method in serves.by_name:
        return await serves.by_name[method].answer(context, request)
    asked = serves.contract.methods_by_name[method].input_type.full_name
    stream = next(each for each in serves.streams if each.request.DESCRIPTOR.full_name == asked)
    assert isinstance(stream, TakesStream)
    return await stream.function(context, request)


@dataclass(frozen=True)
class Alone:
    """Commands, each in a commit of its own."""

    desk: HostContext

    async def run(self, command: Command) -> record_pb2.Record:
        (answer,) = await commands.commit(self.desk, [command])
        if isinstance(answer, Refusal):
            raise answer
        return answer


def _count(database: Database, faults: Faults) -> None:
    """Count each statement and commit of a database."""
    number = 0

    def told(text: str) -> None:
        nonlocal number
        if text == "COMMITTED":
            faults.done("commit", number)
        else:
            number = faults.before("commit" if text == "COMMIT" else text)

    database.watch(told)
