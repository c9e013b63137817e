"""The relay: hands statements to the stream, until the recipient's custody receipt is here; then asks for outcomes.

A statement goes out straight from memory after its commit (`relay_from_memory`), with nothing read and nothing marked: its row
says from the start that it was sent once and is due again. Whatever is due is read from the outbox (`relay_once`): what was not
taken, what a crash, a purge or a full memory left, and what has no custody receipt after a growing delay. It is sent under a new
message id, since the recipient keeps one of both. The stream's acknowledgement marks a row *relayed*, no more: it is not taken
for durability. Asks for outcomes and for missing numbers go out here too.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice

import structlog
from sqlalchemy import bindparam, func, select

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.context import HostContext
from exchange.delivery.bundles import (
    BUNDLE_PARCELS,
    Bundle,
    Parcelled,
    Publish,
    hand_over,
    in_bundles,
    parcel,
)
from exchange.delivery.verification import MOST_ITEMS
from exchange.outgoing import OnItsWay
from exchange.personal_data import vault
from exchange.statements import envelope
from exchange.statements.protobuf_time import timestamp
from exchange.tables import Delivery, PairIn, PersonalPart
from exchange.tables import Inbox as InboxTable
from netral.exchange.v1 import receipt_pb2, statement_pb2
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import FoundRow, table

log = structlog.get_logger("exchange.delivery.relay")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays (seconds): before sending again without a custody receipt, and before asking for an outcome."""

    first: float = 5.0
    longest: float = 3600.0
    batch: int = 512

    def after(self, attempts: int) -> timedelta:
        """Doubles with each attempt."""
        return timedelta(seconds=min(self.first * 2 ** min(attempts, 20), self.longest))


async def relay_once(desk: HostContext, publish: Publish, patience: RetryPolicy) -> int:
    """Do one batch; gives how many rows were due."""
    now = desk.now()
    delivery = table(Delivery)
    async with desk.database.read_latest() as connection:
        query = select(delivery).where(delivery.c.due <= now).order_by(delivery.c.id).limit(patience.batch)
        due = list(await connection.execute(query))
        sending = [row for row in due if row.awaits == "custody"]
        bundles, unsealable = await _bundles(desk, connection, sending) if sending else ([], [])
    bundles += _asks(desk, [row for row in due if row.awaits == "outcome"], now)
    handed = await asyncio.gather(*(hand_over(publish, bundle) for bundle in bundles))
    done = [row for bundle, taken in handed if taken for row in bundle.rows]
    refused = [row for bundle, taken in handed if taken is False for row in bundle.rows]
    if done:
        await _mark(desk, done, patience)
    await _postpone(desk, [*unsealable, *refused], now + patience.after(0))
    lost = len(due) - len(done) - len(unsealable)
    desk.outgoing.relay_caught_up = not lost and len(due) < patience.batch
    if lost:
        raise ConnectionError(f"{lost} of {len(due)} statements were not taken by the stream")
    return len(due)


async def relay_from_memory(desk: HostContext, publish: Publish) -> int:
    """Hand over statements that wait in memory; gives how many. Whatever becomes of them, the relay has their rows.

    Raises:
        ConnectionError: the stream did not take them all; further commits leave theirs to the relay, until it has caught up.
    """
    waiting = desk.outgoing.take(BUNDLE_PARCELS)
    parcels: list[Parcelled[OnItsWay]] = []
    for one in waiting:
        # The key may have been destroyed since the commit; nothing is awaited between here and the publishing.
        plain = b"" if desk.vault.is_erased(one.party, one.matter) else one.plain
        # Without a key to seal to it is left to the relay, which says so.
        if (packed := parcel(desk, one.recipient, one.signed, plain)) is not None:
            parcels.append((one, packed))
    handed = await asyncio.gather(*(hand_over(publish, bundle) for bundle in in_bundles(parcels)))
    if lost := sum(len(bundle.rows) for bundle, taken in handed if not taken):
        desk.outgoing.relay_caught_up = False
        raise ConnectionError(f"{lost} of {len(waiting)} statements were not taken by the stream")
    return len(waiting)


async def next_due(desk: HostContext) -> datetime | None:
    """When the next row of the outbox is due; None while nothing is on its way."""
    async with desk.database.read_latest() as connection:
        found: datetime | None = await connection.scalar(select(func.min(table(Delivery).c.due)))
    return found


async def next_gap_due(desk: HostContext) -> datetime | None:
    """When a peer is to be asked next for missing numbers; None while none are missing."""
    async with desk.database.read_latest() as connection:
        found: datetime | None = await connection.scalar(select(func.min(table(PairIn).c.ask_due)))
    return found


async def ask_for_gaps(desk: HostContext, publish: Publish, patience: RetryPolicy) -> int:
    """Ask each peer for the numbers that are missing from it, on growing delays."""
    now = desk.now()
    pairs, inbox = table(PairIn), table(InboxTable)
    async with desk.database.read_latest() as connection:
        gaps = list(await connection.execute(select(pairs).where(pairs.c.ask_due <= now).limit(100)))
        missing = {}
        for gap in gaps:
            here = select(inbox.c.sequence).where(
                inbox.c.party == gap.party, inbox.c.sender == gap.peer, inbox.c.sequence > gap.complete
            )
            numbers = {row.sequence for row in await connection.execute(here)}
            # Lazily: a peer may have used any number.
            lacking = (n for n in range(gap.complete + 1, gap.highest + 1) if n not in numbers)
            missing[gap.party, gap.peer] = list(islice(lacking, 1000))
    if not gaps:
        return 0
    for gap in gaps:
        ask = receipt_pb2.Ask(missing=missing[gap.party, gap.peer])
        bundle = _ask(desk, gap.party, gap.peer, ask, now)
        await publish(bundle.subject, bundle.data, bundle.headers)
    async with desk.database.write() as connection:
        for gap in gaps:
            await connection.execute(
                pairs.update()
                .where(pairs.c.party == gap.party, pairs.c.peer == gap.peer, pairs.c.ask_due.is_not(None))
                .values(asks=gap.asks + 1, ask_due=now + patience.after(gap.asks))
            )
    return len(gaps)


