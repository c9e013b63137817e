"""Statements for parties of this host: new ones take effect, repeats are answered again, conflicts are signed."""

from collections.abc import Sequence

from sqlalchemy import literal, select, tuple_, union_all

from exchange.delivery.inbox.decide import decide
from exchange.delivery.inbox.gaps import note_gaps
from exchange.delivery.inbox.waiting import process_waiting
from exchange.delivery.inbox.work import (
    SERVICE,
    Incoming,
    Work,
    add_receipt,
    add_statement_leaf,
    answer_again,
)
from exchange.delivery.transaction import INBOX
from exchange.delivery.verification import VerifiedStatement
from exchange.statements.receipts import REFUSED, TAKEN_UP
from exchange.tables import ConflictSeen, Inbox, Outbox
from storage.key_in import key_in
from storage.types import table
from storage.upserts import insert

# The record of a personal part that came for a matter that was erased here: it was not opened.
NOT_KEPT = "exchange.part_not_kept"


async def process_statements(work: Work, arrived: Sequence[VerifiedStatement]) -> None:
    """New statements take effect, repeats are answered again, conflicts are signed."""
    if not arrived:
        return
    cases = await _split_new_from_repeats(work, arrived)
    fresh = [case for case in cases if not case.state]
    await decide(work, fresh)
    await _keep(work, fresh)
    await process_waiting(work, cases)
    await note_gaps(work, fresh)


async def _split_new_from_repeats(work: Work, arrived: Sequence[VerifiedStatement]) -> list[Incoming]:
    """Drop repeats (answered with their kept receipts) and sign conflicts; gives the new ones, in order."""
    inbox, outbox = table(Inbox), table(Outbox)
    cases = sorted((Incoming(item) for item in arrived), key=lambda case: case.number)
    ids = {case.name for case in cases}
    numbers = {case.number for case in cases}
    columns = (inbox.c.party, inbox.c.id, inbox.c.sender, inbox.c.sequence, inbox.c.digest)
    # Our own statements' ids are taken, and known to peers.
    ours = (outbox.c.party, outbox.c.id, literal(""), outbox.c.sequence, outbox.c.digest)
    query = union_all(
        select(*columns).where(key_in((inbox.c.party, inbox.c.id), ids)),
        select(*columns).where(key_in((inbox.c.party, inbox.c.sender, inbox.c.sequence), numbers)),
        select(*ours).where(key_in((outbox.c.party, outbox.c.id), ids)),
    )
    found = list(await work.connection.execute(query))
    by_id = {(row.party, row.id): row.digest for row in found if row.sender}
    own = {(row.party, row.id): row.digest for row in found if not row.sender}
    by_number = {(row.party, row.sender, row.sequence): row.digest for row in found if row.sender}
    fresh: list[Incoming] = []
    repeats: list[Incoming] = []
    conflicts: list[Incoming] = []
    for case in cases:
        first = by_id.get(case.name)
        if first is None and own.get(case.name, case.arrival.digest) != case.arrival.digest:
            first = own[case.name]
        if first == case.arrival.digest:
            repeats.append(case)
        elif first is not None:
            case.state, case.reason, case.first_digest = REFUSED, "CONFLICT_ID", first
            conflicts.append(case)
        elif case.number in by_number:
            case.state, case.reason, case.first_digest = (
                REFUSED,
                "CONFLICT_SEQUENCE",
                by_number[case.number],
            )
            conflicts.append(case)
        else:
            by_id[case.name] = by_number[case.number] = case.arrival.digest
            case.sent_here = case.name in own
            fresh.append(case)
    await _sign_conflicts(work, conflicts)
    await answer_again(work, {(case.name[0], case.name[1]) for case in repeats})
    return fresh


async def _sign_conflicts(work: Work, conflicts: Sequence[Incoming]) -> None:
    """Keep the second bytes as evidence, once, and refuse them in a signed receipt that names both."""
    if not conflicts:
        return
    seen = table(ConflictSeen)
    digests = {(case.name[0], case.arrival.digest) for case in conflicts}
    query = select(seen.c.party, seen.c.digest).where(tuple_(seen.c.party, seen.c.digest).in_(digests))
    known = {(row.party, row.digest) for row in await work.connection.execute(query)}
    rows = []
    for case in conflicts:
        statement, digest = case.arrival.statement, case.arrival.digest
        if (statement.recipient, digest) in known:
            await answer_again(work, {case.name})
            continue
        known.add((statement.recipient, digest))
        case.received = work.now
        add_statement_leaf(work, case)
        add_receipt(work, case)
        rows.append(
            {
                "party": statement.recipient,
                "digest": digest,
                "id": statement.id,
                "sender": statement.sender,
                "type": statement.type,
                "matter": statement.subject,
                "reason": case.reason,
                "first_digest": case.first_digest,
                "received": work.now,
            }
        )
    await insert(work.connection, ConflictSeen, rows)


async def _keep(work: Work, cases: Sequence[Incoming]) -> None:
    """Leaf, inbox row and receipt of each new statement, and its personal part.

    Personal data that its sender had no right to send are not kept: what proves the refusal carries none.
    """
    rows = []
    for case in cases:
        statement = case.arrival.statement
        if not case.sent_here:
            add_statement_leaf(work, case)
        add_receipt(work, case)
        if case.arrival.plain and case.lawful:
            tx = work.batch.transaction(statement.recipient, SERVICE, source=INBOX)
            tx.keep_personal_part(statement.id, statement.subject, statement.type, case.arrival.plain)
            work.batch.accept(tx)
        elif statement.commitment and work.desk.vault.is_erased(statement.recipient, statement.subject):
            tx = work.batch.transaction(statement.recipient, SERVICE, source=INBOX, cause=statement.id)
            tx.record(NOT_KEPT, statement.subject, statement.case_id, "", statements=[statement.id])
            work.batch.accept(tx)
        rows.append(
            {
                "party": statement.recipient,
                "id": statement.id,
                "sender": statement.sender,
                "sequence": statement.sequence,
                "type": statement.type,
                "matter": statement.subject,
                "after": statement.after,
                "digest": case.arrival.digest,
                "state": case.state,
                "reason": case.reason,
                "detail": case.detail,
                "received": work.now,
                "decided": work.now if case.state in (TAKEN_UP, REFUSED) else None,
            }
        )
    await insert(work.connection, Inbox, rows)
