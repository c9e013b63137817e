"""Carries orders out: stops at a hold, destroys the key, renews the wrapping key, deletes what the key opened, says so.

The order of things is what makes it safe to die anywhere: it is *begun* in the trail, then the key goes, then the files, then
everything that had the wrapped key is made useless, and only then is it said that the data are erased. Each step can be done
again.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import structlog

from erasure import handlers, reads, store
from erasure.domain.orders import State
from erasure.wire import KIND_SERVICE, Record
from exchange import commands
from exchange.commands import Command
from exchange.host import Loop
from exchange.refusals import Refusal, WrongState
from exchange.transaction import Actor, Desk, Transaction

log = structlog.get_logger("erasure.carrying")

ACTOR = Actor(KIND_SERVICE, "erasure", "service")

Remove = Callable[[Desk, str, str], Awaitable[int]]
"""Removes the files that a desk keeps on a party's matter; gives how many. Repeatable."""


async def carry_once(desk: Desk, remove: Sequence[Remove] = ()) -> int:
    """Go on with every order of this host; how many were carried out or stopped."""
    rows = await reads.open_orders(desk.database, desk.parties)
    done, ready = 0, []
    for row in rows:
        if row.state == State.BEGUN or await _begun(desk, row):
            ready.append(row)
        elif row.state == State.ORDERED:
            await _run(desk, row, "hold", partial(handlers.stop, matter=row.id))
            done += 1
    if not ready:
        return done
    had = {(row.party, row.id): await desk.vault.destroy((row.party, row.id)) for row in ready}
    removed = {
        (row.party, row.id): sum([await each(desk, row.party, row.id) for each in remove]) for row in ready
    }
    if desk.vault.keys_file is not None:
        await desk.vault.renew()
    for row in ready:
        await _finish(desk, row, removed[row.party, row.id], had_key=had[row.party, row.id])
    await desk.database.scrub()
    return done + len(ready)


async def _begun(desk: Desk, row: Any) -> bool:
    """Whether nothing stops it; then that is in the trail, and nothing can."""
    async with desk.database.glance() as connection:
        held = await reads.stopping(connection, row.party, row.id)
    if held:
        return False
    try:
        await _run(desk, row, "begin", partial(handlers.begin, matter=row.id))
    except WrongState:  # a hold came just now
        return False
    return True


async def _finish(desk: Desk, row: Any, documents: int, *, had_key: bool) -> None:
    emptied = await reads.sources(desk.database, row.party, row.id)
    act = partial(handlers.finish, matter=row.id, emptied=emptied, documents=documents, had_key=had_key)
    await _run(desk, row, "finish", act)
    log.info("erased", party=row.party, matter=row.id, order=row.order, parts=len(emptied), files=documents)


async def _run(desk: Desk, row: Any, act: str, handler: Callable[[Transaction], Record]) -> None:
    """An act of the service, once for good."""
    content = f"erasure {act}\n{row.party} {row.id} {row.order}"
    keys = [
        store.erasure_key(row.party, row.id),
        store.holds_key(row.party, row.id),
        store.holds_key(row.party, ""),
        store.dealings_key(row.party, row.id),
    ]
    id = str(uuid5(NAMESPACE_URL, f"netral {content}"))
    command = Command(row.party, ACTOR, id, content.encode(), keys, handler)
    (answer,) = await commands.commit(desk, [command])
    if isinstance(answer, Refusal):
        raise answer


def loop(*remove: Remove) -> Loop:
    """The loop of a host whose rooms keep files that `remove` takes away."""
    return Loop("erasure", partial(carry_once, remove=remove), 1.0)
