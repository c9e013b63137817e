"""A host's life: open the desk, run its loops, serve, stop without losing what was accepted.

What wakes each loop stands here; their one shape is `host.lifecycle.loops`. The order of stopping: no new calls, finish those accepted, then the loops, then the connections.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc
from sqlalchemy import func, select
from uuid_utils import uuid7

from audit.formats import note
from audit.formats.checkpoint import origin_of
from audit.formats.leaf import leaf_ids
from audit.http_server import Server
from audit.sequencing import writer_lease
from audit.sequencing.sequencer import Sequencer
from audit.tables import Leaf
from exchange.bus.connection import Access, Bus
from exchange.context import AgreementRules, EntityStore, HostContext
from exchange.delivery import relay
from exchange.delivery.commands import Command, Commands
from exchange.delivery.inbox.handlers import Handlers
from exchange.delivery.inbox.work import Result
from exchange.parts import CLOCK, INBOX, OUTGOING, RELAY
from exchange.personal_data import vault
from exchange.reconciliation import reports
from exchange.settings import Settings
from exchange.signals import LOOK_SECONDS, Signal
from exchange.statements import private_keys, trust
from host import front_door
from host.front_door import Permissions
from host.lifecycle import loops, start_failures
from host.lifecycle.health import HealthWatch
from host.lifecycle.inbox import Inbox
from host.lifecycle.loops import Loop
from host.lifecycle.recovery import Recovery
from host.lifecycle.steady_clock import SteadyClock
from host.services import server_reflection
from host.services.counts import Counts
from host.services.exchange_api import SendReceipts
from host.services.witness_service import WitnessService
from host.worker_processes.pool import Limits, WorkerPool
from refusals import Refusal
from storage import faults
from storage.engines import Database
from storage.files import write_whole
from storage.reachable import once_reachable
from storage.types import table

if TYPE_CHECKING:
    from aiohttp.web import Application

log = structlog.get_logger("host.lifecycle.process")

_SERVICES = Path(__file__).parents[2]
_GRACE_SECONDS = 10.0
_LEAVES_AT_ONCE = 500
"""Leaves that get their place in one commit: more would keep commands waiting for SQLite's writer, and gain little."""
_LAST_SECONDS = 1.0
"""How long a host that stops waits for the stream to take its last statements."""
# What was sealed to a key before its period ended may still be on its way; what comes later is sealed anew by its sender.
SEAL_GRACE = timedelta(days=1)

Register = Callable[[grpc.aio.Server, HostContext, Commands, SendReceipts, WorkerPool], Sequence[str]]
"""Adds an agency's services to the server and gives their full names."""

Clock = Callable[[HostContext, datetime], Awaitable[Sequence[Command]]]
"""What the clock has to do at an instant (UTC), each with a request id of its own: asked again, the same."""


async def open_context(
    settings: Settings, name: str, store: EntityStore, law: AgreementRules, *migrations: Path
) -> HostContext:
    """Read the trust root and the keys, bring the databases up to date, and give what the loops share.

    It waits for a while for a database that cannot be reached yet: names resolve late, and servers start side by side.

    Raises:
        BadPartiesFile: the parties file or a key cannot be trusted.
        BadStorageKey: the storage key cannot be used.
        BadWrappingKeys: the vault and its file of wrapping keys are not of one time.
    """
    parties = trust.load_parties(settings.parties_file)
    served = sorted(path.stem for path in settings.keys_folder.glob("*.pem"))
    keys = {party: _private_keys(settings, parties, party) for party in served}
    for party, private in keys.items():
        known = parties.signer(private.keyid)
        if known is None or known[0].id != party:
            raise trust.BadPartiesFile(f"the private key of {party} is not in the parties file")
        if private.cosigning is not None:
            raw = private.cosigning.public_key().public_bytes_raw()
            if all(key.raw != raw for key in known[0].cosigning):
                raise trust.BadPartiesFile(f"the cosigning key of {party} is not in the parties file")
    database, vault_database = Database(settings.database_url), Database(settings.vault_url)
    rooms = _SERVICES / "audit" / "migrations", _SERVICES / "exchange" / "migrations", *migrations
    await once_reachable(lambda: database.migrate(*rooms))
    await once_reachable(
        lambda: vault_database.migrate(_SERVICES / "exchange" / "personal_data" / "migrations")
    )
    async with database.read() as connection:
        last = await connection.scalar(select(func.max(table(Leaf).c.id)))
    keys_file = settings.vault_keys_file or settings.keys_folder / "vault.key"
    storage_key = vault.read_storage_key(settings.keys_folder / "storage.key")
    data_keys = vault.Vault(vault_database, storage_key, keys_file)
    await data_keys.open(writes=not settings.read_only)
    return HostContext(
        name=name,
        parties=frozenset(served),
        database=database,
        trust=parties,
        keys=keys,
        vault=data_keys,
        store=store,
        law=law,
        now=SteadyClock(),
        new_id=lambda: str(uuid7()),
        leaf_ids=leaf_ids(datetime.now(UTC), last or 0),
        settings=settings,
    )


