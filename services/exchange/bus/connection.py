"""The connection to NATS JetStream: publish with a deadline, pull without stalls.

Publishing waits for the stream's ack with a time-out per call (nats-py's `publish_async` futures can hang for good after a
server crash). Pulling keeps one request open on a private inbox and asks for more as messages come, as ADR-37 advises;
nats-py's own `fetch` holds the first message back until a whole batch or its time-out.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from exchange.bus import subjects
from exchange.signals import Signal

log = structlog.get_logger("exchange.bus.connection")

_PUBLISH_SECONDS = 5.0
_PULL_MESSAGES = 256
_PULL_SECONDS = 60.0
_HEARTBEAT_SECONDS = 5.0
_STATUS = "netral-status"
_CONTENT_TYPE = "content-type"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request, with a status and a type as HTTP has them."""

    status: int
    data: bytes
    content_type: str = "text/plain; charset=utf-8"


RequestHandler = Callable[[bytes], Awaitable[Reply]]
"""Answers the data of a request."""


@dataclass(frozen=True, slots=True)
class Access:
    """Access to NATS: where it is and as whom to connect."""

    url: str
    user: str
    password_file: Path | None


class Bus:
    """One host's connection. It reconnects for ever."""

    def __init__(self, access: Access, host: str) -> None:
        self._access = access
        self._host = host
        # The connection came or went.
        self.changed = Signal()
        self._client = Client()
        self._js: JetStreamContext | None = None
        self._puller: Puller | None = None
        self._request_handlers: dict[str, RequestHandler] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self._asked: dict[str, asyncio.Future[Msg]] = {}

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    async def connect(self) -> None:
        """Connect, trying until it works; later interruptions mend themselves."""
        while True:
            try:
                await self._connect()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("no connection", error=type(error).__name__)
                await asyncio.sleep(0.5)
            else:
                return

    async def _connect(self) -> None:
        password = self._access.password_file.read_text().strip() if self._access.password_file else None

        async def noted(error: Exception) -> None:
            log.warning("bus", error=type(error).__name__, detail=str(error)[:200])

        async def reconnected() -> None:
            # The server forgets open requests with the connection; a heartbeat would be missed only later.
            if self._puller is not None:
                self._puller.ask_again()
            self.changed.set()

        async def disconnected() -> None:
            self.changed.set()

        client = await nats.connect(
            self._access.url,
            name=self._host,
            user=self._access.user or None,
            password=password,
            inbox_prefix=subjects.inbox_prefix(self._host).encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,
            connect_timeout=3,
            ping_interval=5,
            max_outstanding_pings=2,
            error_cb=noted,
            reconnected_cb=reconnected,
            disconnected_cb=disconnected,
        )
        await client.subscribe(subjects.answers(self._host), cb=self._answered)
        for party, answer in self._request_handlers.items():
            await self._subscribe(client, party, answer)
        self._client, self._js = client, client.jetstream(timeout=_PUBLISH_SECONDS)
        self.changed.set()

    def answer(self, party: str, answer: RequestHandler) -> None:
        """Answer requests to the witness of a party, from the next `connect` on; many may be under way at once."""
        self._request_handlers[party] = answer

    async def _subscribe(self, client: Client, party: str, answer: RequestHandler) -> None:
        async def reply(message: Msg) -> None:
            given = await answer(message.data)
            headers = {_STATUS: str(given.status), _CONTENT_TYPE: given.content_type}
            await client.publish(message.reply, given.data, headers=headers)

        async def arrived(message: Msg) -> None:
            # Without a task of its own each request would wait for the answer to the one before.
            if subjects.is_answer_of(party, message.reply):
                task = asyncio.create_task(reply(message))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)

        await client.subscribe(subjects.to_witness(party), cb=arrived)

    async def _answered(self, message: Msg) -> None:
        future = self._asked.pop(message.subject, None)
        if future is not None and not future.done():
            future.set_result(message)

    async def request(self, subject: subjects.Subject, data: bytes, timeout: float) -> Reply:
        """Ask the witness of a party.

        Raises:
            ConnectionError: there is no connection now, or nobody answers there.
            TimeoutError: no answer within `timeout` seconds.
        """
        if self._js is None or not self._client.is_connected:
            raise ConnectionError("not connected to NATS")
        where = subjects.answer(subject.recipient, self._host, uuid4().hex)
        future: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._asked[where] = future
        try:
            async with asyncio.timeout(timeout):
                await self._client.publish(str(subject), data, reply=where)
                found = await future
        finally:
            self._asked.pop(where, None)
        headers = found.headers or {}
        if headers.get("Status") == "503":
            raise ConnectionError("nobody answers there")
        status = headers.get(_STATUS, "")
        if not (status.isascii() and status.isdecimal()):
            raise ConnectionError("an answer without a status")
        return Reply(int(status), found.data, headers.get(_CONTENT_TYPE, ""))

    async def publish(self, subject: subjects.Subject, data: bytes, headers: dict[str, str]) -> None:
        """Publish and wait for the stream's ack. A duplicate is a success: its id is bound to its content.

        Raises:
            ConnectionError: there is no connection now.
            Exception: of nats-py: time-out, no stream, maximum bytes reached.
        """
        if self._js is None or not self._client.is_connected:
            raise ConnectionError("not connected to NATS")
        await self._js.publish(
            str(subject), data, stream=subjects.STREAM, headers=dict(headers), timeout=_PUBLISH_SECONDS
        )

    async def close(self) -> None:
        if not self._client.is_closed and self._js is not None:
            await self._client.close()

    def puller(self) -> "Puller":
        self._puller = Puller(self._client, self._host)
        return self._puller


