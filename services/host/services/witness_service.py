"""A host's trail among others: serves its logs and witnesses, asks for cosignatures, watches that its peers' logs grow.

A request to a witness is the same bytes over HTTP (C2SP tlog-witness) and over NATS request-reply; a party of the exchange is
asked over NATS, a guest by its URL. Sending, receiving and settling wait for nothing here.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeout

from audit.http_server import Server
from audit.witnessing import status
from audit.witnessing.collector import Answered, CosignatureCollector, PollingPolicy
from audit.witnessing.quorum import Cosigner
from audit.witnessing.store import Witnesses, keep
from exchange import witness_config
from exchange.bus import subjects
from exchange.bus.connection import Bus, Reply, RequestHandler
from exchange.context import HostContext
from exchange.reconciliation import holdings
from exchange.reconciliation.holdings import BadHoldings

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from aiohttp.web import Application

_ASK_SECONDS = 5.0
_MAX_ANSWER_BYTES = 512 * 1024


class WitnessService:
    """State that a host's loops and its HTTP server share."""

    def __init__(self, desk: HostContext, bus: Bus) -> None:
        settings = desk.settings
        self._desk, self._bus = desk, bus
        self._session: ClientSession | None = None
        signing = {} if settings.read_only else desk.keys
        self.witnesses = Witnesses(
            desk.database,
            {party: witness_config.cosigning_keys(party, keys) for party, keys in signing.items()},
            lambda party, origin: desk.watching.trusted(party, origin, desk.now()),
            desk.now,
        )
        pace = PollingPolicy(crowd=settings.witness_crowd_seconds, silent=settings.witness_silent_seconds)
        self.cosigning = CosignatureCollector(
            desk.database, desk.parties, desk.watching.cosigners_of, self._ask, desk.now, pace
        )
        self._looked_until: datetime | None = None
        self.http = Server(self._application, settings.http_listen) if settings.http_listen else None
        for party in self.witnesses.parties:
            bus.answer(party, self._request_handler(party))

    def _application(self) -> "Application":
        from audit import http_api  # with its library, for the first caller

        return http_api.application(self._desk.database, self._desk.parties, self.witnesses)

    async def start(self) -> None:
        """Listen over HTTP; over NATS it answers from the bus's connection on."""
        if self.http is not None:
            await self.http.start()

    async def stop(self) -> None:
        if self.http is not None:
            await self.http.stop()
        if self._session is not None:
            await self._session.close()

    def on_new_checkpoints(self, parties: Iterable[str]) -> None:
        """These logs have a new checkpoint."""
        fresh = set(parties)
        if fresh:
            self.cosigning.on_new_checkpoints(fresh)
            self._desk.new_heads.set()

    async def collect_cosignatures(self) -> int:
        """One round of asking for cosignatures; none while this host itself is cut off: that is nobody's silence."""
        return await self.cosigning.run_once() if self._bus.connected else 0

    def collection_due(self) -> datetime | None:
        """When to collect next; None while this host is cut off."""
        return self.cosigning.due if self._bus.connected else None

    async def find_stalled_logs(self) -> int:
        """Look for logs that stand still though their parties signed something; gives how many do.

        Looks at what was signed since the last look, and at an hour after a start.
        """
        patience = timedelta(seconds=self._desk.settings.witness_stalled_seconds)
        now = self._desk.now()
        until = now - patience
        since = self._looked_until or until - timedelta(hours=1)
        async with self._desk.database.read() as connection:
            found = await status.stalled(connection, self._desk.parties, since, until)
        if found:
            async with self._desk.database.write() as connection:
                await keep(connection, found, now)
        self._looked_until = until
        return len(found)

    def _request_handler(self, party: str) -> RequestHandler:
        async def answer(data: bytes) -> Reply:
            if holdings.is_ask(data):
                return await answer_holdings(self._desk, self._bus, party, data)
            given = await self.witnesses.add_checkpoint(party, data)
            return Reply(given.status, given.body.encode(), given.content_type)

        return answer

    async def _ask(self, log: str, cosigner: Cosigner, body: bytes) -> Answered:
        if cosigner.party:
            subject = subjects.Subject(log, cosigner.party, subjects.WITNESS)
            reply = await self._bus.request(subject, body, _ASK_SECONDS)
            return Answered(reply.status, reply.data.decode(errors="replace"))
        return await self._post(f"{cosigner.url}/add-checkpoint", body)

    async def _post(self, url: str, body: bytes) -> Answered:
        import aiohttp  # for guests only

        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ASK_SECONDS))
        try:
            async with self._session.post(url, data=body, allow_redirects=False) as response:
                content = await response.content.read(_MAX_ANSWER_BYTES)
                return Answered(response.status, content.decode(errors="replace"))
        except aiohttp.ClientError as error:
            raise ConnectionError(type(error).__name__) from None


async def answer_holdings(desk: HostContext, bus: Bus, party: str, data: bytes) -> Reply:
    """Answer a peer that recovers, and asks what a party of this host holds of it.

    Not while something waits in the stream: it may be from the peer, whose backup knows nothing of it.
    """
    try:
        if count := await bus.waiting():
            return Reply(503, f"{count} messages wait here; ask again\n".encode())
    except (ConnectionError, TimeoutError, NatsTimeout, NoRespondersError):
        return Reply(503, b"the stream does not answer; ask again\n")
    try:
        return Reply(200, await holdings.answer(desk, party, data), "application/octet-stream")
    except BadHoldings as error:
        return Reply(403, f"{error}\n".encode())
