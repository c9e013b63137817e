"""Statements for parties of this host: new ones take effect, repeats are answered again, conflicts are signed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select, tuple_

from exchange.delivery.inbox.decide import decide
from exchange.delivery.inbox.gaps import Pairs, note_gaps, pairs_of
from exchange.delivery.inbox.waiting import Waiting, process_waiting, waiting_for
from exchange.delivery.inbox.work import (
    SERVICE,
    Incoming,
    Name,
    Work,
    add_receipt,
    add_statement_leaf,
    answer_again,
)
from exchange.delivery.transaction import INBOX
from exchange.delivery.verification import VerifiedStatement
from exchange.statements.receipts import REFUSED, TAKEN_UP
from exchange.tables import ConflictSeen, Inbox, Outbox
from storage.key_in import key_in, listed, numbered_keys
from storage.together import Reading
from storage.types import FoundRow, Values, table
from storage.upserts import insert_of

# The record of a personal part that came for a matter that was erased here: it was not opened.
NOT_KEPT = "exchange.part_not_kept"

_INBOX, _OUTBOX = table(Inbox), table(Outbox)
_BY_ID = select(_INBOX.c.party, _INBOX.c.id, _INBOX.c.digest, _INBOX.c.state).where(
    key_in((_INBOX.c.party, _INBOX.c.id))
)
_NUMBERS = numbered_keys()
_BY_NUMBER = select(_INBOX.c.party, _INBOX.c.sender, _INBOX.c.sequence, _INBOX.c.digest).join_from(
    _NUMBERS,
    _INBOX,
    and_(
        _INBOX.c.party == _NUMBERS.c.first,
        _INBOX.c.sender == _NUMBERS.c.second,
        _INBOX.c.sequence == _NUMBERS.c.number,
    ),
)
# Our own statements' ids are taken, and known to peers.
_OWN = select(_OUTBOX.c.party, _OUTBOX.c.id, _OUTBOX.c.digest).where(key_in((_OUTBOX.c.party, _OUTBOX.c.id)))


@dataclass(frozen=True, slots=True)
class Known:
    """Statements that are here when a batch arrives: their digests by name and by number, and the states of earlier ones.

    `own` were sent by this host's parties; `waiting` wait for one of the batch; `pairs` are locked.
    """

    by_id: dict[Name, bytes]
    by_number: dict[tuple[str, str, int], bytes]
    own: dict[Name, bytes]
    states: dict[Name, str]
    waiting: Waiting
    pairs: Pairs


_NOTHING = Known({}, {}, {}, {}, {}, {})


def known_before(arrived: Sequence[VerifiedStatement]) -> Reading[Known]:
    """Read what is here of these statements, of those before and behind them, and of their pairs."""
    if not arrived:
        return Reading((), lambda found: _NOTHING)
    statements = [each.statement for each in arrived]
    names = {(each.recipient, each.id) for each in statements}
    earlier = {(each.recipient, each.after) for each in statements if each.after}
    numbers = {(each.recipient, each.sender, each.sequence) for each in statements}
    questions = [
        (_BY_ID, {"keys": listed(sorted(names | earlier))}),
        (_BY_NUMBER, {"keys": listed(sorted(numbers))}),
        (_OWN, {"keys": listed(sorted(names))}),
    ]

    pairs = pairs_of({(each.recipient, each.sender) for each in statements})
    return Reading(questions, tuple).beside(waiting_for(names).beside(pairs)).then(_known)


def _known(found: tuple[Sequence[Sequence[FoundRow]], tuple[Waiting, Pairs]]) -> Known:
    (by_id, by_number, own), (waiting, pairs) = found
    return Known(
        by_id={(row.party, row.id): row.digest for row in by_id},
        by_number={(row.party, row.sender, row.sequence): row.digest for row in by_number},
        own={(row.party, row.id): row.digest for row in own},
        states={(row.party, row.id): row.state for row in by_id},
        waiting=waiting,
        pairs=pairs,
    )


async def process_statements(work: Work, arrived: Sequence[VerifiedStatement], known: Known) -> None:
    """New statements take effect, repeats are answered again, conflicts are signed."""
    if not arrived:
        return
    fresh = await _split_new_from_repeats(work, arrived, known)
    decide(work, fresh, known.states)
    _keep(work, fresh)
    await process_waiting(work, fresh, known.waiting)
    work.batch.writes.append((insert_of(Inbox), [_row(work, each) for each in fresh]))
    await note_gaps(work, fresh, known.pairs)


async def _split_new_from_repeats(
    work: Work, arrived: Sequence[VerifiedStatement], known: Known
) -> list[Incoming]:
    """Drop repeats (answered with their kept receipts) and sign conflicts; gives the new ones, in order."""
    incoming = sorted((Incoming(item) for item in arrived), key=lambda each: each.number)
    by_id, by_number, own = dict(known.by_id), dict(known.by_number), known.own
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
    work.batch.writes.append((insert_of(ConflictSeen), rows))


def _keep(work: Work, incoming: Sequence[Incoming]) -> None:
    """Leaf and receipt of each new statement, and its personal part.

    Personal data that its sender had no right to send are not kept: what proves the refusal carries none.
    """
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


def _row(work: Work, each: Incoming) -> Values:
    """The inbox row of a new statement, in the state that it has at the end of the batch."""
    statement = each.arrival.statement
    return {
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
