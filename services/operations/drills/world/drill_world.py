"""A throw-away world for a drill: NATS and three hosts as processes, few parties, databases of either kind.

It remembers every answer that a host gave, so that a drill can ask at its end whether anything acknowledged was lost.
"""

import asyncio
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

from audit.verification.cross_check import cross_check
from audit.verification.findings import Finding
from exchange.settings import Settings
from exchange.statements import trust
from netral.audit.v1 import service_pb2 as audit_pb
from netral.audit.v1.service_pb2_grpc import AuditServiceStub
from netral.exchange.v1 import service_pb2 as exchange_pb
from netral.exchange.v1.service_pb2_grpc import ExchangeReadServiceStub
from operations.drills.world import killable_host
from operations.drills.world.databases import DrillDatabases
from operations.drills.world.killable_host import Orders
from operations.local.client import Caller, Desks, Refused
from operations.local.development_world import make_world
from operations.local.installation import HOSTS, Installation
from operations.local.patience import patience as stretched
from operations.local.processes import ProcessManager, tail
from operations.local.stubs import WritingRequest, WritingStub
from operations.local.verify import verify_world
from operations.selfcheck.check import Checked, check_host
from operations.selfcheck.progress import Progress

AUTHORITY = "ppk-6202"
AUTHORITIES = (AUTHORITY, "ppk-3204")
OFFICER = "latihan-1"
PATIENCE = 60.0
# What a caller tries again: nobody knows whether it took effect, or what it needs is not there yet.
_AGAIN = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "NOT_FOUND", "FAILED_PRECONDITION", "UNKNOWN"}

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"


class Failed(AssertionError):
    """The world did not hold what it promises."""


def must(held: bool, otherwise: str) -> None:
    """Fail the drill unless a promise was held."""
    if not held:
        raise Failed(otherwise)


def utc_now() -> datetime:
    """Return this machine's time."""
    return datetime.now(UTC)


