"""Metrics of a host over HTTP, `/metrics` in Prometheus' format: on a port of its own, since whoever may read them may read nothing else.

Calls and receipts are counted as they happen; all else is read from memory and by a few queries on indexes when somebody
asks, so that rest costs nothing. Labels are names of calls, codes, parts and kinds: no party, no person, no matter.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from sqlalchemy import and_, func, select

from audit.sequencing.sequencer import Sequencer
from audit.tables import CosignerState, CosigningStatus, Leaf, PendingLeaf, SignedCheckpoint
from exchange import parts
from exchange.context import HostContext
from exchange.statements.receipts import PARKED
from exchange.tables import Delivery, Inbox, Outbox, ParkedBytes
from host.services.counts import Counts, Durations
from storage.protocols import Connection
from storage.types import table

log = structlog.get_logger("host.services.metrics")

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

    def __init__(
        self, desk: HostContext, sequencer: Sequencer, counts: Counts, recovers: bool = False
    ) -> None:
        self._desk, self._sequencer, self._recovers = desk, sequencer, recovers
        self._found: Samples = {}
        self._one = asyncio.Lock()
        self._counts = counts
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def application(self) -> web.Application:
        """The application that serves the metrics."""
        app = web.Application()
        app.add_routes([web.get("/metrics", self._page)])
        return app

    async def _page(self, _request: web.Request) -> web.Response:
        async with self._one:  # who asks twice at once must not read twice
            self._found = self._in_memory() | await self._in_database()
            text = generate_latest(self.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def collect(self) -> Iterator[Metric]:
        """Give what was counted, and what was read last."""
        yield from self._counted()
        for name, values in self._found.items():
            label = _LABELS.get(name)
            family = GaugeMetricFamily(name, HELP[name], labels=[label] if label else [])
            for of, value in values.items():
                family.add_metric([of] if label else [], value)
            yield family

    def describe(self) -> Iterator[Metric]:
        """Name what there is without reading it: the registry asks when this is registered."""
        yield from self._counted()
        yield from (GaugeMetricFamily(name, said) for name, said in HELP.items())

    def _counted(self) -> Iterator[Metric]:
        calls = CounterMetricFamily(
            "netral_calls", "Calls that ended, by method and code.", labels=("method", "code")
        )
        for (method, code), count in list(self._counts.calls.items()):
            calls.add_metric([method, code], count)
        yield calls
        seconds = HistogramMetricFamily("netral_call_seconds", "Duration of calls.", labels=("method",))
        for method, durations in list(self._counts.call_seconds.items()):
            seconds.add_metric([method], *_buckets(durations))
        yield seconds
        receipts = HistogramMetricFamily(
            "netral_receipt_seconds", "From making a statement to keeping its recipient's receipt of custody."
        )
        receipts.add_metric([], *_buckets(self._counts.receipt_seconds))
        yield receipts

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


def _buckets(durations: Durations) -> tuple[list[tuple[str, float]], float]:
    """Durations as a histogram takes them: of each bound, how many were no longer; and their sum."""
    bounds = [*map(floatToGoString, durations.bounds), "+Inf"]
    return list(zip(bounds, accumulate(durations.counts), strict=True)), durations.sum


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
