"""Metrics of a host over HTTP, `/metrics` in Prometheus' format: on a port of its own, since whoever may read them may read nothing else.

Calls and receipts are counted as they happen; all else is read from memory and by a few queries on indexes when somebody
asks, so that rest costs nothing. Labels are names of calls, codes, parts and kinds: no party, no person, no matter.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import and_, func, select

from audit.sequencing.sequencer import Sequencer
from audit.tables import CosignerState, CosigningStatus, Leaf, PendingLeaf, SignedCheckpoint
from exchange import parts
from exchange.context import HostContext
from exchange.statements.receipts import PARKED
from exchange.tables import Delivery, Inbox, Outbox, ParkedBytes
from storage.protocols import Connection
from storage.types import table

if TYPE_CHECKING:
    from aiohttp import web

log = structlog.get_logger("host.services.metrics")

_CALL_SECONDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
_RECEIPT_SECONDS = (0.1, 0.5, 2.0, 10.0, 60.0, 600.0, 3600.0, 86_400.0)
_READ_SECONDS = 5.0

HELP: Mapping[str, str] = {
    "netral_database_up": "1 if the database answered the queries of this scrape; without, what is counted in it is missing.",
    "netral_part_works": "1 for each part of the host (database, bus, inbox, relay and other loops) that works.",
    "netral_recovering": "1 while the host was restored from a backup and serves reads only.",
    "netral_frozen_logs": "Logs for which nothing is signed until somebody looks.",
    "netral_outbox_statements": "Statements without a receipt of custody, or without an outcome.",
    "netral_outbox_oldest_seconds": "Age of the oldest statement without a receipt of custody, or without an outcome.",
    "netral_parked": "Statements and stray bytes that wait for an operator.",
    "netral_pending_leaves": "Leaves without a place in their log.",
    "netral_pending_oldest_seconds": "Age of the oldest leaf of the host's own without a place.",
    "netral_unpublished_oldest_seconds": "Age of the oldest head that no peer has cosigned.",
    "netral_cosigners_failing": "Pairs of a log and a cosigner that gives no cosignature.",
}
"""Gauges that a scrape reads, and what they mean."""

Samples = dict[str, dict[str, float]]
"""Values of gauges by the value of their label; empty for one without."""
_LABELS = {
    "netral_part_works": "part",
    "netral_outbox_statements": "awaits",
    "netral_outbox_oldest_seconds": "awaits",
    "netral_parked": "kind",
}


class Metrics(Collector):
    """The metrics of one host, and the pages that serve them."""

    def __init__(self, desk: HostContext, sequencer: Sequencer, recovers: bool = False) -> None:
        self._desk, self._sequencer, self._recovers = desk, sequencer, recovers
        self._found: Samples = {}
        self._one = asyncio.Lock()
        self.registry = CollectorRegistry()
        self._calls = Counter(
            "netral_calls",
            "Calls that ended, by method and code.",
            ("method", "code"),
            registry=self.registry,
        )
        self._call_seconds = Histogram(
            "netral_call_seconds",
            "Duration of calls.",
            ("method",),
            registry=self.registry,
            buckets=_CALL_SECONDS,
        )
        self._receipts = Histogram(
            "netral_receipt_seconds",
            "From making a statement to keeping its recipient's receipt of custody.",
            registry=self.registry,
            buckets=_RECEIPT_SECONDS,
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def call_ended(self, method: str, code: str, seconds: float) -> None:
        """Count a call. Only methods that the host has come here."""
        self._calls.labels(method, code).inc()
        self._call_seconds.labels(method).observe(seconds)

    def receipts_came(self, delays: Iterable[float]) -> None:
        """Count first receipts by the seconds that they took."""
        for seconds in delays:
            self._receipts.observe(max(seconds, 0.0))

    def application(self) -> "web.Application":
        """The application that serves the metrics."""
        from aiohttp import web

        app = web.Application()
        app.add_routes([web.get("/metrics", self._page)])
        return app

    async def _page(self, _request: "web.Request") -> "web.Response":
        from aiohttp import web

        async with self._one:  # who asks twice at once must not read twice
            self._found = self._in_memory() | await self._in_database()
            text = generate_latest(self.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give what was read last."""
        for name, values in self._found.items():
            label = _LABELS.get(name)
            family = GaugeMetricFamily(name, HELP[name], labels=[label] if label else [])
            for of, value in values.items():
                family.add_metric([of] if label else [], value)
            yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the gauges without reading them: the registry asks when this is registered."""
        return (GaugeMetricFamily(name, said) for name, said in HELP.items())

    def _in_memory(self) -> Samples:
        shown = sorted(self._desk.parts.shown.items())
        return {
            # What the settings switched off is no trouble.
            "netral_part_works": {
                name: float(part.works) for name, part in shown if part.why != parts.STANDS_STILL
            },
            "netral_recovering": {"": float(self._recovers)},
            "netral_frozen_logs": {"": float(len(self._sequencer.frozen))},
        }

    async def _in_database(self) -> Samples:
        try:
            async with asyncio.timeout(_READ_SECONDS), self._desk.database.read() as connection:
                found = await _counted(connection, self._desk.parties, self._desk.now())
        except Exception as error:
            log.warning("metrics", error=type(error).__name__)
            return {"netral_database_up": {"": 0.0}}
        return {"netral_database_up": {"": 1.0}, **found}


async def _counted(connection: Connection, parties: Iterable[str], now: datetime) -> Samples:
    def age(since: datetime | None) -> float:
        return max((now - since).total_seconds(), 0.0) if since is not None else 0.0

    served = sorted(parties)
    outbox: dict[str, tuple[int, datetime | None]] = {"custody": (0, None), "outcome": (0, None)}
    delivery, sent = table(Delivery), table(Outbox)
    unsettled = (
        select(delivery.c.awaits, func.count().label("statements"), func.min(sent.c.created).label("oldest"))
        .join(sent, sent.c.id == delivery.c.id)
        .group_by(delivery.c.awaits)
    )
    for row in await connection.execute(unsettled):
        outbox[row.awaits] = row.statements, row.oldest
    inbox, stray = table(Inbox), table(ParkedBytes)
    parked = select(func.count()).where(inbox.c.party.in_(served), inbox.c.state == PARKED)
    pending, leaves, states = table(PendingLeaf), table(Leaf), table(CosignerState)
    waiting = select(func.min(leaves.c.time)).join(pending, pending.c.leaf_id == leaves.c.id)
    own = waiting.where(leaves.c.author == leaves.c.party)
    failing = select(func.count()).where(states.c.failing_since.is_not(None))
    return {
        "netral_outbox_statements": {awaits: float(count) for awaits, (count, _) in outbox.items()},
        "netral_outbox_oldest_seconds": {awaits: age(oldest) for awaits, (_, oldest) in outbox.items()},
        "netral_parked": {
            "statements": float(await connection.scalar(parked) or 0),
            "bytes": float(await connection.scalar(select(func.count()).select_from(stray)) or 0),
        },
        "netral_pending_leaves": {
            "": float(await connection.scalar(select(func.count()).select_from(pending)) or 0)
        },
        "netral_pending_oldest_seconds": {"": age(await connection.scalar(own))},
        "netral_unpublished_oldest_seconds": {"": age(await _oldest_unpublished(connection))},
        "netral_cosigners_failing": {"": float(await connection.scalar(failing) or 0)},
    }


async def _oldest_unpublished(connection: Connection) -> datetime | None:
    """Find when the oldest head was signed that is behind what peers published; of a log that has a published one."""
    heads, standing = table(SignedCheckpoint), table(CosigningStatus)
    behind = and_(heads.c.party == standing.c.party, heads.c.size > standing.c.published)
    found: datetime | None = await connection.scalar(
        select(func.min(heads.c.time)).select_from(standing.join(heads, behind))
    )
    return found