class Puller:
    """Pulls messages of the host's durable consumer; one request is open at any time."""

    def __init__(self, client: Client, host: str) -> None:
        self._client = client
        self._request_to = f"$JS.API.CONSUMER.MSG.NEXT.{subjects.STREAM}.{subjects.consumer(host)}"
        self._inbox = client.new_inbox()
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._due = 0
        # Kept, since asyncio forgets a task that nobody holds.
        self._asking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        async def arrived(message: Msg) -> None:
            self._arrived.put_nowait(message)

        self._subscription = await self._client.subscribe(self._inbox, cb=arrived)

    async def close(self) -> None:
        if self._client.is_connected:
            await self._subscription.unsubscribe()

    def ask_again(self) -> None:
        """The open request was lost; ends a waiting `batch`, so that the next one asks."""
        self._due = 0
        self._arrived.put_nowait(None)

    async def batch(self, most: int) -> Sequence[Msg]:
        """At least one message, or none after a silence; then whatever else is here already.

        Raises:
            LookupError: the consumer is gone or the request was refused; open a new puller.
        """
        if self._due <= _PULL_MESSAGES // 2:
            await self._ask()
        messages: list[Msg] = []
        try:
            async with asyncio.timeout(_HEARTBEAT_SECONDS * 2.5):
                while not messages:
                    message = await self._arrived.get()
                    if message is None:
                        return []
                    self._take(message, messages)
        except TimeoutError:
            # Not even a heartbeat: the request was lost, by a restart of the server for example.
            self._due = 0
            return []
        while len(messages) < most and not self._arrived.empty():
            message = self._arrived.get_nowait()
            if message is not None:
                self._take(message, messages)
        return messages

    def _take(self, message: Msg, messages: list[Msg]) -> None:
        status = (message.headers or {}).get("Status") if not message.data else None
        if status is None:
            self._due -= 1
            messages.append(message)
        elif status in ("404", "408"):
            self._due = 0
            if not messages:  # `batch` waits already: it asks only before it waits
                self._asking = asyncio.create_task(self._ask())
        elif status != "100":
            raise LookupError(f"pull refused: {status} {(message.headers or {}).get('Description', '')}")

    async def _ask(self) -> None:
        want = _PULL_MESSAGES - self._due
        request = {
            "batch": want,
            "expires": int(_PULL_SECONDS * 1e9),
            "idle_heartbeat": int(_HEARTBEAT_SECONDS * 1e9),
        }
        self._due += want
        await self._client.publish(self._request_to, json.dumps(request).encode(), reply=self._inbox)
