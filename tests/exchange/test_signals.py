"""A loop is woken by what happens, and not more often than its pace allows.

A busy machine wakes late, never early: a loop that must wake is given many times the time it needs, still less than the look that it
would take by itself.
"""

import asyncio
import time

from exchange.signals import LOOK_SECONDS, Signal, Wake

LATE = LOOK_SECONDS * 2 / 3


async def waits(wake: Wake) -> float:
    """Seconds that it sleeps now."""
    started = time.monotonic()
    async with asyncio.timeout(LATE):
        await wake.wait()
    return time.monotonic() - started


async def sleeps(wake: Wake) -> bool:
    """True if it does not wake for a moment."""
    try:
        async with asyncio.timeout(0.3):
            await wake.wait()
    except TimeoutError:
        return True
    return False


async def test_a_loop_looks_at_once_when_it_starts_and_then_sleeps() -> None:
    wake = Wake()

    await waits(wake)
    assert await sleeps(wake)


async def test_a_loop_looks_by_itself_after_a_while() -> None:
    wake = Wake(look=0.2)
    await wake.wait()

    assert await waits(wake) > 0.1


async def test_a_signal_during_a_look_is_not_lost() -> None:
    wake, signal = Wake(), Signal()
    signal.wakes(wake)
    await wake.wait()

    signal.set()

    await waits(wake)


async def test_a_signal_wakes_every_loop_that_waits_for_it() -> None:
    wakes, signal = (Wake(), Wake()), Signal()
    for wake in wakes:
        signal.wakes(wake)
        await wake.wait()
    sleeping = [asyncio.create_task(waits(wake)) for wake in wakes]
    await asyncio.sleep(0)  # both begin to wait

    signal.set()

    await asyncio.gather(*sleeping)


async def test_a_busy_loop_keeps_its_pace_and_still_looks_after_the_last_signal() -> None:
    wake, signal = Wake(pace=0.2), Signal()
    signal.wakes(wake)
    started = time.monotonic()
    await wake.wait()

    signal.set()
    signal.set()

    await waits(wake)
    assert time.monotonic() - started > 0.2
    assert await sleeps(wake)


async def test_a_loop_with_work_left_over_goes_on_whatever_its_pace() -> None:
    wake = Wake(pace=LOOK_SECONDS)
    await wake.wait()

    wake.again()

    await waits(wake)


async def test_the_earliest_time_that_a_loop_was_told_is_the_one_it_keeps() -> None:
    wake = Wake()
    await wake.wait()

    wake.within(0.2)
    wake.within(LATE + 5)

    assert await waits(wake) > 0.1
