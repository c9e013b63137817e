"""What runs beside a desk for its disclosures: the policy, the fetching, and the clearing away of what broke off."""

import asyncio
from datetime import timedelta

from disclosure import fetching, policy
from disclosure.shelf import Shelf
from exchange.host import Loop
from exchange.transaction import Desk

_KEPT = timedelta(days=7)


async def tidy_once(desk: Desk) -> int:
    """Drop what began to come and was not gone on with for a week."""
    return await asyncio.to_thread(Shelf.of(desk.settings).tidy, _KEPT.total_seconds())


LOOPS = (policy.LOOP, fetching.LOOP, Loop("disclosure-tidy", tidy_once, 3600.0))