async def _bundles(
    desk: HostContext, connection: Connection, rows: Sequence[FoundRow]
) -> tuple[list[Bundle[FoundRow]], list[FoundRow]]:
    """Parcels of these rows, bundled per pair; and the rows whose recipient has no sealing key now."""
    leaves, parts = table(Leaf), table(PersonalPart)
    names = [(row.party, row.id) for row in rows]
    query = (
        select(leaves.c.ref, leaves.c.body, leaves.c.matter, parts.c.sealed)
        .outerjoin(parts, (parts.c.party == leaves.c.party) & (parts.c.source == leaves.c.ref))
        .where(
            key_in((leaves.c.party, leaves.c.ref), names),
            leaves.c.kind == int(Kind.STATEMENT),
            leaves.c.author == leaves.c.party,  # a peer may have used our id: a conflict, kept as well
        )
    )
    found = {row.ref: row for row in await connection.execute(query)}
    matters = {(row.party, found[row.id].matter) for row in rows if found[row.id].sealed is not None}
    keys = await desk.vault.keys(matters, make=False)
    parcels: list[Parcelled[FoundRow]] = []
    unsealable: list[FoundRow] = []
    for row in rows:
        leaf = found[row.id]
        plain = _opened(leaf.sealed, keys.get((row.party, leaf.matter)), row.id)
        packed = parcel(desk, row.recipient, decode_leaf(leaf.body).kept, plain)
        if packed is None:
            unsealable.append(row)
        else:
            parcels.append((row, packed))
    if unsealable:
        names = sorted({row.recipient for row in unsealable})
        log.error("no sealing key is valid now", recipients=names, count=len(unsealable))
    return in_bundles(parcels), unsealable


def _opened(sealed: bytes | None, key: bytes | None, source: str) -> bytes:
    """Salt and personal part; empty if there is none, or if it was erased."""
    if sealed is None or key is None:
        return b""
    try:
        return vault.decrypt(key, sealed, source)
    except vault.Erased:
        return b""


def _asks(desk: HostContext, rows: Sequence[FoundRow], now: datetime) -> list[Bundle[FoundRow]]:
    """One ask per pair for the outcomes of what is in custody there."""
    pairs: dict[tuple[str, str], list[FoundRow]] = {}
    for row in rows:
        pairs.setdefault((row.party, row.recipient), []).append(row)
    return [
        _ask(desk, party, peer, receipt_pb2.Ask(undecided=[row.id for row in asked]), now, tuple(asked))
        for (party, peer), asked in pairs.items()
    ]


def _ask(
    desk: HostContext,
    party: str,
    peer: str,
    ask: receipt_pb2.Ask,
    now: datetime,
    rows: tuple[FoundRow, ...] = (),
) -> Bundle[FoundRow]:
    ask.sender, ask.recipient = party, peer
    ask.time.CopyFrom(timestamp(now))
    keys = desk.keys[party]
    signed = envelope.sign(ask.SerializeToString(deterministic=True), envelope.ASK, keys.signing, keys.keyid)
    data = statement_pb2.Envelopes(envelopes=[signed]).SerializeToString()
    headers = {"Nats-Msg-Id": sha256(data).hexdigest()}
    return Bundle(subjects.Subject(party, peer, subjects.ASK), data, headers, rows)


async def _mark(desk: HostContext, rows: Sequence[FoundRow], patience: RetryPolicy) -> None:
    """Mark rows relayed, and due again later. A crash before this sends them twice; the inbox keeps one."""
    delivery = table(Delivery)
    now = desk.now()
    # `awaits` in the condition: a receipt may have come in between, and its new due time stands.
    statement = (
        delivery.update()
        .where(delivery.c.id == bindparam("key"), delivery.c.awaits == bindparam("was"))
        .values(attempts=bindparam("new_attempts"), relayed=bindparam("at"), due=bindparam("next"))
    )
    values = [
        {
            "key": row.id,
            "was": row.awaits,
            "new_attempts": row.attempts + 1,
            "at": now,
            "next": now + patience.after(row.attempts),
        }
        for row in sorted(rows, key=lambda row: row.id)
    ]
    async with desk.database.write() as connection:
        await connection.execute(statement, values)


async def _postpone(desk: HostContext, rows: Sequence[FoundRow], due: datetime) -> None:
    """Postpone what cannot be sent now, without holding up the others."""
    if not rows:
        return
    delivery = table(Delivery)
    later = delivery.update().where(delivery.c.id == bindparam("key")).values(due=due)
    async with desk.database.write() as connection:  # in id order, as settling does
        await connection.execute(later, [{"key": id} for id in sorted(row.id for row in rows)])


async def publish_replies(publish: Publish, replies: dict[subjects.Subject, list[bytes]]) -> None:
    """Send receipts, many in one message. If this fails, the sender's repeat or ask brings them again."""
    most = MOST_ITEMS[subjects.RECEIPT]
    for subject, envelopes in replies.items():
        for start in range(0, len(envelopes), most):
            data = statement_pb2.Envelopes(envelopes=envelopes[start : start + most]).SerializeToString()
            await publish(subject, data, {})
