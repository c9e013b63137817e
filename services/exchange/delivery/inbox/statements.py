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
    fresh = await _split_new_from_repeats(work, arrived)
    await decide(work, fresh)
    await _keep(work, fresh)
    await process_waiting(work, fresh)
    await note_gaps(work, fresh)


async def _split_new_from_repeats(work: Work, arrived: Sequence[VerifiedStatement]) -> list[Incoming]:
    """Drop repeats (answered with their kept receipts) and sign conflicts; gives the new ones, in order."""
    inbox, outbox = table(Inbox), table(Outbox)
    incoming = sorted((Incoming(item) for item in arrived), key=lambda each: each.number)
    ids = {each.name for each in incoming}
    numbers = {each.number for each in incoming}
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
    for each in incoming:
        first = by_id.get(each.name)
        if first is None and own.get(each.name, each.arrival.digest) != each.arrival.digest:
            first = own[each.name]
        if first == each.arrival.digest:
            repeats.append(each)
        elif first is not None:
            each.state, each.reason, each.first_digest = REFUSED, "CONFLICT_ID", first
            conflicts.append(each)
        elif each.number in by_number:
            each.state, each.reason = REFUSED, "CONFLICT_SEQUENCE"
            each.first_digest = by_number[each.number]
            conflicts.append(each)
        else:
            by_id[each.name] = by_number[each.number] = each.arrival.digest
            each.sent_here = each.name in own
            fresh.append(each)
    await _sign_conflicts(work, conflicts)
    await answer_again(work, {each.name for each in repeats})
    return fresh


async def _sign_conflicts(work: Work, conflicts: Sequence[Incoming]) -> None:
    """Keep the second bytes as evidence, once, and refuse them in a signed receipt that names both."""
    if not conflicts:
        return
    seen = table(ConflictSeen)
    digests = {(each.name[0], each.arrival.digest) for each in conflicts}
    query = select(seen.c.party, seen.c.digest).where(tuple_(seen.c.party, seen.c.digest).in_(digests))
    known = {(row.party, row.digest) for row in await work.connection.execute(query)}
    rows = []
    for each in conflicts:
        statement, digest = each.arrival.statement, each.arrival.digest
        if (statement.recipient, digest) in known:
            await answer_again(work, {each.name})
            continue
        known.add((statement.recipient, digest))
        each.received = work.now
        add_statement_leaf(work, each)
        add_receipt(work, each)
        rows.append(
            {
                "party": statement.recipient,
                "digest": digest,
                "id": statement.id,
                "sender": statement.sender,
                "type": statement.type,
                "matter": statement.subject,
                "reason": each.reason,
                "first_digest": each.first_digest,
                "received": work.now,
            }
        )
    await insert(work.connection, ConflictSeen, rows)


async def _keep(work: Work, incoming: Sequence[Incoming]) -> None:
    """Leaf, inbox row and receipt of each new statement, and its personal part.

    Personal data that its sender had no right to send are not kept: what proves the refusal carries none.
    """
    rows = []
    for each in incoming:
        statement = each.arrival.statement
        if not each.sent_here:
            add_statement_leaf(work, each)
        add_receipt(work, each)
        if each.arrival.plain and each.lawful:
            tx = work.batch.transaction(statement.recipient, SERVICE, source=INBOX)
            tx.keep_personal_part(statement.id, statement.subject, statement.type, each.arrival.plain)
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
                "digest": each.arrival.digest,
                "state": each.state,
                "reason": each.reason,
                "detail": each.detail,
                "received": work.now,
                "decided": work.now if each.state in (TAKEN_UP, REFUSED) else None,
            }
        )
    await insert(work.connection, Inbox, rows)
