"""A loop is woken by what happens, and not more often than its pace allows."""

import asyncio
import time

from exchange.signals import Signal, Wake


async def waits(wake: Wake) -> float:
    """How many seconds it sleeps now; 1 if longer than half a second."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(0.5):
            await wake.wait()
    except TimeoutError:
        return 1.0
    return time.monotonic() - started


async def test_a_loop_looks_at_once_when_it_starts_and_then_sleeps() -> None:
    wake = Wake()

    assert await waits(wake) < 0.1
    assert await waits(wake) == 1.0


async def test_a_loop_looks_by_itself_after_a_while() -> None:
    wake = Wake(look=0.2)
    await wake.wait()

    assert 0.1 < await waits(wake) < 0.5


async def test_a_signal_during_a_look_is_not_lost() -> None:
    wake, signal = Wake(), Signal()
    signal.wakes(wake)
    await wake.wait()

    signal.set()

    assert await waits(wake) < 0.1


async def test_a_signal_wakes_every_loop_that_waits_for_it() -> None:
    wakes, signal = (Wake(), Wake()), Signal()
    for wake in wakes:
        signal.wakes(wake)
        await wake.wait()
    sleeping = [asyncio.create_task(waits(wake)) for wake in wakes]
    await asyncio.sleep(0.01)

    signal.set()

    assert max(await asyncio.gather(*sleeping)) < 0.2


async def test_a_busy_loop_keeps_its_pace_and_still_looks_after_the_last_signal() -> None:
    wake, signal = Wake(pace=0.2), Signal()
    signal.wakes(wake)
    await wake.wait()

    signal.set()
    signal.set()

    assert 0.1 < await waits(wake) < 0.5
    assert await waits(wake) == 1.0


async def test_a_loop_with_work_left_over_goes_on_whatever_its_pace() -> None:
    wake = Wake(pace=30)
    await wake.wait()

    wake.again()

    assert await waits(wake) < 0.1


async def test_the_earliest_time_that_a_loop_was_told_is_the_one_it_keeps() -> None:
    wake = Wake()
    await wake.wait()

    wake.within(0.2)
    wake.within(20)

    assert 0.1 < await waits(wake) < 0.5
