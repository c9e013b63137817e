"""Carries orders out: stops at a hold, destroys the key, renews the wrapping key, deletes what the key opened, says so.

The order of things is what makes it safe to die anywhere: it is *begun* in the trail, then the key goes, then the files, then
everything that had the wrapped key is made useless, and only then is it said that the data are erased. Each step can be done
again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import NAMESPACE_URL, uuid5

import structlog

from cooperation.erasure import commands, reads, tables
from cooperation.erasure.domain.orders import State
from cooperation.erasure.tables import DEALINGS, ERASURES
from cooperation.erasure.wire import KIND_SERVICE
from exchange.context import Actor, HostContext
from exchange.delivery.commands import Command, commit
from exchange.delivery.transaction import Transaction
from host.lifecycle.loops import Loop, on_commit
from netral.exchange.v1.record_pb2 import Record
from refusals import Refusal, WrongState
from storage.protocols import Connection
from storage.types import FoundRow

log = structlog.get_logger("cooperation.erasure.executor")

ACTOR = Actor(KIND_SERVICE, "erasure", "service")

DeleteFiles = Callable[[HostContext, str, str], Awaitable[int]]
"""Removes the files that a desk keeps on a party's matter; gives how many. Repeatable."""


Origins = Callable[[Connection, str, str], Awaitable[list[tuple[str, list[str]]]]]
"""What a party's matters of a case came of (an intake), each with the matters that did. When all of them are erased, so is it."""


async def execute_orders(
    desk: HostContext, remove: Sequence[DeleteFiles] = (), origins: Origins | None = None
) -> int:
    """Go on with every order of this host; how many were carried out or stopped."""
    rows = await reads.open_orders(desk.database, desk.parties)
    done, ready = 0, []
    for row in rows:
        if row.state == State.BEGUN or await _begun(desk, row):
            ready.append(row)
        elif row.state == State.ORDERED:
            await _run(desk, row, "hold", partial(commands.stop, matter=row.id))
            done += 1
    if not ready:
        return done
    gone = [await _destroy(desk, row, remove, origins) for row in ready]
    if desk.vault.keys_file is not None:
        await desk.vault.renew()
    for row, lost in zip(ready, gone, strict=True):
        await _finish(desk, row, lost)
    await desk.database.empty_write_ahead_log()
    return done + len(ready)


@dataclass(frozen=True, slots=True)
class _Lost:
    """Loss by an order: the key of the matter, of what it came of (by id), and so many files."""

    had_key: bool
    origins: list[str]
    documents: int


async def _destroy(
    desk: HostContext, row: FoundRow, remove: Sequence[DeleteFiles], origins: Origins | None
) -> _Lost:
    had_key = await desk.vault.destroy((row.party, row.id))
    also = [] if origins is None or not row.case_id else await _emptied_origins(desk, row, origins)
    for id in also:
        await desk.vault.destroy((row.party, id))
    documents = [await each(desk, row.party, id) for id in (row.id, *also) for each in remove]
    return _Lost(had_key, also, sum(documents))


async def _emptied_origins(desk: HostContext, row: FoundRow, origins: Origins) -> list[str]:
    """List what the matter came of, if nothing else that came of it is left, and no hold is on it."""
    async with desk.database.read_latest() as connection:
        return [
            id
            for id, matters in await origins(connection, row.party, row.case_id)
            if row.id in matters
            and all(desk.vault.is_erased(row.party, each) for each in matters)
            and not await reads.stopping(connection, row.party, id)
        ]


async def _begun(desk: HostContext, row: FoundRow) -> bool:
    """True if nothing stops it; then that is in the trail, and nothing can."""
    async with desk.database.read_latest() as connection:
        held = await reads.stopping(connection, row.party, row.id)
    if held:
        return False
    try:
        await _run(desk, row, "begin", partial(commands.begin, matter=row.id))
    except WrongState:  # a hold came just now
        return False
    return True


async def _finish(desk: HostContext, row: FoundRow, lost: _Lost) -> None:
    emptied = [
        source
        for id in (row.id, *lost.origins)
        for source in await reads.sources(desk.database, row.party, id)
    ]
    act = partial(
        commands.finish,
        matter=row.id,
        origins=lost.origins,
        emptied=emptied,
        documents=lost.documents,
        had_key=lost.had_key,
    )
    await _run(desk, row, "finish", act)
    log.info(
        "erased", party=row.party, matter=row.id, order=row.order, parts=len(emptied), files=lost.documents
    )


async def _run(desk: HostContext, row: FoundRow, act: str, handler: Callable[[Transaction], Record]) -> None:
    """An act of the service, once for good."""
    content = f"erasure {act}\n{row.party} {row.id} {row.order}"
    keys = [
        ERASURES.key(row.party, row.id),
        tables.holds_key(row.party, row.id),
        tables.holds_key(row.party, ""),
        DEALINGS.key(row.party, row.id),
    ]
    id = str(uuid5(NAMESPACE_URL, f"netral {content}"))
    command = Command(row.party, ACTOR, id, content.encode(), keys, handler)
    (answer,) = await commit(desk, [command])
    if isinstance(answer, Refusal):
        raise answer


def loop(*remove: DeleteFiles, origins: Origins | None = None) -> Loop:
    """The loop of a host whose rooms keep files that `remove` takes away, and whose matters came of `origins`."""
    return Loop("erasure", partial(execute_orders, remove=remove, origins=origins), pace=1.0, on=on_commit)
