"""A host's health, as the standard service tells it: not serving while the database, or NATS where it is needed, is gone.

A service that writes needs a database that takes writes; those that only read are served as long as it can be read. Beside the
services the parts of the host have names of their own: `netral.database`, `netral.bus`, `netral.relay`, `netral.inbox`,
`netral.clock`, and one for each other loop. It looks every few seconds, and at once when the connection to NATS comes or goes or a
loop fails. In the same look the vault hears what another process has erased.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

import structlog
from grpc_health.v1 import health, health_pb2
from sqlalchemy import select

from agreement.elections import known as elections
from agreement.parties import offices
from exchange import parts
from exchange.bus.connection import Bus
from exchange.context import HostContext
from exchange.signals import Wake
from host.front_door import READS_ONLY, Context
from host.services.exchange_api import AUDIT
from storage.faults import Fault

log = structlog.get_logger("host.lifecycle.health")

ELECTIONS = "netral-elections"
"""Metadata of the health check: SHA-256, in hex, of all elections that the host knows."""
OFFICES = "netral-offices"
"""Metadata of the health check: SHA-256, in hex, of all offices that the host knows."""
_LOOK_SECONDS, _WHILE_GONE_SECONDS, _ANSWER_SECONDS = 5.0, 0.5, 2.0
_STATES = health_pb2.HealthCheckResponse


class _Health(health.aio.HealthServicer):  # type: ignore[misc]  # the library has no types
    """The standard service, whose answers say in their metadata which elections and offices this host knows."""

    async def Check(
        self, request: health_pb2.HealthCheckRequest, context: Context
    ) -> health_pb2.HealthCheckResponse:
        """The status of a service."""
        known = ((ELECTIONS, elections.all_known().digest), (OFFICES, offices.known().digest))
        context.set_trailing_metadata(known)
        answer: health_pb2.HealthCheckResponse = await super().Check(request, context)
        return answer


class HealthWatch:
    """The health of a host's services and parts.

    `frozen`: whether one of its logs is signed no more; `recovers`: it serves reads only.
    """

    def __init__(
        self, desk: HostContext, bus: Bus, frozen: Callable[[], bool], recovers: bool = False
    ) -> None:
        self._desk, self._bus, self._frozen, self._recovers = desk, bus, frozen, recovers
        self.servicer = _Health()
        self._wake = Wake(_WHILE_GONE_SECONDS, _LOOK_SECONDS)
        bus.changed.wakes(self._wake)
        desk.parts.changed.wakes(self._wake)

    async def run(self, services: Sequence[str], loops: Collection[str], still: Collection[str] = ()) -> None:
        """Look and tell, until cancelled. `loops` are those that run in this host by name, `still` those that are switched off."""
        while True:
            await self._wake.wait()
            reads = await self._can_read()
            writes = reads and (self._desk.settings.read_only or await self._can_write())
            for name in ("", *services):
                if self._only_reads(name):
                    serving = reads and not (name == AUDIT and self._frozen())
                else:
                    serving = writes and self._bus.connected and not self._recovers
                await self._tell(name, serving=serving)
            troubles = self._troubles(loops, "" if writes else self._database_trouble())
            troubles |= dict.fromkeys(still, parts.STANDS_STILL)
            for name, why in troubles.items():
                await self._tell(f"netral.{name}", serving=not why)
            self._show(troubles)
            if not writes:
                self._wake.within()

    async def _tell(self, name: str, *, serving: bool) -> None:
        await self.servicer.set(name, _STATES.SERVING if serving else _STATES.NOT_SERVING)

    def _troubles(self, loops: Collection[str], database: str) -> dict[str, str]:
        """The reason why each part does not work; empty if it does."""
        found = {parts.DATABASE: database}
        if self._recovers:
            found[parts.RECOVERY] = parts.RECOVERING
        if self._desk.settings.read_only:
            return found
        bus = self._bus
        found[parts.BUS] = bus.trouble or ""
        stands = self._desk.settings.clock_stands_file
        for name in (parts.INBOX, *loops):
            on_bus = {parts.INBOX: bus.trouble_receiving, parts.RELAY: bus.trouble_sending}.get(name)
            found[name] = on_bus or database or self._desk.parts.trouble(name)
        if not found.get(parts.CLOCK, "none") and stands is not None and stands.exists():
            found[parts.CLOCK] = parts.STANDS_STILL
        return found

    def _show(self, troubles: Mapping[str, str]) -> None:
        """Keep what was found for whoever asks, and log what changed."""
        now = self._desk.now()
        for name, (before, part) in self._desk.parts.show(troubles, now).items():
            if before is None:
                continue  # a start: nothing is connected yet
            if not part.works:
                log.warning("not serving", part=name, why=part.why)
            else:
                seconds = round((now - before.since).total_seconds(), 1)
                event = "reconnected" if name == parts.DATABASE else "serving again"
                log.info(event, part=name, away_seconds=seconds, was=before.why)

    def _database_trouble(self) -> str:
        fault = self._desk.database.fault or self._desk.vault.database.fault
        return f"DATABASE_{fault or Fault.AWAY}"

    def _only_reads(self, service: str) -> bool:
        only_reads = service.endswith(READS_ONLY)
        return only_reads or (self._desk.settings.read_only and not self._recovers)

    async def _can_read(self) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                async with self._desk.database.read_latest() as connection:
                    await connection.execute(select(1))
                await self._desk.vault.refresh()
        except Exception:
            return False
        return True

    async def _can_write(self) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self._desk.database.can_write() and await self._desk.vault.database.can_write()
        except TimeoutError:
            return False
