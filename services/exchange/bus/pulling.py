"""Pulling from the host's durable consumer without stalls.

One request is open at any time on a private inbox, and asks for more as messages come, as ADR-37 advises; nats-py's own `fetch`
holds the first message back until a whole batch or its time-out.
"""

import asyncio
import json
from collections.abc import Sequence

from nats.aio.client import Client
from nats.aio.msg import Msg

from exchange.bus import subjects

_PULL_MESSAGES = 256
_PULL_SECONDS = 60.0
_HEARTBEAT_SECONDS = 5.0


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
        """At least one message and whatever else is here already, or none after a heartbeat: nothing came for a while.

        Raises:
            LookupError: the consumer is gone, the request was refused or the server is silent; open a new puller.
        """
        if self._due <= _PULL_MESSAGES // 2:
            await self._ask()
        messages: list[Msg] = []
        try:
            async with asyncio.timeout(_HEARTBEAT_SECONDS * 2.5):
                while not messages:
                    message = await self._arrived.get()
                    if message is None or _is_heartbeat(message):
                        return []
                    self._take(message, messages)
        except TimeoutError:
            # Not even a heartbeat: the request was lost, by a restart of the server for example.
            self._due = 0
            if self._client.is_connected:
                raise LookupError("the server is silent") from None
            return []
        while len(messages) < most and not self._arrived.empty():
            message = self._arrived.get_nowait()
            if message is not None:
                self._take(message, messages)
        return messages

    def _take(self, message: Msg, messages: list[Msg]) -> None:
        status = _status(message)
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


def _status(message: Msg) -> str | None:
    """The status of a message of the server itself; None of a message from somebody."""
    return (message.headers or {}).get("Status") if not message.data else None


def _is_heartbeat(message: Msg) -> bool:
    return _status(message) == "100"
