"""Operator actions on parked statements: run again, or refuse back to the sender. Once per request id, recorded in the trail.

Authentic statements that could not be handled are PARKED (their sender has custody and no outcome), or WAITING for an
earlier one. Bytes that nobody signed are parked under a quota; to give them back is to drop them.
"""

from exchange.context import HostContext
from exchange.delivery.batch import Batch
from exchange.delivery.commands import Command, answered, earlier_answer
from exchange.delivery.inbox.handlers import Handlers
from exchange.delivery.inbox.process import retry_parked
from exchange.delivery.inbox.work import Result
from exchange.tables import ParkedBytes
from netral.exchange.v1 import record_pb2
from refusals import Malformed, NotFound
from storage.engines import retry_on_conflict
from storage.types import table


async def decide(
    desk: HostContext, handlers: Handlers, command: Command, id: str, action: str, *, give_back: bool
) -> tuple[record_pb2.Record, Result]:
    """Run again or give back what is held up under `id`; committed when it returns, with the receipts to send.

    Raises:
        NotFound: nothing of this name is held up at this party.
        WrongState: it failed again, and stays parked.
        Malformed: unauthenticated bytes cannot be run again.
        Conflict: the request id was used with other content.
    """
    return await retry_on_conflict(lambda: _decide(desk, handlers, command, id, action, give_back))


async def _decide(
    desk: HostContext, handlers: Handlers, command: Command, id: str, action: str, give_back: bool
) -> tuple[record_pb2.Record, Result]:
    async with desk.database.write() as connection:
        batch = Batch(desk, connection)
        earlier = earlier_answer(desk, command, await answered(batch, [command]))
        if earlier is not None:
            return earlier, Result()
        if id.isascii() and id.isdigit():
            result = await _drop(batch, command.party, int(id), give_back)
        else:
            result = await retry_parked(batch, handlers, command.party, id, give_back=give_back)
        tx = batch.transaction(command.party, command.actor, source="grpc", request_id=command.request_id)
        record = tx.record(action, "", "", "")
        batch.accept(tx)
        digest = desk.vault.request_digest(command.content)
        batch.remember_answer(command.party, command.request_id, digest, record.id)
        await batch.flush()
    batch.notify_loops()
    return record, result


async def _drop(batch: Batch, party: str, id: int, give_back: bool) -> Result:
    if not give_back:
        raise Malformed("bytes that nobody signed can only be given back, which drops them", field="name")
    parked = table(ParkedBytes)
    this = (parked.c.party == party, parked.c.id == id)
    # A number over 63 bits is no id, and the databases refuse to compare with it.
    if id >> 63 or not (await batch.connection.execute(parked.delete().where(*this))).rowcount:
        raise NotFound("nothing of this name is parked at this party", field="name")
    return Result()
