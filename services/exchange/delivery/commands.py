"""Commands of a desk's own officers and systems: once for good per request id, many in one commit.

Whoever calls at the same time shares a commit: one transaction loads the facts of all waiting commands, runs them one
after the other and writes their consequences together. If such a commit fails, each command is run alone, so that only
the one at fault fails; if the database is away, all fail at once.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.context import Actor, FactKey, HostContext
from exchange.delivery.batch import Batch
from exchange.delivery.transaction import Transaction
from exchange.personal_data.vault import MatterOf
from exchange.tables import Request
from netral.exchange.v1 import record_pb2
from refusals import ActWarning, Conflict, Refusal, Unavailable
from storage import faults, together
from storage.engines import retry_on_conflict
from storage.key_in import key_in, listed
from storage.together import Reading
from storage.types import FoundRow, table

_TOGETHER = 128


@dataclass(frozen=True)
class Command:
    """One call: who, which facts it needs, and the handler. `content` identifies method and request.

    `files` are the matters whose person's file the handler passes on; `stated_reason` answers what rules warn of.
    """

    party: str
    actor: Actor
    request_id: str
    content: bytes
    keys: Sequence[FactKey]
    handler: Callable[[Transaction], record_pb2.Record]
    files: Sequence[MatterOf] = ()
    stated_reason: str = ""


Answer = record_pb2.Record | Refusal
Answered = Mapping[FactKey, tuple[bytes, record_pb2.Record]]
"""By party and request id: the digest of the request, and the record that answered it."""


class Commands:
    """Takes commands and answers them with their record in the trail."""

    def __init__(self, desk: HostContext) -> None:
        self._desk = desk
        self._queue: asyncio.Queue[tuple[Command, asyncio.Future[record_pb2.Record]]] = asyncio.Queue()
        self._open = True

    async def run(self, command: Command) -> record_pb2.Record:
        """Run a command; committed when it returns.

        Raises:
            Refusal: it was turned down and nothing was changed.
        """
        if not self._open:
            raise Unavailable("the desk is stopping")
        answer: asyncio.Future[record_pb2.Record] = asyncio.get_running_loop().create_future()
        # Of a caller that went away nobody asks, and asyncio would write the traceback into the log.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._queue.put_nowait((command, answer))
        # Shielded: a caller that goes away does not undo what others share with it.
        return await asyncio.shield(answer)

    async def stop(self) -> None:
        """Take no more, and finish what was taken."""
        self._open = False
        await self._queue.join()

    async def serve(self) -> None:
        """Commit what waits, together, until cancelled."""
        while True:
            taken = [await self._queue.get()]
            while len(taken) < _TOGETHER and not self._queue.empty():
                taken.append(self._queue.get_nowait())
            try:
                await self._settle(taken)
            finally:
                for _ in taken:
                    self._queue.task_done()

    async def _settle(self, taken: Sequence[tuple[Command, asyncio.Future[record_pb2.Record]]]) -> None:
        try:
            answers = await commit(self._desk, [command for command, _ in taken])
        except Exception as error:
            if len(taken) > 1 and not faults.is_passing(error):
                for one in taken:
                    await self._settle([one])
                return
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(taken, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Refusal):
                future.set_exception(answer)
            else:
                future.set_result(answer)


async def commit(desk: HostContext, commands: Sequence[Command]) -> list[Answer]:
    """Run commands in order in one transaction; each is answered with its record or its refusal."""
    return await retry_on_conflict(lambda: _commit(desk, commands))


async def _commit(desk: HostContext, commands: Sequence[Command]) -> list[Answer]:
    async with desk.database.write() as connection:
        batch = Batch(desk, connection)
        requests = await batch.load_beside(
            _requests(commands),
            {key for command in commands for key in command.keys},
            {matter for command in commands for matter in command.files},
        )
        known = await _with_records(batch, requests)
        answers = [_run(batch, command, known) for command in commands]
        await batch.flush()
    batch.notify_loops()
    return answers


def _run(batch: Batch, command: Command, known: dict[FactKey, tuple[bytes, record_pb2.Record]]) -> Answer:
    try:
        if (earlier := earlier_answer(batch.desk, command, known)) is not None:
            return earlier
        tx, record = _decide(batch, command)
    except Refusal as refusal:
        return refusal
    batch.accept(tx)
    digest = batch.desk.vault.request_digest(command.content)
    batch.remember_answer(command.party, command.request_id, digest, record.id)
    known[command.party, command.request_id] = (digest, record)
    return record


def _decide(batch: Batch, command: Command) -> tuple[Transaction, record_pb2.Record]:
    """Run a command's handler; what it buffered is in the transaction.

    Raises:
        Refusal: it is turned down.
    """
    tx = batch.transaction(
        command.party,
        command.actor,
        source="grpc",
        request_id=command.request_id,
        keys=command.keys,
        files=command.files,
        stated_reason=command.stated_reason,
    )
    record = command.handler(tx)
    tx.refuse_if_erased()
    tx.require_stated_reason()
    return tx, record


async def try_out(desk: HostContext, command: Command) -> Sequence[ActWarning]:
    """Run a command and write nothing; gives the warnings that its stated reason answers.

    Raises:
        Refusal: it would be turned down.
    """
    async with desk.database.write() as connection:
        batch = Batch(desk, connection)
        await batch.load(set(command.keys), set(command.files))
        tx, _ = _decide(batch, command)
        return tx.warnings


def earlier_answer(desk: HostContext, command: Command, known: Answered) -> record_pb2.Record | None:
    """The record that answered this request before; None if it is new.

    Raises:
        Conflict: the request id was used with other content.
    """
    first_digest, record = known.get((command.party, command.request_id), (b"", None))
    if record is not None and first_digest != desk.vault.request_digest(command.content):
        raise request_id_reused()
    return record


def request_id_reused() -> Conflict:
    """Refusal of other content under a request id that has its answer."""
    return Conflict(
        "this request id was used with other content", field="request_id", reason="REQUEST_ID_REUSED"
    )


_REQUESTS, _LEAVES = table(Request), table(Leaf)
_REQUESTS_OF = select(_REQUESTS).where(key_in((_REQUESTS.c.party, _REQUESTS.c.request_id)))
_RECORDS = select(_LEAVES.c.party, _LEAVES.c.ref, _LEAVES.c.body).where(
    key_in((_LEAVES.c.party, _LEAVES.c.ref)), _LEAVES.c.kind == int(Kind.RECORD)
)


async def answered(
    batch: Batch, commands: Sequence[Command]
) -> dict[FactKey, tuple[bytes, record_pb2.Record]]:
    """Requests that were answered before, with their records from the trail."""
    return await _with_records(batch, await together.run(batch.connection, _requests(commands)))


def _requests(commands: Sequence[Command]) -> Reading[Sequence[FoundRow]]:
    names = sorted({(command.party, command.request_id) for command in commands})
    return Reading([(_REQUESTS_OF, {"keys": listed(names)})], lambda found: found[0])


async def _with_records(
    batch: Batch, requests: Sequence[FoundRow]
) -> dict[FactKey, tuple[bytes, record_pb2.Record]]:
    known = {(row.party, row.record): row for row in requests}
    if not known:
        return {}
    found: dict[FactKey, tuple[bytes, record_pb2.Record]] = {}
    # Not a join: SQLite would read the whole log for it.
    for row in await batch.connection.execute(_RECORDS, {"keys": listed(known)}):
        request = known[row.party, row.ref]
        record = decode_leaf(row.body).record()
        found[request.party, request.request_id] = (request.digest, record)
    return found