def _private_keys(settings: Settings, parties: trust.Parties, party: str) -> private_keys.PrivateKeys:
    """A party's private keys, without the sealing keys whose period is over: they are destroyed here."""
    keys, known = private_keys.read_private_keys(settings.keys_folder, party), parties.get(party)
    if known is None or settings.read_only:
        return keys
    gone = private_keys.expired_sealing_keys(known, keys, datetime.now(UTC) - SEAL_GRACE)
    if not gone:
        return keys
    left = private_keys.without_sealing_keys(keys, gone)
    try:
        private_keys.write_private_keys(settings.keys_folder, party, left)
    except OSError as error:
        log.error("sealing keys not destroyed", party=party, keys=len(gone), error=type(error).__name__)
    else:
        log.info("sealing keys destroyed", party=party, keys=len(gone))
    return left


async def serve(running: "HostProcess") -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        SystemExit: it cannot start, or must not write these logs (any more); the last line of the log says why.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.ending.set)
    with start_failures.explained(running.desk.name):
        await running.start()
    # What was made until here lives as long as the process: looking through it again and again is what the slowest
    # calls waited for.
    gc.collect()
    gc.freeze()
    await running.ending.wait()
    await running.stop()
    if running.fenced:
        raise SystemExit(start_failures.REFUSED)


