"""The connection to NATS JetStream: publish with a deadline, and know why nothing gets through if nothing does.

Publishing waits for the stream's ack with a time-out per call (nats-py's `publish_async` futures can hang for good after a
server crash). Pulling is in `exchange.bus.pulling`.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypedDict
from uuid import uuid4

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import AuthorizationError, NoRespondersError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError

from exchange.bus import subjects
from exchange.bus.pulling import Puller
from exchange.signals import Signal

log = structlog.get_logger("exchange.bus.connection")

_PUBLISH_SECONDS = 5.0
_STATUS = "netral-status"
_CONTENT_TYPE = "content-type"
# It pings well within the five minutes after which address translators forget a connection at rest.
_PING_SECONDS = 5
_SAME_ERROR_SECONDS = 30.0
"""The same error is not logged again for so long: while the server is away there are several in a second."""
_REFUSED_SECONDS = 60.0
"""What is refused is tried again within seconds; what was refused longer ago is not tried any more."""
_NOT_LET_IN = "authorization violation"
_NO_CONSUMER, _NO_STREAM = 10014, 10059
"""Error codes of JetStream."""


class Trouble(StrEnum):
    """A reason why messages do not get through."""

    AWAY = "NATS_AWAY"
    NOT_LET_IN = "NATS_REFUSES_USER"
    STREAM_GONE = "STREAM_GONE"
    CONSUMER_GONE = "CONSUMER_GONE"
    REFUSED = "STREAM_REFUSES"


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


class _ConsumerInfo(TypedDict, total=False):
    """Answer of the server for a consumer: its error, or what it has not delivered and what has no acknowledgement yet."""

    error: Mapping[str, int]
    num_pending: int
    num_ack_pending: int


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
        self._away_since = time.monotonic()
        self._let_in, self._closing = True, False
        self._gone: Trouble | None = None
        self._refused: dict[str, float] = {}
        self._logged: dict[str, float] = {}

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    @property
    def trouble(self) -> Trouble | None:
        """The reason why nothing gets through in either direction, as far as is known."""
        if not self.connected:
            return Trouble.AWAY if self._let_in else Trouble.NOT_LET_IN
        return self._gone if self._gone is Trouble.STREAM_GONE else None

    @property
    def trouble_receiving(self) -> Trouble | None:
        return self.trouble or self._gone

    @property
    def trouble_sending(self) -> Trouble | None:
        since = time.monotonic() - _REFUSED_SECONDS
        refused = any(at > since for at in self._refused.values())
        return self.trouble or (Trouble.REFUSED if refused else None)

    async def connect(self) -> None:
        """Connect, trying until it works; later interruptions mend themselves."""
        while True:
            try:
                await self._connect()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self._note(error)
                await asyncio.sleep(0.5)
            else:
                return

    async def _connect(self) -> None:
        password = self._access.password_file.read_text().strip() if self._access.password_file else None

        async def noted(error: Exception) -> None:
            self._note(error)

        async def reconnected() -> None:
            self._came("reconnected")
            # The server forgets open requests with the connection; a heartbeat would be missed only later.
            if self._puller is not None:
                self._puller.ask_again()

        async def disconnected() -> None:
            self._away_since = time.monotonic()
            if not self._closing:
                log.warning("disconnected", host=self._host, of="NATS")
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
            ping_interval=_PING_SECONDS,
            max_outstanding_pings=2,
            error_cb=noted,
            reconnected_cb=reconnected,
            disconnected_cb=disconnected,
        )
        await client.subscribe(subjects.answers(self._host), cb=self._answered)
        for party, answer in self._request_handlers.items():
            await self._subscribe(client, party, answer)
        self._client, self._js = client, client.jetstream(timeout=_PUBLISH_SECONDS)
        self._came("connected")

    def _came(self, how: str) -> None:
        away = round(time.monotonic() - self._away_since, 1)
        log.info(how, host=self._host, to="NATS", away_seconds=away)
        self._let_in = True
        self._logged.clear()
        self.changed.set()

    def _note(self, error: Exception) -> None:
        """Log an error of the connection, the same one once in a while only."""
        # While it connects, nats-py raises no class of its own for this.
        let_in = not (isinstance(error, AuthorizationError) or _NOT_LET_IN in str(error).lower())
        if let_in is not self._let_in:
            self._let_in = let_in
            self.changed.set()
        name, now = type(error).__name__, time.monotonic()
        if now - self._logged.get(name, -_SAME_ERROR_SECONDS) >= _SAME_ERROR_SECONDS:
            self._logged[name] = now
            log.warning("bus", error=name, detail=str(error)[:200])

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
        to = str(subject)
        try:
            await self._js.publish(
                to, data, stream=subjects.STREAM, headers=dict(headers), timeout=_PUBLISH_SECONDS
            )
        except NoStreamResponseError:
            self._is_gone(Trouble.STREAM_GONE)
            raise
        except APIError:
            self._refused[to] = time.monotonic()
            self.changed.set()
            raise
        if self._gone is Trouble.STREAM_GONE:
            await self.look()
        if self._refused.pop(to, None) is not None:
            self.changed.set()

    async def waiting(self) -> int:
        """Count what the stream has for this host's parties and they have not taken yet.

        Raises:
            ConnectionError: there is no connection now, or no consumer.
            TimeoutError: no answer.
        """
        if not self.connected:
            raise ConnectionError("not connected to NATS")
        answer = await self._consumer_info()
        if "error" in answer:
            raise ConnectionError("there is no consumer")
        return int(answer["num_pending"]) + int(answer["num_ack_pending"])

    async def _consumer_info(self) -> _ConsumerInfo:
        subject = f"$JS.API.CONSUMER.INFO.{subjects.STREAM}.{subjects.consumer(self._host)}"
        found: _ConsumerInfo = json.loads(
            (await self._client.request(subject, b"", timeout=_PUBLISH_SECONDS)).data
        )
        return found

    async def look(self) -> Trouble | None:
        """Ask the server for the host's consumer; says what is gone, and notes it. No answer: all is as it was.

        Raises:
            ConnectionError: there is no connection now.
        """
        if not self.connected:
            raise ConnectionError("not connected to NATS")
        try:
            answer = await self._consumer_info()
        except NoRespondersError:  # JetStream is off
            self._is_gone(Trouble.STREAM_GONE)
        except NatsTimeout:
            pass
        else:
            code = answer.get("error", {}).get("err_code", 0)
            self._is_gone({_NO_STREAM: Trouble.STREAM_GONE, _NO_CONSUMER: Trouble.CONSUMER_GONE}.get(code))
        return self._gone

    def _is_gone(self, found: Trouble | None) -> None:
        if found is self._gone:
            return
        if found is None:
            log.info("stream and consumer are there again", host=self._host)
        else:
            todo = "provision again as the administrator: deploy/README.md, In production, step 3"
            log.error("gone", host=self._host, why=found.value, todo=todo)
        self._gone = found
        self.changed.set()

    async def close(self) -> None:
        self._closing = True
        if not self._client.is_closed and self._js is not None:
            await self._client.close()

    def puller(self) -> Puller:
        self._puller = Puller(self._client, self._host)
        return self._puller
