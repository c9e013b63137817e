"""Loops beside a desk for its disclosures: the policy, the fetching, and the clearing away of what broke off."""

import asyncio
from datetime import timedelta

from cooperation.disclosure import automatic_decisions
from cooperation.disclosure.documents.store import DocumentStore
from cooperation.disclosure.transfer import client
from exchange.context import HostContext
from host.loops import Loop

_KEPT = timedelta(days=7)


async def tidy_once(desk: HostContext) -> int:
    """Drop what began to come and was not gone on with for a week."""
    return await asyncio.to_thread(DocumentStore.of(desk.settings).tidy, _KEPT.total_seconds())


LOOPS = (automatic_decisions.LOOP, client.LOOP, Loop("disclosure-tidy", tidy_once, pace=3600.0, look=3600.0))
