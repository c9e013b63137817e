"""The inbox of a host: takes what NATS has for its parties, and acknowledges it once it has taken effect."""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog
from nats.aio.msg import Msg

from exchange import parts
from exchange.bus.connection import Bus
from exchange.context import HostContext
from exchange.delivery import verification
from exchange.delivery.inbox.handlers import Handlers
from exchange.delivery.inbox.process import park_failed, process_messages
from exchange.reconciliation import reports
from host.lifecycle.loops import plain
from host.services.exchange_api import SendReceipts
from storage import faults

log = structlog.get_logger("host.lifecycle.inbox")

_BATCH = 128
_LONGEST_REST_SECONDS = 3.0


class Inbox:
    """Takes messages in batches. What cannot be handled alone is parked; it waits where the database or NATS is away."""

    def __init__(self, desk: HostContext, bus: Bus, handlers: Handlers, send_receipts: SendReceipts) -> None:
        self._desk, self._bus = desk, bus
        self._handlers, self._send_receipts = handlers, send_receipts

    async def run(self) -> None:
        """Take what comes, until cancelled."""
        await self._bus.connect()
        failures = 0
        while True:
            puller = self._bus.puller()
            try:
                await puller.open()
                if gone := await self._bus.look():
                    raise LookupError(gone.value)
                while True:
                    messages = await puller.batch(_BATCH)
                    if messages:
                        await self._take_and_ack(messages)
                    self._desk.parts.worked(parts.INBOX)
                    failures = 0
            except asyncio.CancelledError:
                raise
            except Exception as error:
                failures += 1
                if failures in (1, 10, 100):  # it tries on, as often as it takes
                    log.warning("inbox", error=type(error).__name__, detail=plain(error), failures=failures)
                if not isinstance(error, LookupError):  # the bus knows of what is gone
                    self._desk.parts.failed(parts.INBOX)
                await asyncio.sleep(min(0.25 * 2 ** min(failures, 8), _LONGEST_REST_SECONDS))
            finally:
                with contextlib.suppress(Exception):
                    await puller.close()

    async def _take_and_ack(self, messages: Sequence[Msg]) -> None:
        try:
            await self._take([(message.subject, message.data) for message in messages])
        except Exception:
            for message in messages:
                await message.nak(delay=1)
            raise
        for message in messages:
            await message.ack()

    async def _take(self, messages: list[tuple[str, bytes]]) -> None:
        """Take a batch; if it fails, its items alone; what fails alone while the database works is parked.

        Raises whatever makes a database go away: then nothing happened, and the messages come again.
        """
        try:
            result = await process_messages(self._desk, self._handlers, messages, reports.compare)
        except Exception as error:
            if faults.is_passing(error):
                raise
            log.warning("batch", count=len(messages), error=type(error).__name__)
            items = [
                (subject, item) for subject, data in messages for item in verification.split(subject, data)
            ]
            if len(items) > 1:
                for item in items:
                    await self._take([item])
                return
            result = await park_failed(self._desk, *messages[0], error, reports.compare)
        await self._send_receipts(result)
