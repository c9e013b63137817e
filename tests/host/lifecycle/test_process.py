"""A desk stops, whatever its loops are at."""

import asyncio

from host.lifecycle import loops
from support.waiting import HANGS


async def test_a_loop_that_loses_a_cancellation_is_ended_all_the_same() -> None:
    lost = asyncio.Event()

    async def deaf_once() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            lost.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)

    async with asyncio.timeout(HANGS):
        await loops.end([task])

    assert lost.is_set()
    assert task.cancelled()