@dataclass
class DrillWorld:
    """One world in `folder`; `template` is a URL template of databases on a PostgreSQL, empty for SQLite."""

    folder: Path
    template: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    acknowledged: list[exchange_pb.Act] = field(default_factory=list)
    evidence: list[Mapping[str, Json]] = field(default_factory=list)
    cases: int = 0

    def __post_init__(self) -> None:
        self.state = Installation(self.folder / "world")
        make_world(self.state, authorities=AUTHORITIES)
        prefix = f"netral_drill_{secrets.token_hex(6)}_"
        self.databases = DrillDatabases(self.state, self.template, prefix)
        self.manager = self._manager()

    def _manager(self) -> ProcessManager:
        programs = {name: ("operations.drills.world.killable_host", name) for name in HOSTS}
        environment = {"NETRAL_RESEND_SECONDS": "1", "NETRAL_CLOCK_SECONDS": "0", **self.environment}
        return ProcessManager(self.state, self.databases.url_template(), environment, programs=programs)

    # Life

    async def start(self) -> None:
        """Start everything, and wait until it is healthy."""
        self.manager = self._manager()
        await self.manager.start()
        self.desks = Desks.of(self.state)

    async def stop(self) -> None:
        """Stop everything that runs; the data stays."""
        if self.manager.children:
            await self.manager.stop()
            self.manager.children.clear()

    def order(self, host: str, orders: Orders) -> None:
        """Tell a host what is to happen to it."""
        killable_host.write_orders(self.state.host(host), orders)

    def ordered(self, host: str) -> bool:
        """Return true while an order waits to be carried out."""
        return killable_host.orders_file(self.state.host(host)).exists()

    def copy_of_state(self, host: str) -> Path:
        """Make another state folder for the same host, as on another machine: its own lock, the same last checkpoints."""
        folder = self.folder / f"{host}-elsewhere"
        shutil.copytree(self.state.host(host) / "witnessed", folder / "witnessed")
        return folder

    def show(self, what: str, **facts: Json) -> None:
        """Put something into the evidence."""
        self.evidence.append({"what": what, **facts})

    def log_of(self, host: str, lines: int = 4) -> str:
        """Return the end of a host's log."""
        return tail(self.state.logs / f"{host}.log", lines)

    # Calls

    async def call(
        self, party: str, stub: WritingStub, method: str, request: WritingRequest, patience: float = PATIENCE
    ) -> exchange_pb.Act:
        """Make one writing call, with the same request id until it is answered.

        Raises:
            Refused: for good.
        """
        request.request_id = str(uuid4())
        started = time.monotonic()
        while True:
            try:
                done: exchange_pb.Act = await asyncio.to_thread(
                    self.desks.call, stub, method, request, Caller(party, OFFICER)
                )
            except Refused as refusal:
                if refusal.code not in _AGAIN or time.monotonic() - started > stretched(patience):
                    raise
                await asyncio.sleep(0.1)
            else:
                self.acknowledged.append(done)
                return done

    async def settle(self) -> None:
        """Wait until nothing is on its way and every leaf has its place."""
        await self.until(self._settled, "everything is settled")

    async def _settled(self) -> bool:
        try:
            return await asyncio.to_thread(self._nothing_waits)
        except Refused:
            return False

    def _nothing_waits(self) -> bool:
        for served in self.state.hosts().values():
            for party in served:
                caller = Caller(party, OFFICER, "auditor")
                listed = exchange_pb.ListOutboxRequest(parent=f"institutions/{party}", page_size=1)
                operator = Caller(party, OFFICER, "operator")
                if self.desks.call(ExchangeReadServiceStub, "ListOutbox", listed, operator).statements:
                    return False
            logs = self.desks.call(
                AuditServiceStub, "ListLogs", audit_pb.ListLogsRequest(page_size=1000), caller
            )
            if any(log.pending for log in logs.checkpoints):
                return False
        return True

    async def until(
        self, condition: Callable[[], bool | Awaitable[bool]], what: str, within: float = PATIENCE
    ) -> None:
        """Wait for a condition.

        Raises:
            Failed: it did not come true.
        """
        started = time.monotonic()
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            waited = time.monotonic() - started
            if waited > stretched(within):
                raise Failed(f"not so after {waited:.0f} s: {what}")
            await asyncio.sleep(0.05)

    # What is so at the end

    def settings(self, host: str) -> Settings:
        """Return the settings of a host, for checks of its databases."""
        return Settings(
            parties_file=self.state.parties_file,
            keys_folder=self.state.keys(host),
            database_url=self.databases.url(host),
            vault_url=self.databases.url(f"{host}_vault"),
            state_folder=self.state.host(host),
        )

    async def fsck(self, host: str) -> Checked:
        """Check a host from the inside."""
        return await check_host(host, self.settings(host), Progress())

    def verify(self) -> list[Finding]:
        """Export every log from the running hosts and check them against each other, as an auditor would."""
        logs = verify_world(self.desks, self.state, trust.load_parties(self.state.parties_file))
        return [finding for log in logs for finding in log.findings] + cross_check(logs)

    async def check_whole(self, disputed: Collection[str] = ()) -> None:
        """Check that nothing acknowledged is lost, every host is whole inside, and the logs agree with each other.

        Of `disputed` matters, and only of them, something has to be found.

        Raises:
            Failed: with what is not so.
        """
        await self.settle()
        kept = await asyncio.to_thread(self._kept_records)
        lost = [done.record for done in self.acknowledged if done.record not in kept]
        findings = await asyncio.to_thread(self.verify)
        for host in HOSTS:
            findings += (await self.fsck(host)).findings
        self.show(
            "at the end",
            acknowledged=len(self.acknowledged),
            lost=len(lost),
            findings=[str(f) for f in findings],
        )
        if lost or {found.matter for found in findings} != set(disputed):
            raise Failed(f"{len(lost)} acknowledged acts lost; {findings}")

    def _kept_records(self) -> set[str]:
        found = set()
        for served in self.state.hosts().values():
            for party in served:
                request = audit_pb.ListLeavesRequest(parent=f"institutions/{party}", page_size=1000)
                caller = Caller(party, OFFICER, "auditor")
                for page in self.desks.pages(AuditServiceStub, "ListLeaves", request, caller):
                    found |= {leaf.ref for leaf in page.leaves}
        return found