class HostProcess:
    """A desk that runs: its server and its loops. `clock`: what happens by the passing of time alone.

    `recovers`: it reads only, and ends when `recovery` is done.
    """

    def __init__(
        self,
        settings: Settings,
        desk: HostContext,
        handlers: Handlers,
        permissions: Permissions,
        register: Register,
        clock: Clock | None = None,
        loops: Sequence[Loop] = (),
        recovers: bool = False,
    ) -> None:
        self.settings, self.desk, self.handlers = settings, desk, handlers
        self.clock, self.loops = clock, loops
        self.commands = Commands(desk)
        self.counts = Counts()
        self.bus = Bus(Access(settings.nats_url, settings.nats_user, settings.nats_password_file), desk.name)
        self.server = front_door.server(desk, permissions, settings.default_deadline, self.counts.call_ended)
        self.workers = WorkerPool(_limits(settings), settings.state_folder)
        self.services = list(register(self.server, desk, self.commands, self._send_receipts, self.workers))
        self.pairing = reports.Pairing(desk)
        self.patience = relay.RetryPolicy(first=settings.resend_seconds)
        self.address = ""
        witnessed = settings.state_folder / "witnessed"
        witnessed.mkdir(exist_ok=True)
        signers = {party: note.Signer(origin_of(party), keys.signing) for party, keys in desk.keys.items()}
        # A folder that serves reads only may be one that another process writes from.
        self._folder = None if settings.read_only else writer_lease.Folder.claim(settings.state_folder)
        self.lease = writer_lease.Lease(self._folder.id if self._folder else "", desk.now)
        self.sequencer = Sequencer(
            desk.database, signers, desk.now, self.lease, witnessed, _LEAVES_AT_ONCE, ids=desk.leaf_ids
        )
        self.witnessing = WitnessService(desk, self.bus)
        self.recovery = Recovery(desk, self.bus) if recovers else None
        self.health = HealthWatch(desk, self.bus, lambda: bool(self.sequencer.frozen), recovers)
        listen = settings.metrics_listen
        self.metrics_pages = Server(self._metrics_application, listen) if listen else None
        self._tasks: list[asyncio.Task[None]] = []
        # Set when it is to stop; `fenced`: because another process took over.
        self.ending = asyncio.Event()
        self.fenced = False

    async def start(self) -> None:
        """Listen, and start the loops. `<desk>.address` in the state folder says where.

        Raises:
            LogRolledBack: the database is older than a checkpoint that was published; it must not sign again.
            ClockBehind: the clock shows an earlier time than the newest checkpoint.
            AnotherWriter: another process writes the same logs.
            CannotListen: the address is in use, or none.
        """
        if not self.settings.read_only:
            await self.lease.acquire(self.desk.database)
            try:
                await self.sequencer.check()
            except Exception:
                await self.lease.release(self.desk.database)
                raise
        health_pb2_grpc.add_HealthServicer_to_server(self.health.servicer, self.server)
        names = [*self.services, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name]
        server_reflection.enable(self.server, names)
        self.address = self._listen()
        self._tasks = self._start_loops()
        await self.server.start()
        await self.witnessing.start()
        if self.witnessing.http is not None:
            write_whole(self.settings.state_folder / f"{self.desk.name}.http", self.witnessing.http.address)
        if self.metrics_pages is not None:
            await self.metrics_pages.start()
            write_whole(self.settings.state_folder / f"{self.desk.name}.metrics", self.metrics_pages.address)
        write_whole(self.settings.state_folder / f"{self.desk.name}.address", self.address)
        log.info("listening", desk=self.desk.name, address=self.address, parties=len(self.desk.parties))

    def _listen(self) -> str:
        wanted = self.settings.grpc_listen
        try:
            port = self.server.add_insecure_port(wanted)
        except RuntimeError as error:
            raise start_failures.CannotListen(
                f"{wanted}: in use, or not an address of this machine"
            ) from error
        return f"{wanted.rpartition(':')[0]}:{port}"

    async def stop(self) -> None:
        """Finish what was accepted, then end."""
        log.info("stopping", desk=self.desk.name)
        await self.server.stop(_GRACE_SECONDS)
        await self.workers.close()
        await self.commands.stop()
        await loops.end(self._tasks)
        with contextlib.suppress(Exception):  # else the relay of the next start sends it
            async with asyncio.timeout(_LAST_SECONDS):
                while await relay.relay_from_memory(self.desk, self.bus.publish):
                    pass
        await self.witnessing.stop()
        if self.metrics_pages is not None:
            await self.metrics_pages.stop()
        await self.bus.close()
        try:
            await self.lease.release(self.desk.database)
        except Exception as error:
            if not faults.is_passing(error):
                raise  # else it runs out by itself
        await self.desk.database.close()
        await self.desk.vault.database.close()
        for ending in ("address", "http", "metrics"):
            (self.settings.state_folder / f"{self.desk.name}.{ending}").unlink(missing_ok=True)
        if self._folder is not None:
            self._folder.close()

    async def end_loop(self, name: str) -> None:
        """End one loop before the others, to look at what it has not done yet."""
        await loops.end([task for task in self._tasks if task.get_name() == name])

    def _start_loops(self) -> list[asyncio.Task[None]]:
        running = [] if self.settings.read_only else list(self._loops())
        names = [loop.name for loop, *_ in running]
        still = [CLOCK] if self.clock is not None and CLOCK not in names else []
        own: dict[str, Coroutine[None, None, None]] = {
            "commands": self.commands.serve(),
            "health": self.health.run(self.services, names, still),
        }
        if self.recovery is not None:
            own["recovery"] = self.recovery.run(self.ending)
        if not self.settings.read_only:
            own[INBOX] = Inbox(self.desk, self.bus, self.handlers, self._send_receipts).run()
        tasks = [asyncio.create_task(loop, name=name) for name, loop in own.items()]
        return tasks + [loops.start(loop, self.desk, *also) for loop, *also in running]

    def _loops(self) -> Iterator[tuple[Loop, *tuple[tuple[Signal, float], ...]]]:
        """Loops beside the inbox, each with the further signals that wake it, and within how many seconds."""
        desk, settings = self.desk, self.settings
        # A receipt changes what is due next, and in the relay nothing waits for that.
        yield self._relay(), (desk.leaves_committed, 1.0)
        yield (self._relay_from_memory(),)
        for loop in (self._gaps(), self._sequencing(), *self.loops):
            yield (loop,)
        if settings.pairing_seconds > 0:
            yield (self._pairing(),)
        if self.clock is not None and settings.clock_seconds > 0:
            yield (self._clock(self.clock),)
        if settings.witness_seconds > 0:
            yield self._cosigning(), (self.bus.changed, 0.0)
            yield (Loop("peers", lambda _: self.witnessing.find_stalled_logs(), 60.0, look=60.0),)

    def _relay(self) -> Loop:
        async def once(desk: HostContext) -> int:
            return await relay.relay_once(desk, self.bus.publish, self.patience)

        batch = self.patience.batch
        return Loop(RELAY, once, 0.0, on=lambda desk: desk.outbox_due, due=relay.next_due, full=batch)

    def _relay_from_memory(self) -> Loop:
        async def once(desk: HostContext) -> int:
            return await relay.relay_from_memory(desk, self.bus.publish)

        self.desk.outgoing.stream_takes = lambda: self.bus.trouble_sending is None
        return Loop(OUTGOING, once, 0.0, on=lambda desk: desk.outgoing.filled)

    def _gaps(self) -> Loop:
        async def once(desk: HostContext) -> int:
            return await relay.ask_for_gaps(desk, self.bus.publish, self.patience)

        return Loop("gaps", once, 1.0, on=loops.on_commit, due=relay.next_gap_due)

    def _pairing(self) -> Loop:
        async def once(_desk: HostContext) -> int:
            return await self.pairing.report(self.bus.publish)

        every = self.settings.pairing_seconds
        return Loop("pairing", once, every, look=every, full=reports.PAIRS, rest=0.2)

    def _sequencing(self) -> Loop:
        async def once(_desk: HostContext) -> int:
            try:
                done = await self.sequencer.run_once()
                self.witnessing.on_new_checkpoints(self.sequencer.take_grown())
                return done
            except writer_lease.Fenced as error:
                log.critical("fenced", reason=str(error))
                self.fenced = True
                self.ending.set()
                return 0

        async def due(_desk: HostContext) -> datetime | None:
            return None if self.fenced else self.lease.renew_at

        return Loop(
            "sequencer",
            once,
            0.0,
            on=loops.on_commit,
            due=due,
            full=_LEAVES_AT_ONCE,
            rest=0.2,
            ease=1.0,
            settle=0.05,
        )

    def _cosigning(self) -> Loop:
        async def once(_desk: HostContext) -> int:
            return await self.witnessing.collect_cosignatures()

        async def due(_desk: HostContext) -> datetime | None:
            return self.witnessing.collection_due()

        pace = self.settings.witness_seconds
        return Loop(
            "cosigning", once, 0.0, on=loops.on_new_heads, due=due, full=sys.maxsize, rest=pace, ease=4 * pace
        )

    def _clock(self, clock: Clock) -> Loop:
        async def once(desk: HostContext) -> int:
            done, stands = 0, self.settings.clock_stands_file
            if stands is not None and stands.exists():
                return done
            for command in await clock(desk, desk.now()):
                # What changed in the meantime is no longer for the clock to do; the next round sees it as it is.
                with contextlib.suppress(Refusal):
                    await self.commands.run(command)
                    done += 1
            return done

        pace = self.settings.clock_seconds
        return Loop(CLOCK, once, pace, on=loops.on_commit, look=max(pace, LOOK_SECONDS))

    def _metrics_application(self) -> "Application":
        from host.services.metrics import Metrics  # with its library, for who asks first

        return Metrics(self.desk, self.sequencer, self.counts, self.recovery is not None).application()

    async def _send_receipts(self, result: Result) -> None:
        self.counts.receipts_came(result.receipt_delays)
        with contextlib.suppress(Exception):  # a lost receipt comes again with the sender's repeat or ask
            await relay.publish_replies(self.bus.publish, result.replies)


def _limits(settings: Settings) -> Limits:
    return Limits(
        at_once=settings.worker_processes,
        waiting=settings.worker_line,
        seconds=settings.worker_seconds,
        memory=settings.worker_memory_bytes,
    )


def start_log(level: str) -> None:
    """Log lines as JSON on standard error; never with personal values."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # `host.calls.call_log`
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
