"""Batches of arrivals take effect in one commit, exactly once, and are acknowledged after it.

Order inside the commit: receipts settle the outbox; statements are told apart (new, repeat, conflict), checked for the
sender's right to send them, and handled; what waited for them is handled too; gaps are noted; a receipt is signed for
each. If a batch fails it is rolled back and its messages are run one by one, so that only the bad one is parked.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from exchange.bus import subjects
from exchange.context import HostContext
from exchange.delivery import verification
from exchange.delivery.batch import Batch
from exchange.delivery.inbox import statements, waiting
from exchange.delivery.inbox.apply_receipts import apply_receipts, sent_before
from exchange.delivery.inbox.decide import facts_of
from exchange.delivery.inbox.gaps import answer_requests
from exchange.delivery.inbox.handlers import Failing, Handlers
from exchange.delivery.inbox.unverifiable import park_unverifiable
from exchange.delivery.inbox.work import Result, Work
from exchange.delivery.verification import (
    AskArrival,
    PairingArrival,
    ReceiptArrival,
    UnverifiableBytes,
    VerifiedStatement,
)
from netral.exchange.v1.pairing_pb2 import PairingGap
from storage import faults
from storage.engines import retry_on_conflict

log = structlog.get_logger("exchange.delivery.inbox")


CompareReport = Callable[[Batch, PairingArrival], Awaitable[Sequence[PairingGap]]]
"""Compares what a peer reports with what is here (`exchange.reconciliation.reports`)."""


async def process_messages(
    desk: HostContext, handlers: Handlers, messages: Sequence[tuple[str, bytes]], compare: CompareReport
) -> Result:
    """Let a batch of NATS messages (subject, data) take effect in one commit; `compare` takes peers' reports.

    Raises whatever the database raises; then nothing has happened.
    """
    return await retry_on_conflict(lambda: _take(desk, handlers, messages, compare))


async def _take(
    desk: HostContext, handlers: Handlers, messages: Sequence[tuple[str, bytes]], compare: CompareReport
) -> Result:
    now = desk.now()
    arrived = [
        item for subject, data in messages for item in verification.verify_message(desk, subject, data, now)
    ]
    receipts = [item for item in arrived if isinstance(item, ReceiptArrival)]
    new = [item for item in arrived if isinstance(item, VerifiedStatement)]
    reports = [item for item in arrived if isinstance(item, PairingArrival)]
    matters = {(each.statement.recipient, each.statement.subject) for each in new if each.plain}
    async with desk.vault.beside(matters), desk.database.write() as connection:
        work = Work(Batch(desk, connection), handlers, Result())
        before = sent_before(receipts).beside(statements.known_before(new))
        sent, known = await work.batch.load_beside(before, facts_of(work, new))
        strays = apply_receipts(work, receipts, sent)
        await statements.process_statements(work, new, known)
        await answer_requests(work, [item for item in arrived if isinstance(item, AskArrival)])
        if reports:  # compared with what the tables hold, with this batch
            await work.batch.write()
        for report in reports:
            await compare(work.batch, report)
        strays += [item for item in arrived if isinstance(item, UnverifiableBytes)]
        await park_unverifiable(work, strays)
        await work.batch.flush()
    work.batch.notify_loops()
    return work.result


async def park_failed(
    desk: HostContext, subject: str, data: bytes, error: BaseException, compare: CompareReport
) -> Result:
    """Keep a message that cannot be handled alone: authentic statements get custody and are PARKED.

    What cannot even be kept so is set aside as bytes, without a receipt: it must not come again for ever and hold up
    what is behind it. Its sender goes on sending it.
    """
    try:
        return await process_messages(desk, Failing(type(error).__name__), [(subject, data)], compare)
    except Exception as second:
        if faults.is_passing(second):
            raise  # the message comes again when the database is well
        log.error("cannot be kept", error=type(second).__name__)
        to = subjects.parse(subject)
        party = to.recipient if to is not None and to.recipient in desk.parties else ""
        stray = UnverifiableBytes(party, subject, "CANNOT_BE_KEPT", type(second).__name__, data)
        async with desk.database.write() as connection:
            await park_unverifiable(Work(Batch(desk, connection), {}, Result()), [stray])
        return Result()


async def retry_parked(batch: Batch, handlers: Handlers, party: str, id: str, *, give_back: bool) -> Result:
    """Handle a parked or waiting statement again, or give it back: refused with reason RETURNED. Flush after it.

    Raises:
        NotFound: no such statement is held up at this party.
        WrongState: it failed again, and stays parked.
    """
    result = Result()
    await waiting.retry_one(Work(batch, handlers, result), party, id, give_back)
    return result
